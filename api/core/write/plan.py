"""A change that is valid and not yet stored: the value between a body and an answer, which every write makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Model, Q
from rest_framework.exceptions import PermissionDenied
from rest_framework.serializers import ListSerializer

from api.core.resource.resource_type import ResourceType
from api.core.write.integrity import is_duplicate, refusals, saving
from api.core.write.locking import lock_wholes
from resources.core.access import unsaved
from resources.core.actor import Actor
from resources.core.database.attribution import Attribution, attributed_to
from resources.core.database.drivers import DriverRow, Returning
from resources.core.keys import Key
from resources.core.policy import ALL, Verb
from serializers.core.kinds import row_serializer
from serializers.core.problems import Fault, Refusal
from serializers.core.write import bulk_insert, row_sql, validation
from serializers.core.write.bulk_sql import NotLoadable
from serializers.core.write.values import Values, Writer

type Writers = Mapping[str, Writer]
"""Validated serializers, by the pointers of their bodies."""
type Target = Callable[[WritePlan, Returning | None], Sequence[SavedRow]]
"""Writes the rows of a plan; what is asked of one row it gives along, if it can tell."""


class SavedRow(NamedTuple):
    """What tells a row that was written from others.

    Attributes:
        pk: its primary key.
        key: what it is found by in an address; that may be None.
        given: what the statement that wrote it gave of it; None where it could not tell.
    """

    pk: Key
    key: Key | None
    given: DriverRow | None = None


def attribution_of(actor: Actor, request_id: str) -> Attribution:
    """Return to whom the journal attributes what an actor writes."""
    person, key = (None if each is None else str(each) for each in (actor.id, actor.key))
    return Attribution(person, key, request_id)


@dataclass(frozen=True)
class Author:
    """Who writes rows of a resource, and how.

    Attributes:
        resource: whose rows.
        verb: what is done to them.
        actor: who does it.
        unseen: the columns that the actor may not see: nothing is told of a constraint on them but that it is broken.
        request_id: of the request by which they do it.
    """

    resource: ResourceType
    verb: Verb
    actor: Actor
    unseen: frozenset[str]
    request_id: str

    @cached_property
    def allowed(self) -> Q:
        """Return the rows on which the actor may do it: the policy is asked once for each write."""
        return self.resource.allowed(self.verb, self.actor)

    @property
    def attribution(self) -> Attribution:
        """Return to whom the journal attributes what is written."""
        return attribution_of(self.actor, self.request_id)

    @contextmanager
    def transaction(self, writers: Writers) -> Iterator[None]:
        """Write within one transaction, all or nothing; what the database refuses becomes a problem.

        Where another row has the values, the policy is asked first: a conflict would tell those who may not save the
        row that the other is there, which they may not know. Then every rule is told that any of the rows breaks: what
        the database takes has broken none, so that rules are asked about only here.

        Args:
            writers: what is written, validated; it may be added while the transaction is open.

        Raises:
            PermissionDenied: the policy would not have allowed the row either.
            Refusal: `conflict` or `invalid-body`.
        """
        try:
            with attributed_to(self.attribution), saving(self.unseen):
                yield
        except Refusal as refusal:
            if is_duplicate(refusal) and refusal.__cause__ is not None:
                row = unsaved.row_of(refusal.__cause__, self.resource.model)
                self.refuse_unsaved(validation.rows_of(writers.values()) if row is None else [row])
            alone = {pointer: each for pointer, each in writers.items() if not isinstance(each, ListSerializer)}
            faults = [fault for pointer, each in alone.items() for fault in validation.rule_faults_of(each, pointer)]
            if faults:
                raise validation.refusal(faults) from None
            raise

    def refuse_unsaved(self, rows: Sequence[Model]) -> None:
        """Refuse when the policy would not allow one of some rows that are not stored.

        Raises:
            PermissionDenied: it would not.
        """
        model = self.resource.model
        known = [row for row in rows if isinstance(row, model._meta.concrete_model or model)]
        if not unsaved.would_be_among(model, known, self.allowed):
            raise PermissionDenied

    def refuse_first(self, writers: Writers, faults: Sequence[Fault]) -> None:
        """Ask the policy of rows that are right but for what others have, before that is told.

        Raises:
            PermissionDenied: it would not allow one of them.
        """
        if all(map(validation.is_conflict, faults)):
            self.refuse_unsaved(validation.rows_of(writers.values()))


@dataclass(frozen=True, slots=True)
class WritePlan:
    """What is to be written.

    Attributes:
        author: who writes it.
        writers: what the rows are to hold.
        target: how they are written.
    """

    author: Author
    writers: Writers
    target: Target

    def write(self, returning: Returning | None = None) -> Sequence[SavedRow]:
        """Write the rows, in the transaction that is open; whether the policy allows what they hold is yet to be asked.

        Args:
            returning: what the statement that writes one row is asked to give of it.

        Raises:
            Refusal: the database would not have one of them.
        """
        several = len(self.writers) != 1 or any(isinstance(each, ListSerializer) for each in self.writers.values())
        if self.author.verb == "create" and several:
            values = [values for writer in self.writers.values() for values in _values(writer)]
            lock_wholes(self.author.resource.model, values)
        return self.target(self, returning)

    def refuse_outside(self, rows: Sequence[SavedRow]) -> None:
        """Refuse rows that are not among those that the policy allows, like SQL's WITH CHECK.

        Raises:
            PermissionDenied: one is not.
        """
        refuse_outside(self.author.resource.model, [row.pk for row in rows], self.author.allowed)


def refuse_outside(model: type[Model], keys: Sequence[Key], allowed: Q) -> None:
    """Refuse when a row is not among those that are allowed.

    Raises:
        PermissionDenied: one is not.
    """
    if allowed is ALL:
        return
    inside = model._base_manager.filter(allowed, pk__in=keys).values_list("pk", flat=True)
    if {*keys} - {*inside}:
        raise PermissionDenied


def _values(writer: Writer) -> Sequence[Values]:
    several = isinstance(writer, ListSerializer)
    values: Sequence[Values] = writer.validated_data if several else [writer.validated_data]
    return values


def insert_rows(plan: WritePlan, returning: Returning | None) -> Sequence[SavedRow]:
    """Insert new rows at once, where saving them does nothing else; they are found by their primary keys."""
    writers = [row_serializer(writer) for writer in plan.writers.values()]  # each is of one row
    with refusals("", writers[0], plan.author.unseen):
        if len(writers) == 1:
            with suppress(NotLoadable):
                model = bulk_insert.model_written_by(writers[0])
                key, given = row_sql.insert(model, writers[0].validated_data, returning)
                return [SavedRow(key, key, given)]
        return [SavedRow(key, key) for key in bulk_insert.insert(writers)]


def save_with(save: Callable[[Writer], None]) -> Target:
    """Return the target that has each serializer save its row, as a `perform_create` or `perform_update` says."""

    def save_rows(plan: WritePlan, _: Returning | None) -> Sequence[SavedRow]:
        for pointer in plan.writers:
            save_one(plan, pointer, save)
        return [saved_row(plan.author.resource, row_of(writer)) for writer in plan.writers.values()]

    return save_rows


def save_one(plan: WritePlan, pointer: str, save: Callable[[Writer], None]) -> None:
    """Save one row of a plan, or a list that a serializer of its own saves.

    Raises:
        Refusal: the database would not have it; the problem points to its body.
    """
    with refusals(pointer, plan.writers[pointer], plan.author.unseen):
        save(plan.writers[pointer])


def update_row(save: Callable[[Writer], None]) -> Target:
    """Return the target that changes a row by one statement, where saving it does nothing else.

    Args:
        save: saves it where that cannot be.
    """

    def update(plan: WritePlan, returning: Returning | None) -> Sequence[SavedRow]:
        [(pointer, writer)] = plan.writers.items()
        row, key = row_of(writer), plan.author.resource.key
        try:
            with refusals(pointer, writer, plan.author.unseen):
                given = row_sql.change(row, writer.validated_data, returning)
        except NotLoadable:
            return save_with(save)(plan, None)
        return [SavedRow(row.pk, writer.validated_data.get(key.name, getattr(row, key.attname)), given)]

    return update


def row_of(writer: Writer) -> Model:
    """Return the row that a serializer changes, or has saved."""
    row: Model | None = writer.instance
    assert row is not None  # noqa: S101
    return row


def saved_row(resource: ResourceType, row: Model) -> SavedRow:
    """Return what tells a saved row from others."""
    return SavedRow(row.pk, getattr(row, resource.key.attname, None))

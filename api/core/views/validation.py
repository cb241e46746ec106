"""How bodies become validated serializers: quickly where only DRF's code sees them, and as DRF does elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import NoReturn

from django.db import connections, router
from django.db.models import Model
from rest_framework.parsers import BaseParser
from rest_framework.request import Request, override_method
from rest_framework.serializers import ListSerializer

from api.core.http.parsing import MergePatchParser, strict
from api.core.http.request import id_of
from api.core.query.deprecations import old_members
from api.core.query.field_rules import guard_for
from api.core.resource.marks import ours
from api.core.resource.readable import Readable
from api.core.views.reading import ReadView
from api.core.write.plan import Author, Writers
from resources.core.database.sql import Context, Execute
from resources.core.policy import ALL, Verb
from serializers.core.json import Json, round_trip
from serializers.core.kinds import RowsSerializer, Serializer, as_serializer, row_serializer
from serializers.core.problems import Fault, refuse
from serializers.core.read.selection import Selection
from serializers.core.write import defaults, validation
from serializers.core.write.batch_lookup import gather
from serializers.core.write.fast_validation import accept
from serializers.core.write.members import Shown
from serializers.core.write.prepared import prepared_for
from serializers.core.write.single_lookup import hasten
from serializers.core.write.write_access import UNGUARDED

MERGE_PATCH = MergePatchParser.media_type


@ours
class ValidationView(ReadView):
    """Reads the bodies of POST, PUT and PATCH."""

    def get_parsers(self) -> list[BaseParser]:
        """Read JSON strictly whatever parser reads it, and merge patches where there is something to merge with."""
        parsers = strict(super().get_parsers())
        patching = self.request is None or self.request.method == "PATCH"
        return [parser for parser in parsers if patching or parser.media_type != MERGE_PATCH]

    def body(self, request: Request) -> Json:
        """Return the body, read to its end before anything is locked.

        Raises:
            Refusal: there is none.
        """
        if request.stream is None:
            raise refuse("malformed-request", "The body is empty: send a JSON object.")
        body: Json = request.data  # a form is one of DRF's, until a serializer is prepared
        return body

    def author(self, verb: Verb) -> Author:
        """Return who writes, and how."""
        unseen = self.grammar_for(self.actor).unseen
        return Author(self.resource_type(), verb, self.actor, unseen, id_of(self.request._request))

    def valid_new_rows(self, bodies: Mapping[str, Json]) -> dict[str, Serializer]:
        """Return a validated serializer for each new row.

        Args:
            bodies: by their pointers.

        Raises:
            Refusal: with everything that is wrong with any of the bodies.
        """
        if len(bodies) == 1:
            [(pointer, body)] = bodies.items()
            prepared = self.prepared_writer("create", body)
            if prepared is not None:
                return {pointer: prepared}
        writers = self.writers(bodies)
        if any_faults(writers, ask=False):
            self.refuse_bodies(bodies)
        return writers

    def valid_change(self, row: Model, body: Json, *, partial: bool) -> Serializer:
        """Return a validated serializer of a change of a row.

        Raises:
            Refusal: with everything that is wrong with the body.
        """
        representation = cache(lambda: self.representation(row))
        prepared = self.prepared_writer("update", body, row, representation) if partial else None
        if prepared is not None:
            return prepared
        serializer = self.quick_writer(row, body, partial=partial)
        if faults := validation.faults(serializer, representation, ask=False):
            repeated = validation.repetitions(faults, body, representation)
            serializer = self.quick_writer(row, body, partial=partial, repeated=repeated)
            if faults := validation.faults(serializer, representation):
                self.refuse_outside_first("update", {"": serializer}, faults)
                raise validation.refusal(faults)
        defaults.settle(serializer)
        return serializer

    def refuse_bodies(self, bodies: Mapping[str, Json]) -> NoReturn:
        """Refuse bodies of which some are wrong, with everything that is.

        Raises:
            Refusal: always, unless the policy would not allow a row that is right but for what others have.
            PermissionDenied: it would not.
        """
        writers = self.writers(bodies)
        faults = any_faults(writers, ask=True)
        self.refuse_outside_first("create", writers, faults)
        raise validation.refusal(faults)

    def refuse_outside_first(self, verb: Verb, writers: Writers, faults: list[Fault]) -> None:
        """Ask the policy before a conflict is told; what custom code saves it asks itself.

        Raises:
            PermissionDenied: it would not allow one of the rows.
        """
        if not self.overrides("perform_create" if verb == "create" else "perform_update"):
            self.author(verb).refuse_first(writers, faults)

    def prepared_writer(
        self, verb: Verb, body: Json, row: Model | None = None, shown: Shown | None = None
    ) -> Serializer | None:
        """Return a validated serializer, if one is prepared, and the body is plainly right; None otherwise."""
        actor = self.actor
        if self.overrides("get_serializer") or self.request._request.content_type == MERGE_PATCH:
            return None
        kind: type = self.get_serializer_class()
        prepared = prepared_for(kind, changes=row is not None)
        plain = self.lookup_field == "pk" or self.resource_type().key.primary_key
        if (
            prepared is None
            or not plain
            or old_members(self.resource_type())
            or guard_for(self.resource_type(), actor, verb) != UNGUARDED
        ):
            return None
        readable = Readable(actor, self.request)
        if any(readable.condition(model) is not ALL for model in prepared.references):
            return None
        return prepared.validate(body, self.get_serializer_context(), row, shown)

    def representation(self, row: Model) -> dict[str, Json]:
        """Return what a row shows where it is read, and what the serializer that writes it shows besides."""
        selection = Selection(without=self.grammar_for(self.actor).without)
        with override_method(self, self.request, "GET"):
            read = self.presentation(selection)
        members = round_trip(read.to_representation(row))
        write = self.presentation(selection)
        return members if type(write) is type(read) else round_trip(write.to_representation(row)) | members

    def writers(self, bodies: Mapping[str, Json]) -> dict[str, Serializer]:
        """Return a serializer for each body; what those of a list refer to is looked up at once."""
        if len(bodies) < 2 or old_members(self.resource_type()):  # each body may use other names
            return {pointer: self.quick_writer(None, body, partial=False) for pointer, body in bodies.items()}
        first = self.writer(None, None, partial=False)
        gather(first, bodies.values())
        accept(first)
        return {pointer: validation.another(first, body) for pointer, body in bodies.items()}

    def writer(self, row: Model | None, body: Json, *, partial: bool, repeated: Collection[str] = ()) -> Serializer:
        """Return a serializer that is ready to read a body.

        Args:
            row: what is changed; None for what is new.
            body: as it was sent.
            partial: whether members may be left out.
            repeated: the members of the body that repeat what is stored.
        """
        serializer = as_serializer(self.declared_serializer(row, data=body, partial=partial))
        self.prepare(serializer, "create" if row is None else "update")
        if repeated:
            defaults.repeat(serializer, repeated)
        body = serializer.initial_data  # of a form, what it is as JSON
        if row is not None and not partial:
            defaults.complete(serializer, body, repeated)
        if self.request._request.content_type == MERGE_PATCH:
            serializer.initial_data = defaults.merge_columns(serializer, body)
        return serializer

    def list_writer(self, bodies: list[Json]) -> RowsSerializer:
        """Return a serializer that is ready to read a list of bodies of new rows (DRF's `many=True`)."""
        serializer = self.declared_serializer(None, data=bodies, partial=False, many=True)
        assert isinstance(serializer, ListSerializer)  # noqa: S101
        self.prepare(row_serializer(serializer), "create")
        return serializer

    def prepare(self, serializer: Serializer, verb: Verb) -> None:
        """Make a serializer ready to read bodies that the actor sends."""
        readable, guard = Readable(self.actor, self.request), guard_for(self.resource_type(), self.actor, verb)
        validation.prepare(serializer, readable.condition, guard, self.lookup_field, old_members(self.resource_type()))

    def quick_writer(
        self, row: Model | None, body: Json, *, partial: bool, repeated: Collection[str] = ()
    ) -> Serializer:
        """Return a serializer that is ready to read one body, which is no part of a list."""
        serializer = self.writer(row, body, partial=partial, repeated=repeated)
        hasten(serializer)
        return serializer


def any_faults(writers: Mapping[str, Serializer], *, ask: bool) -> list[Fault]:
    """Validate bodies, and return what is wrong with any of them."""
    faults = []
    for pointer, writer in writers.items():
        validation.take_fields(writer)
        faults += validation.faults(writer, None, pointer, ask=ask)
    return faults


@contextmanager
def statements_about(model: type[Model]) -> Iterator[list[str]]:
    """Yield a list of the statements that ask for rows of a model meanwhile."""
    connection = connections[router.db_for_read(model)]
    tables = [connection.ops.quote_name(each._meta.db_table) for each in (model, *model._meta.all_parents)]
    statements: list[str] = []

    def note[Bound, Answer](
        execute: Execute[Bound, Answer], sql: str, parameters: Bound, many: bool, context: Context
    ) -> Answer:
        if any(table in sql for table in tables):
            statements.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield statements

"""How a resource is written: validate, write, answer. All or nothing."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from django.db import OperationalError
from django.db.models import Model
from django.http import HttpResponseBase
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from api.core.http.links import absolute
from api.core.http.preferences import applied, prefers_minimal
from api.core.http.responses import answer, body_digest, nothing
from api.core.http.timing import Stopwatch
from api.core.query.field_rules import grammar_for
from api.core.query.parameters.reader import Reader
from api.core.query.shape import Shape
from api.core.read.announcements import announcements_of_rows
from api.core.read.pipeline import Pipeline
from api.core.read.read import Item, ReadRequest, read_row, row_written
from api.core.read.strategies import Reading as Rows
from api.core.read.strategies import among
from api.core.resource.marks import ours
from api.core.resource.resource_type import RowSource
from api.core.views.actions import find_and_lock
from api.core.views.conditions import refuse_unmatched
from api.core.views.validation import ValidationView, any_faults, statements_about
from api.core.write.constraint_errors import is_deadlock
from api.core.write.deletion import delete
from api.core.write.plan import (
    Author,
    SavedRow,
    WritePlan,
    Writers,
    insert_rows,
    row_of,
    save_one,
    save_with,
    saved_row,
    update_row,
)
from resources.core.database.attribution import attributed_to
from resources.core.database.drivers import Returning
from resources.core.policy import ALL
from serializers.core.fields import ADDRESSABLE
from serializers.core.json import Json
from serializers.core.problems import Refusal, refuse
from serializers.core.read.selection import Selection
from serializers.core.write import validation
from serializers.core.write.bulk_insert import insertable
from serializers.core.write.changed_columns import narrow
from serializers.core.write.row_sql import changeable
from serializers.core.write.values import Writer

MOST_AT_ONCE = 1000
DEADLOCKS = 3
"""How often a list is tried again when it and another have waited for each other."""


@ours
class WriteView(ValidationView):
    """POST, PUT, PATCH and DELETE."""

    def create(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Create one row from an object, or many from a list: all, or none."""
        self.refuse_nobody("create")
        selection, body = self.item_selection(request), self.body(request)
        if isinstance(body, list):
            return self.create_many(request, body, selection)
        plan = self.plan_of_new(self.valid_new_rows({"": body}))
        with plan.author.transaction(plan.writers):
            return self.respond_written(request, plan, selection)

    def update(self, request: Request, *args: str, **kwargs: str | bool) -> HttpResponseBase:
        """Replace a row: a member that is left out takes its default."""
        return self.change(request, self.item_key(), partial=bool(kwargs.get("partial")))

    def partial_update(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Set the members given, null included."""
        # As in DRF, so that an `update` of the viewset's own is asked as well.
        return self.update(request, *args, **kwargs | {"partial": True})

    def change(self, request: Request, key: str, *, partial: bool) -> HttpResponseBase:
        """Update a row, holding it from the moment it is read until it is saved."""
        self.refuse_nobody("update")
        selection, body = self.item_selection(request), self.body(request)
        writers: dict[str, Writer] = {}
        author = self.author("update")
        with author.transaction(writers):
            row = find_and_lock(self, author.actor, key, author.verb, author.allowed)
            refuse_unmatched(self, request, row, selection)
            writers[""] = self.valid_change(row, body, partial=partial)
            plan = self.plan_of_change(author, writers)
            return self.respond_written(request, plan, selection)

    def destroy(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Delete a row."""
        self.refuse_nobody("delete")
        reader = Reader(self.grammar_for(self.actor), request.query_params, allowed=frozenset())
        reader.refuse_others()
        reader.finish()
        key = self.item_key()
        author = self.author("delete")

        def find() -> Model:
            row = find_and_lock(self, author.actor, key, author.verb, author.allowed)
            refuse_unmatched(self, request, row)
            return row

        with attributed_to(author.attribution):
            delete(find, self.perform_destroy)
        return nothing(request, 204)

    def perform_create(self, serializer: Writer) -> None:
        """Save a new row; override it as in DRF."""
        serializer.save()

    def perform_update(self, serializer: Writer) -> None:
        """Save a changed row; override it as in DRF."""
        serializer.save()

    def perform_destroy(self, instance: Model) -> None:
        """Delete a row; override it as in DRF."""
        instance.delete()

    def plan_of_new(self, writers: Writers) -> WritePlan:
        """Return how new rows are written: inserted, where saving them does nothing else."""
        inserts = self.resource_type().key.primary_key and self.inserts(next(iter(writers.values())))
        return WritePlan(self.author("create"), writers, insert_rows if inserts else save_with(self.perform_create))

    def plan_of_change(self, author: Author, writers: Writers) -> WritePlan:
        """Return how a changed row is written: by one statement, where saving it does nothing else."""
        [serializer] = writers.values()
        plain = type(self).perform_update is WriteView.perform_update
        save = partial(save_changed, save=self.perform_update, plain=plain)
        target = update_row(save) if plain and changeable(serializer) else save_with(save)
        return WritePlan(author, writers, target)

    def inserts(self, writer: Writer) -> bool:
        """Whether saving a new row only inserts it: `perform_create` and all below it is plain."""
        return type(self).perform_create is WriteView.perform_create and insertable(writer)

    def create_many(self, request: Request, bodies: list[Json], selection: Selection) -> HttpResponseBase:
        """Create a row from each object of a list.

        Raises:
            Refusal: there are too many.
        """
        if len(bodies) > MOST_AT_ONCE:
            raise refuse("content-too-large", f"At most {MOST_AT_ONCE} rows can be created at once.")
        if validation.has_custom_lists(self.get_serializer_class()):
            return self.create_together(request, bodies, selection)
        placed = {f"/{place}": body for place, body in enumerate(bodies)}
        for _ in range(DEADLOCKS):
            # Lists with the same values in another order wait for each other. Of two, PostgreSQL ends one, which finds
            # the rows of the other when it tries again.
            try:
                return self.create_all(request, placed, selection)
            except OperationalError as error:
                if not is_deadlock(error):
                    raise
        return self.create_all(request, placed, selection)

    def create_all(self, request: Request, bodies: Mapping[str, Json], selection: Selection) -> HttpResponseBase:
        """Create a row from each body, by its pointer: at once, where saving them does nothing but insert them."""
        writers, author = self.writers(bodies), self.author("create")
        with statements_about(self.model()) as asked:
            wrong = any_faults(writers, ask=False)
        if wrong:
            self.refuse_bodies(bodies)
        if len(writers) > 1 and not asked and self.inserts(writers["/0"]):
            # What the database refuses is saved one by one below, to find which row it is.
            with suppress(Refusal), author.transaction({}):
                return self.respond_created(request, WritePlan(author, writers, insert_rows), selection)
        with author.transaction(writers):
            one_by_one = partial(self.save_in_turn, again=bool(asked))
            return self.respond_created(request, WritePlan(author, writers, one_by_one), selection)

    def save_in_turn(self, plan: WritePlan, _: Returning | None, *, again: bool) -> Sequence[SavedRow]:
        """Save the rows of a list one after the other (a target).

        Args:
            plan: whose writers are validated; those that save the rows take their places.
            again: whether each is validated again when those before it are saved, since it has asked about such rows.
        """
        writers = plan.writers
        assert isinstance(writers, dict)  # noqa: S101 - see `create_all`
        for place, pointer in enumerate(writers):
            if again and place:
                writers |= self.valid_new_rows({pointer: writers[pointer].initial_data})
            save_one(plan, pointer, self.perform_create)
        return [saved_row(plan.author.resource, row_of(writer)) for writer in writers.values()]

    def create_together(self, request: Request, bodies: list[Json], selection: Selection) -> HttpResponseBase:
        """Let the ListSerializer that the viewset's serializer names read and save a list, as in DRF."""
        writer = self.list_writer(bodies)
        faults = validation.list_faults(writer)
        if faults:
            self.refuse_outside_first("create", {"": writer}, faults)
            raise validation.refusal(faults)
        plan = WritePlan(self.author("create"), {"": writer}, self.save_together)
        with plan.author.transaction(plan.writers):
            return self.respond_created(request, plan, selection)

    def save_together(self, plan: WritePlan, _: Returning | None) -> Sequence[SavedRow]:
        """Save a list by its own ListSerializer (a target)."""
        [(pointer, writer)] = plan.writers.items()
        save_one(plan, pointer, self.perform_create)
        return [saved_row(plan.author.resource, row) for row in writer.instance or ()]

    def wants_a_body(self, request: Request) -> bool:
        """Whether an answer shows what was written; override it where a client must see it."""
        return not prefers_minimal(request)

    def respond_written(self, request: Request, plan: WritePlan, selection: Selection) -> HttpResponseBase:
        """Write a row, and answer with it as it is stored, or its ETag only; with neither where it may not be read."""
        (row, shown), created = write_one(self, plan, selection), plan.author.verb == "create"
        found = created and ADDRESSABLE.match(str("" if row.key is None else row.key))
        headers = {"Location": absolute(self.path(row.key))} if found else {}
        if shown is None:
            return nothing(request, 201 if created else 204, headers)
        if not self.wants_a_body(request):
            return nothing(request, 201 if created else 204, headers | applied("return=minimal") | {"ETag": shown.etag})
        headers |= announcements_of_rows(self.grammar_for(self.actor), selection)
        return answer(request, shown.body, shown.etag, headers, 201 if created else 200)

    def respond_created(self, request: Request, plan: WritePlan, selection: Selection) -> HttpResponseBase:
        """Write rows, and answer with them in the order they were sent, all read at once."""
        rows = plan.write()
        plan.refuse_outside(rows)
        if not self.wants_a_body(request):
            return nothing(request, 201, applied("return=minimal"))
        grammar = self.grammar_for(self.actor)
        pipeline = Pipeline(self, grammar, Shape((), 0, (), selection), self.actor)
        keys = [row.pk for row in rows]
        shown = {key: json for json, key in Rows(pipeline, among(keys), absolute("")).rows(len(keys))[1]}
        if shown.keys() != set(keys):
            return nothing(request, 201)
        body = f"[{','.join(shown[key] for key in keys)}]".encode()
        return answer(request, body, f'"{body_digest(body)}"', announcements_of_rows(grammar, selection), 201)


def save_changed(serializer: Writer, *, save: Callable[[Writer], None], plain: bool) -> None:
    """Save a changed row with the columns that have changed."""
    narrow(serializer, plain=plain)
    save(serializer)


def write_one(
    source: RowSource, plan: WritePlan, selection: Selection, origin: str | None = None
) -> tuple[SavedRow, Item | None]:
    """Write the row of a plan, and read it as it is stored then, if the actor may read it.

    It is held against the policy, and read, by the statement that writes it, where that sees all that is made of it;
    else by one more.

    Args:
        source: shows rows.
        plan: of one row.
        selection: what is shown of it.
        origin: what links begin with, where it is not that of the request that Django is answering.

    Raises:
        Refusal: the database would not have it.
        PermissionDenied: it is outside the policy.
    """
    author = plan.author
    grammar = grammar_for(author.resource, author.actor)
    request = ReadRequest(source, grammar, author.actor, (), absolute("") if origin is None else origin)
    shape = Shape((), 0, (), selection)
    by_writing = row_written(request, shape, author.verb)
    [row] = plan.write(by_writing.returning if by_writing else None)
    if by_writing and row.given is not None:
        return row, by_writing.item(row.given)
    # By its primary key: a row may have nothing yet that it could be found by, or the same as another.
    rule, column = None if author.allowed is ALL else author.verb, author.resource.model._meta.pk
    shown = read_row(request, shape, row.pk, Stopwatch(), column, verb=rule)
    if shown is None:
        plan.refuse_outside([row])
    elif not shown.allowed:
        raise PermissionDenied
    return row, shown

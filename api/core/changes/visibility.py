"""What somebody may know of changes: their list's own policy, filters and serializer, asked of rows as they were.

Once of what rows were before, and once of what they were after: who could read a row before and after is told of an
update, who only after of a creation, who only before of a deletion, and anybody else of nothing. In statements of
many changes, which are traced like any read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

from django.db.models import BigIntegerField, Exists, Model, OuterRef, QuerySet, TextField, Value
from django.db.models.expressions import BaseExpression

from api.core.changes.facts import asks_for_itself, put_back
from api.core.changes.images import POSITION, Beside, Images, Present, Side, Span, in_place
from api.core.read.pipeline import Pipeline
from api.core.read.strategies import Part, Reading
from api.core.tracing.slots import Slot, typed
from resources.core.database.columns import Column
from serializers.core.read.compiled.expressions import AsText, JSONValue, in_text

type SpanValues = Mapping[str, int | str]
"""The values of a span of changes: positions, and perhaps a key."""
type SpanSlots = Mapping[str, int | str | Slot]
"""The same, or their slots."""
type ShowRows = Callable[[QuerySet[Model], Mapping[str, BaseExpression]], QuerySet[Model]]
"""Makes rows load what is shown of them, and expressions beside it, by their names."""
Kind = Literal["created", "updated", "deleted"]
LAST = 2**62
"""A position beyond all."""
EVERY = 2**31
"""More rows than any page of changes has."""


class Entry(Protocol):
    """A change, as far as visibility knows it."""

    @property
    def position(self) -> int:
        """Return its place in the order."""
        ...

    @property
    def operation(self) -> str:
        """Return what was done: `I`, `U` or `D`."""
        ...


class Shown(NamedTuple):
    """What somebody is shown of a change.

    Attributes:
        kind: what it is to them: a row that they cannot read any more is deleted.
        id: what names the row in its address, as JSON.
        data: the row, as JSON; of one that is deleted, its `id`.
    """

    kind: Kind
    id: str
    data: str


class After(NamedTuple):
    """A row as it was after a change, which could be read then.

    Attributes:
        id: what names it in its address, as JSON.
        data: the row, as JSON.
        readable: whether it may be read as it is now or, if it is gone, as it was at last.
    """

    id: str
    data: str
    readable: bool


class Taken(NamedTuple):
    """What the transactions of some changes took away, of which the changes' own tables know nothing.

    Attributes:
        tables: in which rows were deleted or changed.
        around: positions between which these transactions lie as a whole; None where an index finds them.
    """

    tables: frozenset[str] = frozenset()
    around: tuple[int, int] | None = None


NOTHING_TAKEN = Taken()


@dataclass(frozen=True)
class Visibility:
    """What somebody may know of the changes of one resource.

    Attributes:
        pipeline: the rows that they may read, and how these are shown; its order counts for nothing.
        origin: scheme and host of the request, for links.
    """

    pipeline: Pipeline
    origin: str

    def of(self, entries: Sequence[Entry], taken: Taken = NOTHING_TAKEN, key: str | None = None) -> Mapping[int, Shown]:
        """Return what is shown of changes, by their positions; nothing of those that may not be known.

        Args:
            entries: all changes of the resource's table between two positions, in order.
            taken: what their transactions took away elsewhere.
            key: of the row whose changes they all are.
        """
        if not entries:
            return {}
        if not self.is_exact:
            standing = [entry for entry in entries if entry.operation != "D"]
            return self.present(standing, self.pipeline.grammar.model._meta.pk)
        span: dict[str, int | str] = {"first": entries[0].position - 1, "last": entries[-1].position}
        if key is not None:
            span["key"] = key
        operations = {entry.operation for entry in entries}
        after = self._after(span, taken) if operations & {*"IU"} else {}
        before = self._before(span, taken) if operations & {*("D" if self.is_open else "UD")} else {}
        shown = dict[int, Shown]()
        for entry in entries:
            position, now = entry.position, after.get(entry.position)
            if now is None and position in before:
                shown[position] = Shown("deleted", before[position], f'{{"id":{before[position]}}}')
            elif now is not None and now.readable:
                known = entry.operation == "U" and (self.is_open or position in before)
                shown[position] = Shown("updated" if known else "created", now.id, now.data)
        return shown

    def _after(self, span: SpanValues, taken: Taken) -> Mapping[int, After]:
        """Return the rows that could be read after changes, by their positions, and whether they still may be."""
        rows: Sequence[tuple[str, int, str, bool, bool]]
        rows = self._reading(image("after", span, everybody=self.is_open)).rows(EVERY)[1]
        gone = frozenset[int]()
        if not all(stands for *_, stands in rows):
            last = self._reading(image("last", _around(span, taken), taken.tables))
            gone = frozenset(row[0] for row in last.rows(EVERY)[1])
        return {
            position: After(id_, data, bool(readable) if stands else position in gone)
            for data, position, id_, readable, stands in rows
        }

    def _before(self, span: SpanValues, taken: Taken) -> Mapping[int, str]:
        """Return the ids of the rows that could be read before changes, by their positions."""
        past = "D" if self.is_open else "UD"
        rows: Sequence[tuple[str, int]]
        rows = self._reading(image("before", _around(span, taken), taken.tables, operations=past)).rows(EVERY)[1]
        return {position: id_ for id_, position in rows}

    def present(self, entries: Sequence[Entry], reference: Column) -> Mapping[int, Shown]:
        """Return the rows that changes speak of as they stand now, each at its last change; none that is gone.

        Args:
            entries: all changes of a table between two positions.
            reference: the column that names the row in that table.
        """
        if not entries:
            return {}
        span = {"first": entries[0].position - 1, "last": entries[-1].position}
        rows: Sequence[tuple[str, int, str]] = self._reading(now(reference, span)).rows(EVERY)[1]
        return {position: Shown("updated", id_, json) for json, position, id_ in rows}

    def was_readable(self, key: str, taken: Taken = NOTHING_TAKEN) -> bool:
        """Whether a row that is gone could be read as it was when it was deleted.

        Args:
            key: its raw key.
            taken: what the transaction that deleted it took away elsewhere.
        """
        span = _around({"first": -1, "last": LAST, "key": key}, taken)
        return self.is_exact and bool(self._reading(image("last", span, taken.tables)).rows(1)[1])

    def _reading(self, part: Part) -> Reading:
        return Reading(self.pipeline, part, self.origin)

    @cached_property
    def is_exact(self) -> bool:
        """Whether the rows can be asked for as they were; not where the question would go to rows as they are now."""
        model, rows = self.pipeline.grammar.model, self.pipeline.single_rows
        concrete = model._meta.concrete_model or model
        return not concrete._meta.parents and not asks_for_itself(rows.query)

    @cached_property
    def is_open(self) -> bool:
        """Whether every row there may be is among those that are shown."""
        query = self.pipeline.single_rows.query
        return not query.where and len(query.alias_map) <= 1


def _around(span: SpanValues, taken: Taken) -> SpanValues:
    """Add where the transactions of changes lie as a whole, if anything was taken."""
    around = zip(("low", "high"), taken.around, strict=True) if taken.tables and taken.around else ()
    return {**span, **dict(around)}


BESIDE = {POSITION: Beside(POSITION)}


def image(
    side: Side,
    span: SpanValues,
    changed: frozenset[str] = frozenset(),
    *,
    everybody: bool = False,
    operations: str = "",
) -> Part:
    """Return the rows as they were on one side of changes.

    Of what they were after, it is rows as they are shown, each with its position, its id, whether they may be read as
    they stand now, and whether they stand at all. Of the other sides it is the ids and positions of those that could be
    read, or the positions alone.

    Args:
        side: which side.
        span: the values of the span: `first`, `last`, and perhaps `key`.
        changed: the tables that are asked of as they were before the transaction of each change.
        everybody: whether every row may be read by everybody.
        operations: what was done; nothing for everything.
    """

    def rows(pipeline: Pipeline, show: ShowRows, values: SpanSlots) -> list[QuerySet[Model]]:
        asked, model, over = pipeline.single_rows, pipeline.grammar.model, span_of(values, operations or "IUD")
        if side == "after":
            whole = model._base_manager.filter(pk=OuterRef("pk"))
            now = {"_readable": Exists(pipeline.source.readable_rows(pipeline.actor).filter(pk=OuterRef("pk")))}
            certain: dict[str, BaseExpression] = {"_readable": Value(True), "_stands": Value(True)}
            beside = {"_id": id_of(pipeline)} | (certain if everybody else now | {"_stands": Exists(whole)})
            asked = show(asked, BESIDE | beside)
        else:
            shown = {} if side == "last" else {"_id": id_of(pipeline)}
            asked = asked.annotate(**shown, **BESIDE).values_list(*shown, POSITION)
        asked = in_place(asked, lambda alias: Images(model, alias, side, over))
        if changed:
            put_back(asked.query, changed, over)
        return [asked]

    form = ("image", side, *sorted(span), everybody, operations, tuple(sorted(changed)))
    return Part(form, span, rows, shown=side == "after")


def now(reference: Column, span: SpanValues) -> Part:
    """Return the rows that changes speak of, as they stand now, each with the position of its last one and its id.

    Args:
        reference: the column that names the row in the table that was changed.
        span: the values of the span.
    """

    def rows(pipeline: Pipeline, show: ShowRows, values: SpanSlots) -> list[QuerySet[Model]]:
        asked, model, over = pipeline.single_rows, pipeline.grammar.model, span_of(values, "IUD")
        asked = show(asked, BESIDE | {"_id": id_of(pipeline)})
        return [in_place(asked, lambda alias: Present(model, alias, reference, over))]

    return Part(("now", reference.model._meta.db_table, reference.column, *sorted(span)), span, rows)


def span_of(values: SpanSlots, operations: str) -> Span:
    """Make a span of its values, or of their slots."""
    key = typed(values["key"], TextField()) if values.get("key") is not None else None
    positions = {name: typed(values[name], BigIntegerField()) for name in POSITIONS if name in values}
    around = (positions["low"], positions["high"]) if "low" in positions else None
    return Span(positions["first"], positions["last"], key, operations, around)


POSITIONS = ("first", "last", "low", "high")
"""The values of a span that are positions."""


def id_of(pipeline: Pipeline) -> BaseExpression:
    """Return what names a row in its address, as JSON."""
    return AsText(JSONValue(in_text(pipeline.grammar.resource.key)))

"""Which changes cannot have to do with a list, told by what the log holds of a row, without asking the database.

A thousand people follow a thousand filters, and a write fits few of them. What is told here is told of plain conditions
only, on columns of the row itself, whose raw values in the log compare as they are: whole numbers and texts. Of any
other condition nothing is told, and the database is asked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from django.db.models import AutoField, CharField, Field, ForeignKey, IntegerField, TextField

from api.core.query.filters.conditions import Condition
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.lookups import Target
from api.core.read.pipeline import Pipeline
from resources.core.database.related import LOOKUP_SEPARATOR
from resources.core.journal.log import Entry

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda stored, values: stored in values,
}
NOTHING: Mapping[str, object] = {}


class Comparison(NamedTuple):
    """A condition that every row of a list meets.

    Attributes:
        column: its name in the log.
        kind: of its values: `int` or `str`.
        compare: compares what is stored with what is asked for.
        value: that is asked for.
    """

    column: str
    kind: type
    compare: Callable[[Any, Any], bool]
    value: object

    def knows(self, row: Mapping[str, object]) -> bool:
        """Whether the stored value is one that compares here as in the database."""
        stored = row.get(self.column)
        return type(stored) is self.kind or (stored is None and self.column in row)

    def may_hold(self, row: Mapping[str, object]) -> bool:
        """Whether a row may meet it; one whose value has another form may."""
        stored = row.get(self.column)
        if stored is None:
            return self.column not in row  # NULL meets no comparison
        return type(stored) is not self.kind or self.compare(stored, self.value)


def comparisons_of(pipeline: Pipeline) -> Sequence[Comparison]:
    """Return the conditions of a list of which something can be told."""
    found = [_comparison(pipeline, node) for node in pipeline.shape.conditions if isinstance(node, Condition)]
    return [each for each in found if each is not None]


def _comparison(pipeline: Pipeline, node: Condition) -> Comparison | None:
    filter_ = pipeline.grammar.filters[node.name]
    if type(filter_) is not LookupFilter or node.negated or LOOKUP_SEPARATOR in str(filter_.field_name):
        return None
    compare, column = COMPARISONS.get(filter_.lookup_expr), filter_.column
    value = pipeline.filters[node.slot] if node.slot < len(pipeline.filters) else None
    kind, values = _kind(column), value if filter_.lookup_expr == "in" else [value]
    ordered = filter_.lookup_expr not in ("exact", "in")
    if compare is None or kind is None or not isinstance(values, list | tuple) or (kind is str and ordered):
        return None
    if any(type(each) is not kind for each in values):
        return None
    return Comparison(str(getattr(column, "column", "")), kind, compare, value)


def _kind(column: Target) -> type | None:
    """Return of which kind the raw values of a column are, where they compare as they are."""
    if isinstance(column, ForeignKey):
        return _kind(column.target_field)
    if not isinstance(column, Field) or getattr(column, "db_collation", None):
        return None
    if isinstance(column, IntegerField | AutoField):
        return int
    return str if isinstance(column, CharField | TextField) else None


def may_concern(comparisons: Sequence[Comparison], entry: Entry) -> bool:
    """Whether a row may have met all conditions before a change, or may meet them after it."""
    return any(
        all(each.may_hold(row) for each in comparisons) for row in (_read(entry.before), _read(entry.after)) if row
    )


@lru_cache(maxsize=4096)
def _read(row: str | None) -> Mapping[str, object]:
    """Read a row of the log: once for all lists."""
    if row is None:
        return NOTHING
    read: Mapping[str, object] = msgspec.json.decode(row)
    return read

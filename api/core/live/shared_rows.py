"""Rows that many lists show alike, and tell apart by plain conditions: each is read once for all of them.

A thousand lists that differ in the values of their filters alone are a thousand questions to the database for each row
that changes. They are one question where Python decides which list a row is in (`Comparison`): what is compared is read
in the same statement as what is shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from django.db.models import F, Field, Model, QuerySet
from django.db.models.expressions import BaseExpression

from api.core.live.list_rows import Cache, Compared, ListRows, Row, Statement, statement_of
from api.core.live.prefilter import Comparison, comparisons_of
from api.core.read.pipeline import Pipeline, Show
from api.core.read.strategies import Part, Reading, Values
from api.core.tracing.slots import typed


class SharedRows(NamedTuple):
    """Reads the rows of one list among others.

    Attributes:
        rows: the same list without its conditions.
        text: what lists have in common that read the same.
        comparisons: its conditions, all of them.
        columns: that are compared.
    """

    rows: ListRows
    text: Hashable
    comparisons: Sequence[Comparison]
    columns: tuple[str, ...]

    def with_keys(self, keys: Sequence[str], cache: Cache) -> Mapping[str, Row] | None:
        """Read those with some keys; None where a value has a form that only the database compares."""
        found = dict[str, Row]()
        for key in keys:
            name = (self.text, self.columns, key)
            if name not in cache:
                cache[name] = self._read(key)
            read = cache[name]
            if read is None:
                continue
            row, values = read
            if not all(each.knows(values) for each in self.comparisons):
                return None
            if all(each.may_hold(values) for each in self.comparisons):
                found[key] = row
        return found

    def _read(self, key: str) -> tuple[Row, Compared] | None:
        rows = self.rows
        part = _beside(rows.column.name, rows.column.to_python(key), self.columns)
        _, read = Reading(rows.plan.pipeline, part, rows.plan.origin).rows(1)
        if not read:
            return None
        json, *values = read[0]
        return rows.row(key, json), dict(zip(self.columns, values, strict=True))


def _beside(column: str, key: object, columns: tuple[str, ...]) -> Part:
    """Return the row with a key, with the values of some columns beside it."""

    def rows(pipeline: Pipeline, show: Show, values: Values) -> list[QuerySet[Model]]:
        stored = pipeline.grammar.model._meta.get_field(column)
        assert isinstance(stored, Field)  # noqa: S101 - it is the key
        names = {each.column: each.attname for each in pipeline.grammar.model._meta.concrete_fields}
        beside: dict[str, F | BaseExpression] = {f"_{name}": F(names[name]) for name in columns}
        return [show(pipeline.single_rows.filter(**{column: typed(values["key"], stored)}), beside)]

    return Part(("live row", column, columns), {"key": key}, rows)


def shared_rows_of(rows: ListRows) -> SharedRows | None:
    """Return how a list reads rows together with others; None where Python cannot decide what is in it."""
    pipeline = rows.plan.pipeline
    comparisons = comparisons_of(pipeline)
    decided = len(comparisons) == len(pipeline.shape.conditions) and comparisons and not pipeline.words
    if not decided or rows.window is not None or pipeline.resource.custom_code is not None:
        return None
    everything = replace(pipeline, shape=replace(pipeline.shape, conditions=()), filters=())
    unfiltered = ListRows(rows.plan._replace(pipeline=everything), None)
    statement: Statement = statement_of(unfiltered)
    if statement.text is None:
        return None
    columns = tuple(sorted({each.column for each in comparisons}))
    return SharedRows(unfiltered, (statement.text, rows.plan.origin), comparisons, columns)

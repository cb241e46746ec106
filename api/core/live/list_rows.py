"""The rows of a live list, as they are stored now: all of them, or those with some keys.

May refuse: more rows than a live list holds.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import msgspec
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import BaseExpression

from api.core.read.pipeline import Pipeline, Show
from api.core.read.plan import Plan
from api.core.read.rendering import Compiled
from api.core.read.strategies import Part, Reading, Values, among, item
from resources.core.database.columns import Column
from resources.core.keys import Key
from serializers.core.problems import Fault, Refusal, refuse
from serializers.core.read.compiled.refusals import NotCompiled

MOST_ROWS = 10_000
ONE_BY_ONE = 16
"""Keys up to which each row is read by itself, by a statement that is kept."""


class Row(NamedTuple):
    """A row of a list.

    Attributes:
        key: of the row in its table, as text.
        id: what names it in its address, as JSON.
        json: the row, as the list shows it.
    """

    key: str
    id: str
    json: str


type Compared = Mapping[str, object]
"""The values of a row that conditions compare, by the names of their columns."""
type Cache = dict[Hashable, tuple[Row, Compared] | None]
"""Rows that were read while the same changes were looked at; None for one that nobody of these may read."""


class _WithId(msgspec.Struct):
    id: msgspec.Raw


_IDS = msgspec.json.Decoder(_WithId)


class ListRows(NamedTuple):
    """Reads the rows of one list.

    Attributes:
        plan: what was asked for.
        window: how many rows it shows at most, the first ones; None for all there are.
    """

    plan: Plan
    window: int | None

    @property
    def model(self) -> type[Model]:
        """Return whose rows they are."""
        return self.plan.pipeline.grammar.model

    @property
    def table(self) -> str:
        """Return the name of the table of the rows."""
        return self.model._meta.db_table

    @property
    def column(self) -> Column:
        """Return the column of the keys that the log tells."""
        column: Column = self.model._meta.pk
        return column

    def key(self, raw: Key) -> str:
        """Write a key, as the log or a driver has it."""
        try:
            return str(self.column.to_python(raw))
        except ValidationError:
            return str(raw)

    def reads(self, raw: Key) -> bool:
        """Whether a row can be read by a key: SQLite takes any text from another program, where there are UUIDs."""
        try:
            self.column.to_python(raw)
        except ValidationError:
            return False
        return True

    def all(self) -> list[Row]:
        """Read all of them, in their order.

        Raises:
            Refusal: there are too many.
        """
        _, found = Reading(self.plan.pipeline, FIRST, self.plan.origin).rows(self.window or MOST_ROWS + 1)
        if self.window is None and len(found) > MOST_ROWS:
            raise too_many()
        return [self.row(row[-1], row[0]) for row in found]

    def with_keys(self, keys: Sequence[str]) -> Mapping[str, Row]:
        """Read those with some keys."""
        pipeline, column, origin = self.plan.pipeline, self.column, self.plan.origin
        values = [column.to_python(key) for key in keys]
        if len(keys) <= ONE_BY_ONE:
            single = [Reading(pipeline, item(column.name, value), origin).rows(1)[1] for value in values]
            found = [self.row(key, rows[0][0]) for key, rows in zip(keys, single, strict=True) if rows]
        else:
            found = [self.row(row[-1], row[0]) for row in Reading(pipeline, among(values), origin).rows(len(keys))[1]]
        return {row.key: row for row in found}

    def row(self, key: Key, json: str) -> Row:
        """Make a row of its key and its JSON."""
        return Row(self.key(key), bytes(_IDS.decode(json).id).decode(), json)


def too_many() -> Refusal:
    """Return the refusal of a list that has too many rows."""
    told = f"A live list has {MOST_ROWS} rows at most. Ask for fewer by filters, or for the first ones by limit."
    return refuse("invalid-parameters", told, [Fault("required", told, parameter="limit")])


def _first(pipeline: Pipeline, show: Show, values: Values) -> list[QuerySet[Model]]:
    def with_key(rows: QuerySet[Model], beside: Mapping[str, F | BaseExpression]) -> QuerySet[Model]:
        return show(rows, {**beside, "_key": F("pk")})

    return pipeline.page(with_key, backwards=False, position=())


FIRST = Part(("live",), {}, _first)
"""The rows from the first one on, each with its key beside it."""


class Statement(NamedTuple):
    """What is asked of the database for a list.

    Attributes:
        text: what makes two lists the same, whoever asks; None where only their request would tell.
        tables: those that it reads beside the rows' own, or that it reads once more; None where that is unknown.
    """

    text: Hashable | None
    tables: frozenset[str] | None


def statement_of(rows: ListRows) -> Statement:
    """Find out what a list reads; once for all who ask for the same."""
    pipeline = rows.plan.pipeline
    if pipeline.resource.custom_code is not None:
        return Statement(None, None)
    values = repr((pipeline.filters, pipeline.words))
    key = (pipeline.resource, pipeline.grammar.hidden, pipeline.shape, values, pipeline.actor)
    statement = _STATEMENTS.get(key)
    if statement is None:
        while len(_STATEMENTS) >= MOST_STATEMENTS:
            _STATEMENTS.pop(next(iter(_STATEMENTS)), None)
        statement = _STATEMENTS[key] = _statement_of(rows)
    return statement


_STATEMENTS: dict[Hashable, Statement] = {}
MOST_STATEMENTS = 2048


def _statement_of(rows: ListRows) -> Statement:
    pipeline = rows.plan.pipeline
    showing = Compiled(pipeline)
    try:
        [first] = FIRST.rows(pipeline, showing.load, {})
        any_row = showing.load(pipeline.single_rows, {})
    except NotCompiled:
        return Statement(None, None)
    sql, params = first.query.sql_with_params()
    read, own = any_row.query.sql_with_params()[0], rows.table
    tables = {table for table in _tables() if f'"{table}"' in read}
    once = read.count(f'FROM "{own}"') + read.count(f'JOIN "{own}"') <= 1
    return Statement((sql, repr(params)), frozenset(tables - {own} if once else tables))


@cache
def _tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))

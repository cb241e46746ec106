"""The law of tracing: what is kept as a statement gives the very parameters, bound, that building it anew would give.

Every kept statement was built three times: twice with slots, and once with the values and the actor of the request.
All three must be the same SQL and, when bound, the same parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache
from typing import NoReturn

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

from api.core.tracing.actors import ACTOR_ID, Question, SymbolicActor
from api.core.tracing.slots import Slot, Untraceable
from resources.core.actor import Actor
from resources.core.database.drivers import LIMIT, PLACEHOLDER, USUAL, DriverRow, fetch
from resources.core.database.sql import Parameter

type Bindings = Mapping[str, object]
"""Bindings by their names, or the slots of them."""
type Build = Callable[[Actor | SymbolicActor, Bindings], Sequence[QuerySet[Model]]]
"""Builds querysets for an actor, with values; both may be symbolic."""

SOURCES = re.compile(r'\b(?:FROM|JOIN)\s+(?:ONLY\s+|LATERAL\s+)*("[^"]+"|[\w.]+)', re.IGNORECASE)
"""What a query reads."""
DATED = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Statement:
    """A statement whose values are yet to come.

    Attributes:
        database: the alias of the database that it was built for.
        sql: with `%s` for every parameter, and `LIMIT` where its limit belongs; empty for a statement that finds
            nothing, whatever the values.
        params: constants, and slots at the places of values.
    """

    database: str
    sql: str
    params: tuple[Parameter | Slot, ...]

    def bind(self, values: Bindings, connection: BaseDatabaseWrapper) -> list[Parameter]:
        """Put values, by their names, in the places of the slots, each brought to the database's form."""
        return [
            param.bind(values[param.name], connection) if isinstance(param, Slot) else param for param in self.params
        ]

    def fetch(self, values: Bindings, most: int, start: int) -> list[DriverRow]:
        """Run the statement, and return up to a number of its rows."""
        if not self.sql:
            return []
        connection = connections[self.database]
        params = self.bind(values, connection)
        if not start and most in USUAL:
            return fetch(connection, self.sql, params, most)
        return fetch(connection, self.sql, self._with_limit(params, most, start))

    def of_row(self, model: type[Model]) -> str | None:
        """Return what the statement selects, if all of it is of one row of a model's table, whichever that is."""
        return _of_row(self.sql, connections[self.database].ops.quote_name(model._meta.db_table))

    def _with_limit(self, params: list[Parameter], most: int, start: int) -> list[Parameter]:
        """Put a limit and an offset among the parameters."""
        before = len(PLACEHOLDER.findall(self.sql.partition(LIMIT)[0]))
        return [*params[:before], most, start, *params[before:]]

    @property
    def names(self) -> set[str]:
        """Return the names of the values it waits for."""
        return {param.name for param in self.params if isinstance(param, Slot)}


@dataclass(frozen=True, slots=True)
class Trace:
    """What tracing a shape left.

    Attributes:
        statements: to be run in turn.
        answers: to what was asked about the actor; good for those only who would answer the same.
    """

    statements: tuple[Statement, ...]
    answers: Mapping[Question, bool]


def trace(build: Build, actor: Actor, values: Bindings) -> Trace:
    """Build the querysets of a shape with slots, and keep their statements if they obey the law.

    Args:
        build: builds them.
        actor: who asks.
        values: what is asked for, by the names of the slots.

    Raises:
        Untraceable: the law is broken, and how.
    """
    real = [statement_of(rows) for rows in build(actor, values)]  # first, since what fails here is no matter of tracing
    one, other = _symbolic(build, actor, values), _symbolic(build, actor, values)
    if one.answers != other.answers or len(one.statements) != len(other.statements):
        raise Untraceable("two traces of one shape ask for different things")
    for first, second, third in zip(one.statements, other.statements, real, strict=True):
        _hold(first, second, "two traces of one shape differ", {})
        _hold(first, third, "the statement depends on its values", {**values, ACTOR_ID: actor.id})
        _refuse_the_clock(first)
    if not set(values) <= {name for statement in one.statements for name in statement.names}:
        raise Untraceable("a value that went in did not come out")
    return one


def statement_of(rows: QuerySet[Model]) -> Statement:
    """Compile a queryset, as it stands."""
    try:
        sql, params = rows.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return Statement(rows.db, "", ())
    return Statement(rows.db, sql if LIMIT in sql else f"{sql} {LIMIT}", tuple(params))


@lru_cache(maxsize=1024)
def _of_row(sql: str, table: str) -> str | None:
    head, tail = "SELECT ", f" FROM {table} {LIMIT}"
    if not sql.startswith(head) or not sql.endswith(tail):
        return None
    selected = sql[len(head) : -len(tail)]
    # A statement that writes still reads the table as it was. So queries within may read tables of other models only:
    # what is not one, such as a view or a function, may read this table in turn.
    named = re.search(rf"\b{re.escape(table.strip('"'))}\b", selected.replace(f"{table}.", ""), re.IGNORECASE)
    sources = {source.strip('"').lower() for source in SOURCES.findall(selected)}
    return None if named or not sources <= _tables() or selected.startswith("DISTINCT") else selected


@cache
def _tables() -> frozenset[str]:
    """Return the tables of models, in small letters."""
    models = apps.get_models(include_auto_created=True)
    return frozenset(model._meta.db_table.lower() for model in models if model._meta.managed)


def _symbolic(build: Build, actor: Actor, values: Bindings) -> Trace:
    symbolic = SymbolicActor(actor)
    slots = {name: Slot(name) for name in values}
    try:
        with ExitStack() as stack:
            for connection in connections.all(initialized_only=True):
                stack.enter_context(connection.execute_wrapper(_refuse_to_ask))
            return Trace(tuple(statement_of(rows) for rows in build(symbolic, slots)), symbolic.answers)
    except Untraceable:
        raise
    except Exception as error:  # whatever took a slot for a value
        raise Untraceable(f"{type(error).__name__}: {error}") from error


def _refuse_to_ask(*_: object) -> NoReturn:
    raise Untraceable("the database is asked while the statement is built, and may answer otherwise next time")


def _hold(one: Statement, other: Statement, fault: str, values: Bindings) -> None:
    if _plain(one.sql) != _plain(other.sql):
        raise Untraceable(f"{fault}, in their SQL")
    if values and one.bind(values, connections[one.database]) != list(other.params):
        raise Untraceable(f"{fault}, in their parameters")
    if not values and list(map(repr, one.params)) != list(map(repr, other.params)):
        raise Untraceable(f"{fault}, in their parameters")


def _plain(sql: str) -> str:
    """Pass over the parentheses that Django puts around an expression, and not around a value."""
    return sql.replace("(%s)", "%s")


def _refuse_the_clock(statement: Statement) -> None:
    """Refuse constants that are times: nobody can tell those of the model from those of the clock."""
    for param in statement.params:
        if isinstance(param, date | time) or (isinstance(param, str) and DATED.match(param)):
            raise Untraceable("it holds a time, which may be that of the clock")

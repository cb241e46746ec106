"""How the database goes about the statements of one read, with the values of the request: its own words, line by line.

Each statement is explained and then run, since the next may depend on what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.db import OperationalError, connections

from resources.core.database.budget import is_over
from resources.core.database.sql import Parameter

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
READS = ("SELECT", "WITH")


class Cursor(Protocol):
    """What a statement was run by."""

    def fetchall(self) -> Sequence[Sequence[object]]:
        """Return the rows that it gives."""
        ...


type Context = dict[str, Cursor | None]
"""What Django tells those who stand around a statement: its cursor, and what is not asked here. Headwater's own are run
without one."""
type Execute = Callable[[str, Sequence[Parameter], bool, Context], Sequence[Sequence[object]] | None]


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """A statement of a read.

    Attributes:
        sql: as the driver is given it.
        values: those of its parameters, as text.
        plan: how the database goes about it.
    """

    sql: str
    values: list[str]
    plan: list[str]


@contextmanager
def plans(using: str) -> Iterator[list[StatementPlan]]:
    """Collect the plans of the statements that are run meanwhile; one that takes too long is the last."""
    found: list[StatementPlan] = []

    def explain_and_run(
        execute: Execute, sql: str, params: Sequence[Parameter], many: bool, context: Context
    ) -> Sequence[Sequence[object]] | None:
        if sql.startswith(READS):
            cursor, explained = context["cursor"], f"{EXPLAIN[connections[using].vendor]} {sql}"
            rows = execute(explained, params, many, context)
            given = rows or () if cursor is None else cursor.fetchall()
            found.append(StatementPlan(sql, [str(value) for value in params or ()], [*map(_line, given)]))
        return execute(sql, params, many, context)

    with connections[using].execute_wrapper(explain_and_run):
        try:
            yield found
        except OperationalError as error:
            if not found or not is_over(error):
                raise


def _line(row: Sequence[object]) -> str:
    """Return a line of a plan: the last column holds the text, for both databases."""
    return str(row[-1])

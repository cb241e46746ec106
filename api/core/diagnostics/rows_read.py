"""How many rows a statement reads, by the estimates of the database: nothing is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import DatabaseError, connections, transaction
from django.db.models import Model, QuerySet

from resources.core.database.sql import Parameter
from resources.core.database.table_size import table_size

type Plan = Mapping[str, str | float | list[Plan]]
"""A step of PostgreSQL's, with those that it takes rows from in `Plans`."""

STOPS_EARLY = frozenset(("Sort", "Hash", "Aggregate", "Materialize", "Bitmap Heap Scan", "SetOp"))
"""Steps that take all rows of those below before they give their first one, however few are asked for."""
KEPT = frozenset(("Hash", "Materialize"))
"""Those that keep what they took, however often they are asked again."""
SCANS = frozenset(("Seq Scan", "Index Scan", "Index Only Scan"))
GUESSED = 10
"""Rows that SQLite takes one value of an index to have, where it has no statistics (sqlite_stat1)."""
STEP = re.compile(
    r"(SCAN|SEARCH) (\S+)"
    r"(?: USING (?:(?:AUTOMATIC |PARTIAL |COVERING )*INDEX|INTEGER PRIMARY KEY) ?([^\s(]*))?(?: \((.*)\))?"
)
"""SQLite's step: how, the table or its alias, the index, and the condition that leads into it."""
BESIDE = re.compile(r"_(?:side|fts)\b")
"""Where SQLite finds folded text: the keys of all that match (resources.core.indexes)."""
ALIASES = re.compile(r'"(\w+)" "(\w+)"')


@dataclass(frozen=True, slots=True)
class Reading:
    """What a statement reads.

    Attributes:
        rows: how many, of all tables.
        returned: how many it returns, of a page at most; 1 at least.
        because: the step that reads most of them, as the database calls it.
    """

    rows: float
    returned: float
    because: str

    @property
    def each(self) -> float:
        """Return how many are read for each that is returned."""
        return self.rows / max(1.0, self.returned)


@dataclass(frozen=True, slots=True)
class By:
    """The column that a list is filtered by.

    Attributes:
        table: that has it; empty where nothing is filtered by a column.
        column: its name there.
        compared: whether by a bound, and not by equality.
    """

    table: str = ""
    column: str = ""
    compared: bool = False

    def leads(self, table: str, condition: str) -> bool:
        """Whether a search of SQLite's goes by the value of the filter, and by nothing else."""
        return table == self.table and condition in {
            f"{self.column}{sign}?" for sign in ("<>" if self.compared else "=")
        }


def rows_read(rows: QuerySet[Model], *, share: float, guessed: bool, by: By, page: int) -> Reading:
    """Estimate what a page reads.

    Args:
        rows: the page, without its limit.
        share: of the rows, those that the filter is expected to find, where the database does not know.
        guessed: whether PostgreSQL does not either: it takes a third of all texts to have any letters in them.
        by: the column that is filtered.
        page: how many rows it has.
    """
    found = share * rows_in(rows.model._meta.db_table, rows.db)
    if connections[rows.db].vendor == "postgresql":
        return _of_postgresql(rows[:page], found if guessed else None, page)
    return _of_sqlite(rows[:page], share, by, page)


def _of_postgresql(rows: QuerySet[Model], found: float | None, page: int) -> Reading:
    """Walk the plan from the top, with the part of each step that is run.

    A step tells how many rows it returns, and not how many it reads. So a scan of a whole table counts with all its
    rows, and one by an index with those that its condition finds; a limit runs as much of what is below it as it takes
    of its rows, unless a step in between needs them all. Costs would not tell: a row at random costs sixty times one
    in a row, so that no factor between costs says how many rows were read in vain.
    """
    top, table = _plan(*rows.query.sql_with_params(), using=rows.db), rows.model._meta.db_table
    whole = [each for each in _every(top) if each.get("Relation Name") == table and _reads_all(each)]
    if found is not None and whole:  # all of it is looked at for what is found, or so much as fills a page
        return Reading(_page_of(rows_in(table, rows.db), found, page), min(page, max(1.0, found)), _name(whole[0]))
    counted = list(_counted(top, rows.db, part=1.0))
    read = sum(many for many, _ in counted)
    return Reading(read, _rows(top), max(counted, default=(0.0, "no table"))[1])


def _page_of(many: float, found: float, page: int) -> float:
    """Return how many rows are looked at until a page is full, where those that are found are spread evenly."""
    return max(1.0, many * min(1.0, page / max(1.0, found)))


def _every(step: Plan) -> Iterator[Plan]:
    yield step
    for each in _below(step):
        yield from _every(each)


def _reads_all(step: Plan) -> bool:
    """Whether a scan filters all rows of its table."""
    return step["Node Type"] in SCANS and "Filter" in step and "Index Cond" not in step


def _counted(step: Plan, using: str, *, part: float) -> Iterator[tuple[float, str]]:
    """Yield how many rows each scan reads, and its name, where so much of a step is run, perhaps many times."""
    kind, below = str(step["Node Type"]), _below(step)
    own = part * _scanned(step, using)
    if own:
        yield own, _name(step)
    for at, each in enumerate(below):
        relation, run = each["Parent Relationship"], part
        if relation == "InitPlan" or (relation == "SubPlan" and f"hashed {each.get('Subplan Name')}" in str(step)):
            run = 1.0
        elif relation == "SubPlan":  # for each row that is looked at
            run = max(own, 1.0)
        elif kind == "Limit":
            run = part * min(1.0, _rows(step) / max(1.0, _rows(each)))
        elif kind in STOPS_EARLY and step.get("Strategy") != "Sorted":
            run = 1.0 if kind in KEPT else max(1.0, part)
        elif kind == "Nested Loop" and at:
            run = part * _rows(below[0])
        yield from _counted(each, using, part=run)


def _scanned(step: Plan, using: str) -> float:
    """Return how many rows a step reads by itself, if all of it is run."""
    if step["Node Type"] == "Bitmap Index Scan":
        return _rows(step)
    if step["Node Type"] not in SCANS:
        return 0.0
    table = str(step.get("Relation Name"))
    if _reads_all(step):
        return max(_rows(step), rows_in(table, using))
    if "Filter" in step:
        return max(_rows(step), _found(table, str(step["Alias"]), str(step["Index Cond"]), using))
    return _rows(step)


def _found(table: str, alias: str, condition: str, using: str) -> float:
    """Return how many rows of a table a condition finds: the planner is asked for these alone.

    0 where the condition takes values from elsewhere in the statement, and cannot be asked for by itself.
    """
    quote = connections[using].ops.quote_name
    asked = f"SELECT 1 FROM {quote(table)} {quote(alias)} WHERE {condition}"  # noqa: S608 - as PostgreSQL has written it
    try:
        with transaction.atomic(using=using):
            return _rows(_plan(asked.replace("%", "%%"), (), using=using))
    except DatabaseError:
        return 0.0


def _plan(sql: str, values: Sequence[Parameter], *, using: str) -> Plan:
    with connections[using].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        [[text]] = cursor.fetchall()  # which Django has psycopg leave as it is
    plan: Plan = json.loads(text)[0]["Plan"]
    return plan


def _below(step: Plan) -> list[Plan]:
    below = step.get("Plans", [])
    return below if isinstance(below, list) else []


def _rows(step: Plan) -> float:
    rows = step["Plan Rows"]
    return float(rows) if isinstance(rows, int | float) else 0.0


def _name(step: Plan) -> str:
    index, table = step.get("Index Name"), step.get("Relation Name")
    by, on = f" by {index}" if index else "", f" of {table}" if table else ""
    return f"{step['Node Type']}{on}{by}{', which filters' if 'Filter' in step else ''}"


def _of_sqlite(rows: QuerySet[Model], share: float, by: By, page: int) -> Reading:
    """Multiply what each loop of the plan reads, by the statistics of its indexes.

    SQLite tells how it goes about a statement, and no numbers. It knows the average of each index, and not whether a
    value is frequent: what the filter is expected to find is known by its trial value.
    """
    key = str(rows.model._meta.pk.column)
    with connections[rows.db].cursor() as cursor:
        sql, values = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        steps = [(parent, detail) for _, parent, _, detail in cursor.fetchall()]
    tables: dict[str, str] = {alias: name for name, alias in ALIASES.findall(sql)}
    beside = any(BESIDE.search(detail) for _, detail in steps)
    loops, counted, by_value = 1.0, [], False
    for detail in (detail for parent, detail in steps if not parent):
        if step := STEP.match(detail):
            table, condition = tables.get(step[2]) or step[2], (step[4] or "").replace("rowid", key)
            leads = by.leads(table, condition) or (beside and condition == f"{key}=?")
            loops *= max(1.0, _looped(table, step, rows.db, share if leads else None))
            by_value = by_value or leads
            counted.append((loops, detail))
    found = share * rows_in(rows.model._meta.db_table, rows.db)
    found = max(found, loops) if by_value else found  # what the value leads to, is found
    if not any(detail.startswith("USE TEMP B-TREE FOR ORDER BY") for _, detail in steps):
        counted = [(_page_of(many, found, page), detail) for many, detail in counted]  # it ends with the page
    for parent, detail in steps:  # subqueries that read all of a table
        step = STEP.match(detail)
        if parent and step and step[1] == "SCAN" and not step[3]:
            counted.append((rows_in(tables.get(step[2]) or step[2], rows.db), detail))
    return Reading(sum(many for many, _ in counted), min(page, max(1.0, found)), max(counted, default=(0.0, ""))[1])


def _looped(table: str, step: re.Match[str], using: str, share: float | None) -> float:
    """Return how many rows one loop of a step reads; `share` of the table, where it goes by the value of the filter."""
    everything, condition = rows_in(table, using), step[4] or ""
    if step[1] == "SCAN":
        return next(iter(_averages(using, step[3])), everything) if _is_partial(step[3], using) else everything
    equal = condition.count("=?")
    if not equal:  # from a value on, or up to one: a quarter is what SQLite takes a bound to leave
        return everything * (0.25 if share is None else share)
    averages = [1.0, 1.0] if condition == "rowid=?" else _averages(using, step[3])
    return max(everything * (share or 0.0), averages[equal] if equal < len(averages) else GUESSED)


def _averages(using: str, index: str) -> list[float]:
    """Return how many rows a table has, and how many of them are alike in the first columns of an index, in turn."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if not cursor.fetchone():
            return []
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = %s", [index])
        row = cursor.fetchone()
    return [float(number) for number in row[0].split() if number.isdecimal()] if row else []


def _is_partial(index: str | None, using: str) -> bool:
    """Whether an index of SQLite's holds some of the rows of its table."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s AND sql LIKE '%% WHERE %%'", [index or ""])
        return cursor.fetchone() is not None


def rows_in(table: str, using: str) -> int:
    """Return about how many rows a table has; 0 of one that no model has, such as those beside it."""
    model = _models().get(table)
    return table_size(model, using) if model is not None else 0


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}

r"""How the values of a row stand in the journal, exact to the bit: how triggers write them, and how they are read back.

Triggers run in every program's connections, so they are written with what each SQLite and PostgreSQL has built in. On
SQLite that leaves out all functions of JSON, which it refuses in triggers of programs that trust no schema. They are
read back in Headwater's own connections.

| | SQLite | PostgreSQL |
|---|---|---|
| whole numbers, truth values, NULL | as JSON | as JSON |
| texts | as JSON; one with a NUL or an odd control character as `{"text": hex}` | as JSON |
| real numbers | `{"real": "<21 digits, or Inf>"}` | as JSON; `"-0"`, `"Infinity"`, `"NaN"` |
| bytes | `{"blob": hex}` | as PostgreSQL writes them, `"\x..."` |
| JSON documents | as the text they are | as JSON; NULL leaves the name out, JSON's null stays null |
| arrays, ranges, durations, other types | | the text that PostgreSQL writes and reads |
"""

# ruff: noqa: S608 - what is put into SQL here are names of columns, and what writes values

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from resources.core.database.columns import Column, value_column
from resources.core.database.sql import Stored

FLOATS = frozenset(("double precision", "real"))
PLAIN = frozenset((
    *("smallint", "integer", "bigint", "numeric", "boolean", "text", "character varying", "character", "uuid", "bytea"),
    *("date", "timestamp with time zone", "timestamp without time zone", "time without time zone"),
    *("time with time zone", "inet", "cidr", "macaddr", "macaddr8"),
))  # fmt: skip
"""What `to_jsonb` writes exactly, whatever a session has set."""
SESSION = {"extra_float_digits": "1", "IntervalStyle": "postgres", "DateStyle": "iso", "bytea_output": "hex"}
"""Settings under which PostgreSQL writes the other types as texts that it reads back as they were."""
_QUOTES = r"""replace(replace(v, '\', '\\'), '"', '\"')"""
_LINES = f"""replace(replace(replace({_QUOTES}, '\n', '\\n'), '\r', '\\r'), '\t', '\\t')"""
_SQLITE_VALUE = f"""CASE typeof(v) WHEN 'text' THEN
CASE WHEN v NOT GLOB '*[\x01-\x1f]*' AND NOT instr(v, x'00') THEN '"' || {_QUOTES} || '"'
WHEN instr(v, x'00') OR v GLOB '*[\x01-\x08\x0b\x0c\x0e-\x1f]*' THEN '{{"text":"' || hex(v) || '"}}'
ELSE '"' || {_LINES} || '"' END
WHEN 'integer' THEN v WHEN 'null' THEN 'null'
WHEN 'real' THEN '{{"real":"' || printf('%!.20e', v) || '"}}' ELSE '{{"blob":"' || hex(v) || '"}}' END"""
"""Writes `v`, which may be anything, whatever its column was declared to take. Two replacements cost less than to look
whether there is something to replace."""


class StoredColumn(NamedTuple):
    """A column as the database has it.

    Attributes:
        name: of the column.
        type: as the database writes it; of PostgreSQL's types without what is in brackets.
        declared: its type as it was declared, and whether it may be NULL: another one may have changed its values.
        is_key: whether it is the primary key.
        generated: whether the database computes it.
        virtual: whether PostgreSQL computes it when it is read: a trigger does not see it.
    """

    name: str
    type: str
    declared: str = ""
    is_key: bool = False
    generated: bool = False
    virtual: bool = False


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """Return a text as SQL has it."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def sqlite_object(columns: Sequence[StoredColumn], row: str, instead: Mapping[str, str] | None = None) -> str:
    """Return the expression of a row as a trigger of SQLite writes it.

    The values stand in it as rows, so that what writes one stands in it once: SQLite compiles a trigger anew for each
    statement, which took five times as long where each column had an expression of its own.

    Args:
        columns: those that are written.
        row: `NEW` or `OLD`.
        instead: expressions that stand in the place of columns, by their names.
    """
    given = instead or {}
    values = [
        f"SELECT {literal(json.dumps(each.name, ensure_ascii=False) + ':')} AS n,"
        f" {given.get(each.name, f'{row}.{quoted(each.name)}')} AS v"
        for each in columns
    ]
    return f"(SELECT '{{' || group_concat(n || {_SQLITE_VALUE}) || '}}' FROM ({' UNION ALL '.join(values)}))"


def sqlite_change(columns: Sequence[StoredColumn], instead: Mapping[str, str] | None = None) -> str:
    """Return the subquery of a row `before` and `after` a change, as a trigger of SQLite writes it.

    What has not changed is written once for both: that takes most of the time of a trigger. The limit keeps SQLite from
    writing it wherever it is named.

    Args:
        columns: those that are written.
        instead: expressions that stand in the place of new values, by the names of columns.
    """
    given = instead or {}
    values = [
        f"SELECT {literal(json.dumps(each.name, ensure_ascii=False) + ':')} AS n, OLD.{quoted(each.name)} AS v,"
        f" {given.get(each.name, f'NEW.{quoted(each.name)}')} AS w"
        for each in columns
    ]
    later = re.sub(r"\bv\b", "w", _SQLITE_VALUE)
    same = "w IS v COLLATE BINARY AND typeof(w) = typeof(v)"
    return (
        "(SELECT '{' || group_concat(n || o) || '}' AS before,"
        f" '{{' || group_concat(n || CASE WHEN {same} THEN o ELSE {later} END) || '}}' AS after"
        f" FROM (SELECT n, v, w, {_SQLITE_VALUE} AS o FROM ({' UNION ALL '.join(values)}) LIMIT -1))"
    )


def sqlite_key(value: str) -> str:
    """Return the expression of a primary key as plain text."""
    return (
        f"CASE typeof({value}) WHEN 'real' THEN printf('%!.20e', {value}) WHEN 'blob' THEN hex({value}) "
        f"ELSE coalesce({value}, '') || '' END"
    )


def needs_session(columns: Sequence[StoredColumn]) -> bool:
    """Whether what PostgreSQL writes of a column depends on what a session has set."""
    return any(column.type in FLOATS or _is_text(column) for column in columns if not column.virtual)


def postgresql_mends(columns: Sequence[StoredColumn], row: str, target: str) -> list[str]:
    """Return statements of PL/pgSQL that put right what `to_jsonb` has not written exactly.

    Args:
        columns: those that are written.
        row: `NEW` or `OLD`.
        target: the variable that holds what `to_jsonb` has written of the row.
    """
    statements, texts = [], []
    for column in columns:
        value, name = f"{row}.{quoted(column.name)}", literal(column.name)
        if column.virtual:
            statements.append(f"{target} := {target} - {name}::text;")
        elif column.type in FLOATS:  # numbers of JSON know no negative zero
            statements.append(
                f"IF {value} = 0 AND {value}::text = '-0' THEN "
                f"{target} := {target} || pg_catalog.jsonb_build_object({name}, '-0'); END IF;"
            )
        elif column.type == "jsonb":
            statements.append(f"IF {value} IS NULL THEN {target} := {target} - {name}::text; END IF;")
        elif _is_text(column):
            texts.append(f"{name}, {value}::text")
    several = (", ".join(texts[start:][:50]) for start in range(0, len(texts), 50))  # at most 100 arguments
    return statements + [f"{target} := {target} || pg_catalog.jsonb_build_object({each});" for each in several]


def _is_text(column: StoredColumn) -> bool:
    return column.type not in PLAIN and column.type not in FLOATS and column.type != "jsonb"


def read(column: Column, vendor: str, source: str) -> str:
    """Return the SQL of a column's value, of the column's type, out of a row as the journal has it.

    It is NULL where the row has no such column, and for a generated column, which is to be computed of the others. On
    SQLite a decimal is NULL that is no number.

    Args:
        column: of a model.
        vendor: of the database that it is read in, as Django calls it.
        source: the SQL of the row, such as `c.after`.
    """
    connection = next(each for each in connections.all() if each.vendor == vendor)
    return (_read_on_sqlite if vendor == "sqlite" else _read_on_postgresql)(column, connection, source)


def _read_on_sqlite(column: Column, connection: BaseDatabaseWrapper, source: str) -> str:
    path = f"$.{quoted(str(column.column))}"
    value = f"JSON_EXTRACT({source}, {literal(path)})"
    value = (
        f"CASE JSON_TYPE({source}, {literal(path)}) WHEN 'object' THEN"
        f" CASE WHEN JSON_TYPE({source}, {literal(f'{path}.text')}) IS NULL THEN HW_RAW({value})"
        f" ELSE CAST(HW_RAW({value}) AS TEXT) END ELSE {value} END"
    )
    if str(column.db_type(connection)).startswith("decimal"):
        # It is compared with texts, which the affinity of its column makes numbers: only a cast has one, too.
        return f"CAST(CASE WHEN TYPEOF({value}) IN ('integer', 'real') THEN {value} END AS NUMERIC)"
    return f"({value})"


def _read_on_postgresql(column: Column, connection: BaseDatabaseWrapper, source: str) -> str:
    stored = value_column(column)
    name, kind = literal(str(column.column)), str(stored.rel_db_type(connection)).partition("(")
    if kind[0] == "jsonb":
        return f"({source} -> {name})"
    base = kind[0] + kind[2].partition(")")[2]  # without a length, which would cut longer texts
    collation = stored.db_parameters(connection).get("collation")
    collated = f" COLLATE {quoted(str(collation))}" if collation else ""
    return f"(({source} ->> {name})::{base}{collated})"


def key_text(column: Column, value: uuid.UUID | str | int, connection: BaseDatabaseWrapper) -> str:
    """Return how the journal writes a primary key."""
    stored = value_column(column).get_db_prep_value(value, connection)
    return str(stored)


def restored(text: str | None) -> Stored:
    """Return the value behind a raw form of SQLite's that is an object (`HW_RAW`); the bytes of a text."""
    if text is None:
        return None
    [(kind, written)] = json.loads(text).items()
    if kind == "real":
        return float(written)
    return bytes.fromhex(written)


def add_functions(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Teach a new SQLite connection to read raw forms."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("hw_raw", 1, restored, deterministic=True)


def install() -> None:
    """Teach every SQLite connection."""
    connection_created.connect(add_functions, dispatch_uid="headwater.raw_forms")

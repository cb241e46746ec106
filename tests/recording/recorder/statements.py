"""Statements as the drivers are given them, whatever way they come: Django's cursors, or the driver's own."""

import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg

from .exchange import Exchange
from .normal import Normal

PLACE = re.compile(r"(?<!%)%s|%\(\w+\)s|\$\d+|\?")
NAMES = re.compile(r'("?)(s\d+_x\d+|_django_curs_\w+)\1')
LOCKING = re.compile(r"\bFOR ((?:NO KEY )?UPDATE|(?:KEY )?SHARE)(?: OF (\S+))?")
WRITING = re.compile(r'\s*(UPDATE|DELETE FROM) "?(\w+)"?')
SOURCE = re.compile(r'\bFROM "?(\w+)"?')

_running = threading.local()


@contextmanager
def recording_statements(exchange: Exchange, normal: Normal) -> Iterator[None]:
    """Record what this thread asks the database until the block ends."""
    before = getattr(_running, "exchange", None)
    _running.exchange = (exchange, normal)
    try:
        yield
    finally:
        _running.exchange = before


def record(query: Any, values: Any) -> None:
    """Record a statement, and which rows it locks, where a request is being answered."""
    exchange, normal = getattr(_running, "exchange", None) or (None, None)
    if exchange is None:
        return
    text = query.decode() if isinstance(query, bytes) else query if isinstance(query, str) else query.as_string()
    sql = NAMES.sub("<name>", PLACE.sub("?", text)).replace("%%", "%")
    exchange.statements.append(normal.text(sql))
    ids = normal.ids_of(values.values() if isinstance(values, Mapping) else values)
    if lock := LOCKING.search(sql):
        table = lock[2] or (source[1] if (source := SOURCE.search(sql)) else "")
        exchange.locks.append(f"{lock[1]} {table} {ids}")
    elif write := WRITING.match(sql):
        exchange.locks.append(f"{write[1]} {write[2]} {ids}")


def watch_drivers() -> None:
    """Have every cursor of both drivers record; for the rest of the process."""
    connect = sqlite3.dbapi2.connect
    sqlite3.dbapi2.connect = lambda *words, **named: connect(  # type: ignore[assignment]
        *words, **named | {"factory": _connection(named.get("factory", sqlite3.Connection))}
    )
    for cursor in (psycopg.Cursor, psycopg.ServerCursor):
        _watch(cursor)


def _watch(cursor: Any) -> None:
    for name in {"execute", "executemany"} & vars(cursor).keys():
        run = getattr(cursor, name)

        def recorded(self: Any, query: Any, values: Any = None, *more: Any, _run: Any = run, **named: Any) -> Any:
            record(query, values if _run.__name__ == "execute" else None)
            return _run(self, query, values, *more, **named)

        setattr(cursor, name, recorded)


@cache
def _connection(kind: type[sqlite3.Connection]) -> type[sqlite3.Connection]:
    class Connection(kind):  # type: ignore[valid-type,misc]
        def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
            return super().cursor(_cursor(factory))

        def execute(self, query: str, *values: Any) -> Any:
            return self.cursor().execute(query, *values)

        def executemany(self, query: str, *values: Any) -> Any:
            return self.cursor().executemany(query, *values)

    return Connection


@cache
def _cursor(kind: type[sqlite3.Cursor]) -> type[sqlite3.Cursor]:
    class Cursor(kind):  # type: ignore[valid-type,misc]
        def execute(self, query: str, *values: Any) -> Any:
            record(query, values[0] if values else None)
            return super().execute(query, *values)

        def executemany(self, query: str, *values: Any) -> Any:
            record(query, None)
            return super().executemany(query, *values)

    return Cursor

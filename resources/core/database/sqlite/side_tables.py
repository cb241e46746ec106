"""Indexes for folded text on SQLite: a table beside the model's, with the folded text of every row.

No index, trigger or CHECK of SQLite's may use a function that only our connections know: to other programs the table
would be closed, and they could not even look whether the file is whole. So plain triggers only note which rows have
changed. Those are looked at one by one, until one of our connections has folded them: at its commits, in the
background, or at `migrate`.
"""
# ruff: noqa: S608 - what is put into statements here are names of tables, columns and functions, and bounds

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from math import isqrt

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.database.sql import Parameter
from resources.core.folding import FOLDINGS, Folding

AT_ONCE = 2_000
"""Rows that are folded at once. A commit folds about as many as it wrote; what other programs wrote is folded in the
background, and at `migrate`."""
FEW = 1_000
"""Rows that are few in any table."""
PAGE = 51
"""Rows of a usual page, and the one after it."""
AND_THEN = ";\n--\n"
"""Stands between statements that make one index, which Django takes for one."""
TRIGRAM = 3
REPLACED = "\ufffd"


class Kind(StrEnum):
    """What a side table answers."""

    ORDERED = "ordered"
    """How a text begins, and whether it is the same."""
    TRIGRAMS = "trigrams"
    """Whether it holds three letters or more."""


@dataclass(frozen=True)
class SideTable:
    """The table beside a model's table.

    Attributes:
        name: of the index, and so of the table.
        kind: what it answers.
        folding: how its texts are folded.
        key, text: the columns of the model's table, their names unquoted.
        key_type: SQLite's type of the key.
    """

    name: str
    kind: Kind
    folding: Folding
    key: str
    text: str
    key_type: str

    @cached_property
    def _words(self) -> dict[str, str]:
        """Name what stands in its statements; a key that is a whole number is the number of the row here."""
        side, rows = f"{self.name}_side", _ROWS.format(name=self.name)
        is_integer = "int" in self.key_type
        return {
            "side": f'"{side}"',
            "name": self.name,
            "key": "id" if is_integer else "key",
            "matched": rows
            if is_integer
            else f'"{side}".key FROM "{self.name}_fts" JOIN "{side}" ON id = "{self.name}_fts".rowid',
            "columns": "" if is_integer else f"key {self.key_type} NOT NULL UNIQUE, ",
            "pk": f'"{self.key}"',
            "text": f'"{self.text}"',
            "fold": indexed(self.folding),
        }

    def create(self) -> list[str]:
        """Return the statements that make it, and fill it; `%(table)s` is the model's table."""
        made = [
            *_TABLE,
            *_BESIDE[self.kind],
            "INSERT INTO {side} ({key}, folded) SELECT {pk}, {fold}({text}) FROM %(table)s",
            *_FILLED[self.kind],
            *_TRIGGERS,
        ]
        return [*self.drop(), *(statement.format(**self._words) for statement in made)]

    def drop(self) -> list[str]:
        """Return the statements that remove it, and its triggers."""
        gone = (f'DROP TRIGGER IF EXISTS "{{name}}_{event}"' for event in ("insert", "update", "delete"))
        return [statement.format(**self._words) for statement in (*gone, *_DROPPED)]

    def candidates(self, key: str, asked: str) -> str:
        """Return the condition that a row may be among those asked for, with `{pattern}` for the pattern's places.

        Args:
            key: the column of the key, as it stands in the statement.
            asked: the name of the lookup.
        """
        words = {**self._words, "pattern": f"{self._words['fold']}({{pattern}})"}
        found = (FOUND[self.kind, asked] + (_SHORT if self.kind is Kind.TRIGRAMS else "")).format(**words)
        mark = f"/*few {self.name} {self.kind} {asked} {words['fold']}*/"
        stale = "SELECT {key} FROM {side} WHERE stale = 1".format(**words)
        return f"({mark}{key} IN ({found} UNION ALL {stale}))"

    def fold(self, raw: sqlite3.Connection, table: str, most: int) -> int:
        """Fold up to a number of the rows that have changed; return how many there were."""
        words = {**self._words, "table": f'"{table}"'}
        ids = raw.execute("SELECT id FROM {side} WHERE stale = 1 ORDER BY id LIMIT ?".format(**words), (most,))
        stale = ids.fetchall()
        if not stale:
            return 0
        raw.execute("SAVEPOINT folding")
        try:
            for statement in _FOLDED[self.kind]:
                raw.execute(statement.format(**words), stale[-1])
        except sqlite3.Error:
            if raw.in_transaction:
                raw.execute("ROLLBACK TO folding")
                raw.execute("RELEASE folding")
            raise
        raw.execute("RELEASE folding")
        return len(stale)


class SideTableIndex(models.Index):
    """An index that is a table of its own on SQLite."""

    def side_table(self, model: type[models.Model], connection: BaseDatabaseWrapper) -> SideTable:
        """Return the table."""
        raise NotImplementedError


_ROWS = 'rowid FROM "{name}_fts"'
_DROPPED = ("DROP TABLE IF EXISTS {side}", 'DROP TABLE IF EXISTS "{name}_fts"')
_TABLE = (
    "CREATE TABLE {side} (id INTEGER PRIMARY KEY, {columns}folded TEXT, stale INTEGER NOT NULL DEFAULT 0)",
    'CREATE INDEX "{name}_stale" ON {side} (id) WHERE stale = 1',
)
_BESIDE = {
    Kind.ORDERED: (),
    Kind.TRIGRAMS: (
        """CREATE VIRTUAL TABLE "{name}_fts" USING fts5(folded, content={side}, content_rowid="id",
        tokenize='trigram case_sensitive 1', detail=none, columnsize=0)""",
    ),
}
_FILLED = {
    Kind.ORDERED: ('CREATE INDEX "{name}_folded" ON {side} (folded, {key})',),
    Kind.TRIGRAMS: (
        'INSERT INTO "{name}_fts" (rowid, folded) SELECT id, folded FROM {side} WHERE folded IS NOT NULL ORDER BY id',
    ),
}
_TRIGGERS = (
    """CREATE TRIGGER "{name}_insert" AFTER INSERT ON %(table)s BEGIN
    UPDATE {side} SET stale = 1 WHERE {key} = NEW.{pk};
    INSERT INTO {side} ({key}, stale) SELECT NEW.{pk}, 1 WHERE NOT EXISTS (SELECT 1 FROM {side} WHERE {key} = NEW.{pk});
    END""",
    """CREATE TRIGGER "{name}_update" AFTER UPDATE OF {pk}, {text} ON %(table)s
    WHEN OLD.{text} IS NOT NEW.{text} COLLATE BINARY OR OLD.{pk} IS NOT NEW.{pk} BEGIN
    UPDATE {side} SET stale = 1 WHERE {key} IN (OLD.{pk}, NEW.{pk});
    INSERT INTO {side} ({key}, stale) SELECT NEW.{pk}, 1 WHERE NOT EXISTS (SELECT 1 FROM {side} WHERE {key} = NEW.{pk});
    END""",
    """CREATE TRIGGER "{name}_delete" AFTER DELETE ON %(table)s BEGIN
    UPDATE {side} SET stale = 1 WHERE {key} = OLD.{pk};
    END""",
)
_STALE = "stale = 1 AND id <= ?1"
# By itself SQLite would take the range of keys, and so every row before the one that was written.
_NOTED = 'INDEXED BY "{name}_stale"'
_REFOLDED = (
    f"""DELETE FROM {{side}} {_NOTED} WHERE {_STALE}
    AND NOT EXISTS (SELECT 1 FROM {{table}} WHERE {{pk}} = {{side}}.{{key}})""",
    f"""UPDATE {{side}} {_NOTED} SET folded = (SELECT {{fold}}({{text}}) FROM {{table}} WHERE {{pk}} = {{side}}.{{key}})
    WHERE {_STALE}""",
)
_DONE = f"UPDATE {{side}} {_NOTED} SET stale = 0 WHERE {_STALE}"
_FOLDED = {
    Kind.ORDERED: (*_REFOLDED, _DONE),
    Kind.TRIGRAMS: (
        f"""INSERT INTO "{{name}}_fts" ("{{name}}_fts", rowid, folded)
        SELECT 'delete', id, folded FROM {{side}} {_NOTED} WHERE {_STALE} AND folded IS NOT NULL""",
        *_REFOLDED,
        f"""INSERT INTO "{{name}}_fts" (rowid, folded)
        SELECT id, folded FROM {{side}} {_NOTED} WHERE {_STALE} AND folded IS NOT NULL""",
        _DONE,
    ),
}

_RANGE = "SELECT {key} FROM {side} WHERE folded >= {pattern} AND folded < {pattern} || CAST(x'FF' AS TEXT)"
_EQUAL = "SELECT {key} FROM {side} WHERE folded = {pattern}"
_MATCH = 'SELECT {matched} WHERE "{name}_fts" MATCH hw_trigrams({pattern})'
_SHORT = f" UNION ALL SELECT {{key}} FROM {{side}} WHERE LENGTH({{pattern}}) < {TRIGRAM}"
FOUND = {
    (Kind.ORDERED, "same"): _EQUAL,
    (Kind.ORDERED, "begins"): _RANGE,
    **{(Kind.TRIGRAMS, asked): _MATCH for asked in ("same", "begins", "holds", "ends")},
}
"""What a side table finds: all that is asked for, and perhaps more."""
MARKED = "/*few "
MARK = re.compile(r"/\*few (\w+) (\w+) (\w+) (\w+)\*/")
PLACES = re.compile(r"""'[^']*'|"[^"]*"|(%s|\?)""")
"""What is quoted, and the places of parameters, as Django or the driver writes them."""


def choose_way(raw: sqlite3.Connection, sql: str, params: Sequence[Parameter]) -> str:
    """Return a statement that walks where a side table would find many rows.

    A page of what many rows meet is full after a few steps along the index of its order. So the rows that are found
    are counted first, up to the number at which the two ways cost the same. Neither way changes what is found.
    """
    parts, end = [], 0
    for mark, place in _marks(sql):
        few = _are_few(raw, params[place], *mark.groups())
        parts += [sql[end : mark.start()], "" if few else "TRUE OR "]
        end = mark.end()
    return "".join((*parts, sql[end:]))


@lru_cache(maxsize=1024)
def _marks(sql: str) -> list[tuple[re.Match[str], int]]:
    """Return where a statement can go either way, and the number of the parameter that decides."""
    marks = list(MARK.finditer(sql))
    return [(mark, sum(1 for place in PLACES.findall(sql[: mark.start()]) if place)) for mark in marks]


def _are_few(raw: sqlite3.Connection, pattern: Parameter, name: str, kind: str, asked: str, fold: str) -> bool:
    words = {"side": f'"{name}_side"', "name": name, "key": "id", "pattern": f"{fold}(?1)"}
    words["matched"] = _ROWS.format(**words)
    found = FOUND[Kind(kind), asked].format(**words)
    short = f"{kind == Kind.TRIGRAMS:d} AND LENGTH({fold}(?1)) < {TRIGRAM}"
    most = _most(raw, words["name"])
    [(count,)] = raw.execute(
        f"SELECT CASE WHEN {short} THEN {most + 1} ELSE (SELECT COUNT(*) FROM ({found} LIMIT {most + 1})) END",
        (pattern,),
    )
    return bool(count <= most)


def _most(raw: sqlite3.Connection, name: str) -> int:
    """Return how many rows are few.

    Of n rows among N, one comes every N / n steps, and a page is full after PAGE of them.
    """
    with suppress(sqlite3.Error):  # where nobody has analyzed the file, it is not known how many there are
        [(rows,)] = raw.execute("SELECT MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ?", (f"{name}_side",))
        return max(FEW, isqrt(PAGE * (rows or 0)))
    return FEW


def fold_changed(connection: BaseDatabaseWrapper, most: int = AT_ONCE) -> int:
    """Fold up to a number of the rows that have changed, of each side table there is; return how many there were."""
    return sum(_fold(connection.connection, side, table, most) for side, table in _declared(connection.alias))


def any_changed(connection: BaseDatabaseWrapper) -> bool:
    """Whether some row is not folded yet."""
    return any(_has_stale(connection.connection, side) for side, _ in _declared(connection.alias))


def _has_stale(raw: sqlite3.Connection, side: SideTable) -> bool:
    with suppress(sqlite3.OperationalError):  # it is not migrated yet
        return raw.execute(f'SELECT 1 FROM "{side.name}_side" WHERE stale = 1 LIMIT 1').fetchone() is not None
    return False


def _fold(raw: sqlite3.Connection, side: SideTable, table: str, most: int) -> int:
    """Fold, or leave it: what is not folded is looked at row by row.

    Raises:
        sqlite3.Error: the transaction is gone with what failed, as after an interruption, and so is what was written.
    """
    writing = raw.in_transaction
    try:
        return side.fold(raw, table, most)
    except sqlite3.Error:  # it is not migrated yet, or there is no room
        if writing and not raw.in_transaction:
            raise
        return 0


@cache
def _declared(using: str) -> list[tuple[SideTable, str]]:
    """Return the side tables that models declare, each with the table that it stands beside."""
    every = ((model, index) for model in apps.get_models() for index in model._meta.indexes)
    connection = connections[using]
    return [
        (index.side_table(model, connection), model._meta.db_table)
        for model, index in every
        if isinstance(index, SideTableIndex)
    ]


def indexed(folding: Folding) -> str:
    """Name the function that folds a text for a side table."""
    return f"{folding.function}_indexed"


def add_functions(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Teach a new connection what side tables need."""
    if connection.vendor != "sqlite":
        return
    for form in FOLDINGS:
        folded = lambda text, form=form: None if text is None else _without_nul(form.python(str(text)))  # noqa: E731
        connection.connection.create_function(indexed(form), 1, folded, deterministic=True)
    connection.connection.create_function("hw_trigrams", 1, trigrams, deterministic=True)


def _without_nul(folded: str) -> str:
    """Return a text that FTS5 reads to its end, where it would stop at a NUL."""
    return folded.replace("\0", REPLACED)


def trigrams(pattern: str | None) -> str:
    """Ask FTS5 for every three letters of a pattern, wherever they stand; for a shorter one, for nothing."""
    text = pattern or ""
    parts = dict.fromkeys(text[at : at + TRIGRAM] for at in range(len(text) - TRIGRAM + 1))
    return " AND ".join('"' + part.replace('"', '""') + '"' for part in parts) or '""'

"""A company at work on one database, and what came of it."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.databases import ROOT
from tests.journal.order import Tallied


@contextmanager
def company(url: str, folder: Path, writers: int, changes: int) -> Iterator[subprocess.Popen[bytes]]:
    """Have it begin; with all that it forked, it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journal.company", str(folder), str(writers), str(changes)],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings"},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()


@dataclass(frozen=True)
class Run:
    """What came of it.

    Attributes:
        stored: the number of the transaction and the change, by the change's number.
        committed: the names of the transactions whose writers were told that they are stored.
        read: by every reader, positions and numbers of changes; first where it began.
        kills: of sequencers and readers.
        failed: how many have ended by themselves.
    """

    stored: dict[int, tuple[int, Tallied]]
    committed: set[str]
    read: list[list[tuple[int, int]]]
    kills: int
    failed: int

    @classmethod
    def of(cls, url: str, folder: Path) -> "Run":
        committed = {name for file in folder.glob("writer-*") for name in file.read_text().split()}
        files = [file.read_text().splitlines() for file in sorted(folder.glob("reader-*"))]
        read = [[(int(line.partition("-")[0]), int(line.split()[1])) for line in lines] for lines in files]
        return cls(changes_in(url), committed, read, **json.loads((folder / "end").read_text()))


def changes_in(url: str) -> dict[int, tuple[int, Tallied]]:
    """Read what the writers have left, past the log."""
    sql = "SELECT {}, id, key, after FROM headwater_change WHERE table_name = 'tally'"
    if urlsplit(url).scheme == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path[1:])) as connection:
            rows = connection.execute(sql.format("0")).fetchall()
    else:
        with psycopg.connect(url) as connection:
            text = sql.format("transaction::text::bigint").replace("after", "after::text")
            rows = connection.execute(text.encode()).fetchall()
    return {number: (transaction, Tallied.read(number, key, after)) for transaction, number, key, after in rows}

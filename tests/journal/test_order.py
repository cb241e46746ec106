"""Each change once, transactions whole, in an order that could have been: with eight writers, and kills at random.

A tenth of the changes in the ordinary run; 100,000 of them by `make thorough`.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest

from tests.databases import ROOT
from tests.journal.company import READERS
from tests.journal.order import Tallied, faults

THOROUGH = hypothesis.settings.get_current_profile_name() == "thorough"
CHANGES = 125_000 if THOROUGH else 12_500
"""Of which a fifth is rolled back, at the most."""
WRITERS = 8
SECONDS = 3600


@dataclass(frozen=True)
class Run:
    """What came of it.

    Attributes:
        stored: the number of the transaction and the change, by the change's number.
        read: by every reader, positions and numbers of changes.
    """

    stored: dict[int, tuple[int, Tallied]]
    read: list[list[tuple[int, int]]]
    kills: int


@pytest.fixture(scope="module")
def run(new_database, tmp_path_factory) -> Run:
    url, folder = new_database(), tmp_path_factory.mktemp("company")
    company = subprocess.run(
        [sys.executable, "-m", "tests.journal.company", str(folder), str(WRITERS), str(CHANGES)],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings"},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
    )
    assert company.returncode == 0, company.stderr
    said = json.loads((folder / "end").read_text())
    assert said["failed"] == 0, company.stderr
    files = [file.read_text().splitlines() for file in sorted(folder.glob("reader-*"))]
    read = [[(int(line.partition("-")[0]), int(line.split()[1])) for line in lines] for lines in files]
    return Run(changes_in(url), read, said["kills"])


def changes_in(url: str) -> dict[int, tuple[int, Tallied]]:
    """Read what the writers have left, past the log."""
    sql = "SELECT {}, id, key, after FROM headwater_change WHERE table_name = 'tally'"
    if urlsplit(url).scheme == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path[1:])) as connection:
            rows = connection.execute(sql.format("0")).fetchall()
    else:
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                sql.format("transaction::text::bigint").replace("after", "after::text")
            ).fetchall()
    return {number: (transaction, Tallied.read(number, key, after)) for transaction, number, key, after in rows}


def test_every_reader_has_read_every_change_in_an_order_that_could_have_been(run):
    assert len(run.stored) > CHANGES * 0.8
    assert run.kills > 5
    assert len(run.read) == READERS
    for read in run.read:
        assert faults([run.stored[number][1] for _, number in read[1:]]) == []
        assert len(read) == len(run.stored) + 1


def test_positions_are_dense_and_the_same_for_all(run):
    for read in run.read:
        assert [position for position, _ in read] == list(range(read[0][0], read[0][0] + len(read)))
        assert read[1:] == run.read[0][1:]


def test_orders_that_would_have_cost_less_are_wrong(run, vendor):
    """The numbers that writers draw are no order on PostgreSQL, nor are those of transactions; the rules find out."""
    if vendor == "sqlite":
        pytest.skip("one writer at a time: its numbers are the order")
    by_transaction = sorted(run.stored.values(), key=lambda stored: (stored[0], stored[1].id))
    by_number = sorted(run.stored.values(), key=lambda stored: stored[1].id)
    assert any(fault.startswith("reversed") for fault in faults([change for _, change in by_transaction]))
    assert any(fault.startswith("torn") for fault in faults([change for _, change in by_number]))


def test_a_fault_of_each_kind_is_found(run):
    right = [run.stored[number][1] for _, number in run.read[0][1:]]
    n = next(n for n in range(500, len(right)) if right[n].transaction != right[n - 1].transaction)
    inner = next(n for n in range(500, len(right)) if right[n].transaction == right[n - 1].transaction)
    for wrong, word in (
        ([*right, right[-1]], "repeated"),
        ([*right[:n], *right[n + 1 :]], "reversed, or skipped"),
        ([*right[1:], right[0]], "reversed"),
        ([right[inner], *right[:inner], *right[inner + 1 :]], "torn"),
        (right[n:], "early"),
    ):
        assert any(fault.startswith(word) for fault in faults(wrong))

"""SQLite's file removed or replaced under an open connection: nothing is written where nobody finds it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction

from resources.core.database.sqlite import base

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(base, "PAUSE", 0.0)
    return tmp_path / "own.sqlite3"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Any]]:
    """Open connections to a file of the test's own, with a table and a log."""
    known = list[Any]()

    def connect() -> Any:
        options = {**connections.settings["default"], "ENGINE": "resources.core.database.sqlite", "NAME": str(path)}
        options["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
        known.append(base.DatabaseWrapper(options, alias=f"own-{len(known)}"))
        connections[known[-1].alias] = known[-1]
        return known[-1]

    yield connect
    for each in known:
        each.close()
        del connections[each.alias]


@pytest.fixture
def own(opened: Callable[[], Any]) -> Any:
    own = opened()
    with own.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("CREATE TABLE things (name TEXT)")
    write(own, "first")
    return own


def write(own: Any, name: str) -> None:
    with transaction.atomic(using=own.alias), own.cursor() as cursor:
        cursor.execute("INSERT INTO things VALUES (%s)", [name])


def names(own: Any) -> list[str]:
    with own.cursor() as cursor:
        return [name for (name,) in cursor.execute("SELECT name FROM things ORDER BY name").fetchall()]


def replace(own: Any, path: Path, *, whole: bool = True) -> None:
    """Put another database in the file's place, as one does to restore a copy; or (not `whole`) forget the log."""
    copy = path.with_suffix(".copy")
    with own.cursor() as cursor:
        cursor.execute(f"VACUUM INTO '{copy}'")
    if whole:
        for log in path.parent.glob("*-wal"), path.parent.glob("*-shm"):
            for each in log:
                each.unlink()
    shutil.move(copy, path)


@pytest.fixture
def just_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is replaced within the second in which a connection that reads does not look."""
    monkeypatch.setattr(base, "PAUSE", 3600.0)


def test_it_works(own: Any, path: Path, just_looked: None) -> None:
    assert own.is_usable()
    replace(own, path)
    assert not own.is_usable()
    with pytest.raises(OperationalError, match="removed or replaced"):
        write(own, "second")
    write(own, "third")  # the file that is there now
    assert names(own) == ["first", "third"]


def test_what_was_begun_before_is_not_committed(own: Any, path: Path) -> None:
    def begin() -> None:
        with transaction.atomic(using=own.alias), own.cursor() as cursor:
            cursor.execute("INSERT INTO things VALUES ('second')")
            path.rename(path.with_suffix(".away"))

    with pytest.raises(OperationalError):
        begin()
    path.with_suffix(".away").rename(path)
    assert names(own) == ["first"]


def test_outside_of_transactions_as_well(own: Any, path: Path, just_looked: None) -> None:
    replace(own, path)
    with pytest.raises(OperationalError, match="removed or replaced"), own.cursor() as cursor:
        cursor.execute("INSERT INTO things VALUES ('second')")


def test_reads_go_over_to_the_new_file(own: Any, path: Path, opened: Callable[[], Any]) -> None:
    replace(own, path)
    write(opened(), "second")
    assert names(own) == ["first", "second"]


def test_one_that_is_gone_is_not_made_anew(own: Any, path: Path, opened: Callable[[], Any]) -> None:
    path.unlink()
    for each in (own, own, opened()):
        with pytest.raises(OperationalError):
            write(each, "second")
    assert not path.exists()


def test_one_beside_the_log_of_another_is_not_opened(own: Any, path: Path, opened: Callable[[], Any]) -> None:
    replace(own, path, whole=False)
    with pytest.raises(OperationalError, match="log stands beside"):
        names(opened())
    path.with_name("own.sqlite3-wal").unlink()
    path.with_name("own.sqlite3-shm").unlink()
    assert names(opened()) == ["first"]

"""A cursor of a history that is gone is refused: after a restored backup it never leads to what others wrote since."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections

from resources.core.journal import log
from resources.core.journal.cursor import CursorGone
from resources.core.journal.sequencer import sequence
from tests.databases import _administer
from tests.resources.core.journal.rows import write

ALIAS = "restored"


@pytest.fixture
def backup(new_database, django_db_blocker) -> Iterator[Callable[[], Callable[[], None]]]:
    """Give a database an alias; return what makes a backup of it, which returns what restores that."""
    url = new_database()
    path = urlsplit(url).path[1:]
    connections.databases[ALIAS] = connections.databases["default"] | {"NAME": path}
    with django_db_blocker.unblock():
        yield BACKUPS[connections[ALIAS].vendor](path)
        let_go()
        if connections[ALIAS].vendor == "postgresql":
            _administer(f'DROP DATABASE IF EXISTS "{path}_b"')
    del connections[ALIAS], connections.databases[ALIAS]


def let_go() -> None:
    connections[ALIAS].close()
    if connections[ALIAS].vendor == "postgresql":
        connections[ALIAS].close_pool()


def backup_file(path: str) -> Callable[[], Callable[[], None]]:
    def copy(source: str, target: str) -> None:
        let_go()
        with (
            contextlib.closing(sqlite3.connect(source)) as read,
            contextlib.closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written)

    def make() -> Callable[[], None]:
        copy(path, f"{path}.backup")
        return lambda: copy(f"{path}.backup", path)

    return make


def backup_database(name: str) -> Callable[[], Callable[[], None]]:
    def copy(source: str, target: str) -> None:
        let_go()
        _administer(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        _administer(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def make() -> Callable[[], None]:
        copy(name, f"{name}_b")
        return lambda: copy(f"{name}_b", name)

    return make


BACKUPS = {"sqlite": backup_file, "postgresql": backup_database}


def changes(*keys: str) -> log.Cursor:
    """Write changes, and return the cursor of who has read them."""
    write(*keys, using=ALIAS)
    log.catch_up(ALIAS)
    return log.latest(ALIAS)


def read(cursor: log.Cursor) -> list[str]:
    return [entry.key for entry in log.page_after(cursor, {"trip"}, 100, ALIAS).entries]


def test_a_cursor_from_before_the_backup_leads_on(backup):
    before = changes("a")
    restore = backup()
    changes("lost")
    restore()
    changes("new")
    assert read(before) == ["new"]


@pytest.mark.parametrize("since", [0, 1, 2, 3, 10])
def test_a_cursor_from_after_the_backup_is_gone_however_much_was_written_since(backup, since):
    changes("a")
    restore = backup()
    lost = [changes("lost"), changes("lost", "lost")]
    restore()
    for _ in range(since):
        changes("new")
    for cursor in lost:
        with pytest.raises(CursorGone):
            read(cursor)


def test_the_same_changes_written_again_are_another_history(backup):
    restore = backup()
    lost = changes("a", "b")
    restore()
    assert changes("a", "b").position == lost.position
    with pytest.raises(CursorGone):
        read(lost)


def test_a_cursor_of_the_beginning_leads_on(backup):
    beginning = log.latest(ALIAS)
    restore = backup()
    changes("lost")
    restore()
    changes("new")
    assert read(beginning) == ["new"]


def test_a_dump_in_another_server_goes_on_though_transactions_are_numbered_otherwise(backup, vendor):
    """As after `pg_restore`: changes of transactions whose numbers are still to come here, or were given to others."""
    if vendor == "sqlite":
        pytest.skip("its order needs no numbers of transactions")
    before = changes("a")
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "INSERT INTO headwater_change (transaction, table_name, key, operation, after, changed_at) VALUES"
            " ('1', 'trip', 'long ago', 'U', '{}', now()), ('5000000000', 'trip', 'to come', 'U', '{}', now())"
        )
        cursor.execute("UPDATE headwater_pass SET system = system - 1, snapshot = '4000000000:4000000000:'")
    assert sequence(ALIAS).added == 2
    assert read(before) == ["long ago", "to come"]
    changes("b")
    assert read(before) == ["long ago", "to come", "b"]
    assert sequence(ALIAS).added == 0


def test_a_change_has_one_position_though_its_transaction_comes_again(backup, vendor):
    if vendor == "sqlite":
        pytest.skip("no positions")
    before = changes("a", "b")
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("UPDATE headwater_pass SET snapshot = '1:1:'")
    assert sequence(ALIAS).added == 0
    changes("c")
    assert read(before) == ["c"]


def test_the_sequencer_goes_on_though_its_passes_were_emptied(backup, vendor):
    if vendor == "sqlite":
        pytest.skip("no passes")
    before = changes("a")
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("TRUNCATE headwater_pass")
    changes("b")
    assert read(before) == ["b"]


def test_a_pass_waits_for_nobody_and_says_so(backup, vendor):
    if vendor == "sqlite":
        pytest.skip("no passes")
    start = changes("a")
    with psycopg.connect(_url()) as other:
        other.execute("SELECT * FROM headwater_sequence()")
        write("b", using=ALIAS)
        done = sequence(ALIAS)
        assert (done.reached, done.added, done.busy) == (start.position, 0, True)
    assert sequence(ALIAS).added == 1


def _url() -> str:
    parameters = connections[ALIAS].get_connection_params()
    return psycopg.conninfo.make_conninfo(
        **{name: parameters[name] for name in ("dbname", "host", "user", "port") if name in parameters}
    )

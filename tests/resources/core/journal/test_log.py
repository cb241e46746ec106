"""Reading the log: each change once, from any cursor on, and none where another history stands."""

import pytest
from django.db import connection

from resources.core.journal import log
from resources.core.journal.cursor import Cursor, CursorGone
from tests.resources.core.journal.rows import write

pytestmark = pytest.mark.django_db(transaction=True)  # what is not committed has no place in the log


def keys(entries):
    return [entry.key for entry in entries]


def now():
    """Return the cursor of who has read all that tests before have left, and one change more: no log begins at 1."""
    write("before")
    log.catch_up()
    return log.latest()


def read(cursor, tables=None, most=100):
    log.catch_up()
    return log.page_after(cursor, tables, most)


def test_changes_are_read_after_a_cursor():
    start = now()
    write("a", "b")
    write("c")
    page = read(start)
    assert keys(page.entries) == ["a", "b", "c"]
    assert page.next == log.latest() == page.entries[-1].cursor
    assert not page.more
    assert keys(read(page.entries[0].cursor).entries) == ["b", "c"]
    assert read(page.next) == ([], page.next, False)


def test_an_entry_says_what_was_written():
    start = now()
    write("a", table="stop")
    log.catch_up()
    entry = log.changes_after(start.position, {"stop"}, 1)[0]
    assert (entry.table, entry.key, entry.operation, entry.before, entry.after) == ("stop", "a", "U", None, "{}")
    assert entry.changed_at.utcoffset().total_seconds() == 0
    assert isinstance(entry.transaction, int)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL stores no such text")
def test_text_that_is_no_utf_8_is_read():
    start = now()
    write("a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE headwater_change SET after = CAST(X'7B226E616D65223A22FF227D' AS TEXT) WHERE key = 'a'")
    assert [entry.after for entry in read(start).entries] == ['{"name":"\ufffd"}']


def test_what_is_read_once_is_not_read_again_as_it_goes_on():
    cursor, read_so_far = now(), []
    for number in range(10):
        write(*(f"{number}-{each}" for each in range(3)))
        page = read(cursor)
        read_so_far += page.entries
        cursor = page.next
    assert keys(read_so_far) == [f"{number}-{each}" for number in range(10) for each in range(3)]
    assert len({entry.cursor for entry in read_so_far}) == 30


def test_positions_are_dense():
    start = now().position
    for _ in range(3):
        write("a", "b")
        log.catch_up()
    positions = [entry.position for entry in log.changes_after(start, None, 100)]
    assert positions == list(range(positions[0], positions[0] + 6))


def test_only_the_tables_that_are_asked_for_are_read_and_the_cursor_goes_on():
    start = now()
    write("a", table="trip")
    write("b", table="stop")
    write("c", table="city")
    assert keys(read(start, {"trip", "stop"}).entries) == ["a", "b"]
    assert read(start, {"trip", "stop"}).next == log.latest()
    assert read(start, set()) == ([], log.latest(), False)
    assert keys(log.changes_after(start.position, {"city"}, 5)) == ["c"]


def test_a_page_ends_where_a_transaction_ends():
    start = now()
    write("a", "b")
    write("c", "d", "e")
    assert keys(read(start, most=4).entries) == ["a", "b"]
    assert read(start, most=4).more
    page = read(read(start, most=4).next, most=4)
    assert (keys(page.entries), page.more) == (["c", "d", "e"], False)


def test_a_transaction_longer_than_a_page_is_split():
    cursor, parts = now(), []
    write("a", "b", "c", "d", "e")
    for _ in range(3):
        page = read(cursor, most=2)
        parts.append(keys(page.entries))
        cursor = page.next
    assert parts == [["a", "b"], ["c", "d"], ["e"]]
    assert not page.more


def test_a_long_way_without_anything_is_looked_through_in_steps(monkeypatch):
    start = now()
    write(*"abcde", table="stop")
    write("f")
    log.catch_up()
    monkeypatch.setattr(log, "SPAN", 2)
    assert keys(log.changes_after(start.position, {"trip"}, 10)) == ["f"]
    steps, cursor, more = [], start, True
    while more:
        page = log.page_after(cursor, {"trip"}, 10)
        steps.append(keys(page.entries))
        cursor, more = page.next, page.more
    assert steps[:2] == [[], []]
    assert steps[-1] == ["f"]


def test_a_reader_may_begin_before_there_is_anything():
    with connection.cursor() as cursor:
        for table in ("headwater_change", "headwater_position", "headwater_pass"):
            cursor.execute(f"DELETE FROM {table}")
    log.catch_up()
    start = log.latest()
    assert start.position == 0
    write("a")
    assert keys(read(start).entries) == ["a"]
    with pytest.raises(CursorGone):
        read(start._replace(fingerprint="1"))


@pytest.mark.parametrize("position", [0, 1, 10**15])
def test_a_cursor_of_another_history_is_gone(position):
    write("a")
    log.catch_up()
    with pytest.raises(CursorGone):
        read(Cursor(position or 0, "123"))


def test_a_cursor_is_gone_when_its_change_was_pruned():
    start = now()
    write("a")
    log.catch_up()
    first = log.latest()
    write("b")
    log.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM headwater_position WHERE position <= %s", [first.position])
        cursor.execute("DELETE FROM headwater_change WHERE key IN ('before', 'a')")
        cursor.execute("UPDATE headwater_journal SET pruned = %s", [first.position])
    for gone in (start, first):
        with pytest.raises(CursorGone):
            read(gone)
    assert read(log.latest()).entries == []

"""Old changes are pruned from the beginning of the log on, and a cursor before them is refused."""

import pytest
from django.db import connection

from resources.core.journal import log, retention
from resources.core.journal.cursor import CursorGone
from tests.resources.core.journal.rows import write

pytestmark = pytest.mark.django_db(transaction=True)


def age(*keys, days):
    older = {
        "postgresql": "changed_at - make_interval(days => %s)",
        "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', changed_at, '-' || %s || ' days')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(f"UPDATE headwater_change SET changed_at = {older} WHERE key = %s", [days, key])


def changes(*keys):
    for key in keys:
        write(key)
    log.catch_up()
    return log.latest()


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM headwater_change WHERE table_name = 'trip' ORDER BY id")
        return [key for (key,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def _nothing_before(settings):
    settings.JOURNAL_RETENTION = 7
    changes()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM headwater_change")
        cursor.execute("DELETE FROM headwater_position")
        cursor.execute("UPDATE headwater_journal SET pruned = 0")


def test_what_is_older_is_pruned_and_cursors_before_it_are_refused():
    beginning = changes("a")
    second = changes("b")
    changes("c", "d")
    age("a", "b", days=8)
    age("c", days=6)
    retention.prune()
    assert kept() == ["c", "d"]
    for cursor in (beginning, second):
        with pytest.raises(CursorGone):
            log.page_after(cursor, None, 10)


def test_a_reader_of_the_last_change_goes_on_whatever_is_pruned():
    changes("a", "b")
    age("a", "b", days=100)
    last = log.latest()
    retention.prune()
    changes("c")
    assert [entry.key for entry in log.page_after(last, None, 10).entries] == ["c"]


def test_it_prunes_nothing_twice_and_goes_on_where_it_was():
    changes(*"abcdef")
    age("a", "b", days=8)
    retention.prune()
    retention.prune()
    age("c", "d", days=8)
    retention.prune()
    assert kept() == ["e", "f"]


def test_it_goes_in_steps(monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(retention, "PAUSE", 0)
    changes(*"abcdefg")
    age(*"abcde", days=8)
    monkeypatch.setattr(retention, "STEPS", 2)
    retention.prune()
    assert kept() == ["e", "f", "g"]
    retention.prune()
    assert kept() == ["f", "g"]


def test_a_clock_that_stepped_back_prunes_nothing_that_was_written_since():
    changes("a", "stepped", "b", "c")
    age("stepped", days=1000)
    retention.prune()
    assert kept() == ["a", "stepped", "b", "c"]


def test_times_that_go_backwards_change_no_order():
    start = log.latest()
    changes("a", "b", "c")
    age("b", days=1)
    age("c", days=2)
    assert [entry.key for entry in log.page_after(start, None, 10).entries] == ["a", "b", "c"]

"""What one live list knows of its rows, and how many it may know."""

import gc
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from api.core.limits.live_rows import LEAST, SHARES, LiveRows, Share
from api.core.live import lists
from api.core.live.list_rows import Row
from api.core.live.lists import ListTopic, LiveList
from api.core.live.topic import News
from resources.core.journal.cursor import Cursor
from resources.core.journal.log import Entry
from serializers.core.problems import Refusal


def row(key: str, size: int = 10) -> Row:
    return Row(key, key, f'"{"x" * size}"')


class Rows:
    """What reads the rows of a list."""

    table, window = "table", None

    def __init__(self, *rows: Row) -> None:
        self.stored = {row.key: row for row in rows}
        self.times = 0

    def all(self) -> list[Row]:
        self.times += 1
        return [*self.stored.values()]

    def with_keys(self, keys: Sequence[str]) -> Mapping[str, Row]:
        return {key: self.stored[key] for key in keys if key in self.stored}

    def key(self, raw: str) -> str:
        return raw

    def reads(self, raw: str) -> bool:
        return raw.isdigit()


def topic_of(rows: Rows, key: str = "list") -> ListTopic:
    live: Any = LiveList(key, rows, frozenset(), (), None, "somebody")  # type: ignore[arg-type]
    return ListTopic(live)


def news(*keys: str) -> News:
    end = Cursor(9, "b")
    moment = datetime(2027, 6, 1, tzinfo=UTC)
    entries = [Entry(9, "b", 9, 1, "table", key, "I", None, "{}", moment, None, None, None) for key in keys]
    return News({"table": entries}, Cursor(1, "a"), end, {})


def test_a_list_that_grows_too_long_ends(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lists, "MOST_ROWS", 3)
    rows = Rows(row("1"), row("2"))
    topic = topic_of(rows)
    topic.read()
    rows.stored |= {key: row(key) for key in "34"}
    assert len(topic.advance(news("3"))) == 1
    with pytest.raises(Refusal, match="rows at most"):
        topic.advance(news("4"))


def test_long_rows_come_in_events_of_their_own():
    """aiohttp's clients take no line of 128 KB, and a client of WebSockets often no message of a megabyte."""
    snapshot = topic_of(Rows(*(row(str(number), 20_000) for number in range(6)))).read().snapshot
    assert [event.data.count('"x') for event in snapshot] == [2, 2, 2]


def test_rows_are_kept_from_the_moment_they_are_read(monkeypatch: pytest.MonkeyPatch):
    """A list that takes longer to read than it is kept would else be read by each of those who wait for it."""
    clock = 100.0
    monkeypatch.setattr(lists.time, "monotonic", lambda: clock)

    class Slow(Rows):
        def all(self) -> list[Row]:
            nonlocal clock
            clock += 10
            return super().all()

    rows = Slow(row("1"))
    topic = topic_of(rows)
    topic.read(), topic.read()
    assert rows.times == 1


def test_a_list_that_is_live_is_not_read_to_know_whether_it_may_be():
    rows = Rows(row("1"))
    topic = topic_of(rows)
    live: Any = LiveList("list", rows, frozenset(), (), None, "somebody")  # type: ignore[arg-type]
    lists.make_room(live)
    topic.read()
    lists.make_room(live)
    assert rows.times == 2


def test_a_key_that_only_another_program_can_have_written_has_all_rows_compared():
    rows = Rows(row("1"))
    topic = topic_of(rows)
    topic.read()
    rows.stored["strange"] = row("strange")
    [told] = topic.advance(news("strange"))
    assert told.event.name == "enter"
    assert rows.times == 2


def test_nobody_has_all_rows_opened(settings: Any):
    settings.MAX_LIVE_ROWS = 100 * SHARES
    rows = LiveRows()
    mine, others = Share(rows, "me"), [Share(rows, f"other {number}") for number in range(SHARES)]
    mine.resize(100)
    with pytest.raises(Refusal, match="Your live lists have more than 100 rows") as refused:
        Share(rows, "me").resize(1)
    assert refused.value.problem.kind.status == 429
    for other in others[:-1]:
        other.resize(100)
    with pytest.raises(Refusal, match="as many rows as it takes") as refused:
        others[-1].resize(1)
    assert refused.value.problem.kind.status == 503
    mine.resize(80)
    others[-1].resize(20)


def test_a_list_that_nobody_holds_counts_no_more(settings: Any):
    settings.MAX_LIVE_ROWS = LEAST * SHARES
    rows = LiveRows()
    share = Share(rows, "me")
    share.resize(0)
    with pytest.raises(Refusal):
        rows.check("me", 0)
    del share
    gc.collect()
    rows.check("me", 0)

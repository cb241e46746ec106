"""The thread that has changes put in order, while its database is away, or fails it."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from resources.core.journal import postgresql_feed
from resources.core.journal.postgresql_feed import PostgreSQLFeed
from resources.core.journal.sequencer import Pass
from resources.core.journal.wakeups import Wakeups

WELL = Pass(1, 0, False)
AWAY = psycopg.OperationalError("away")


class End(BaseException):
    """Ends a thread that runs as long as its process."""


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgreSQLFeed]:
    @contextmanager
    def connect(using: str) -> Iterator[socket.socket]:
        connection, server = socket.socketpair()
        with closing(connection), closing(server):
            yield connection

    monkeypatch.setattr(postgresql_feed, "connect", connect)
    monkeypatch.setattr(postgresql_feed, "hears", lambda connection: False)
    for name in ("SHORTEST", "LONGEST"):
        monkeypatch.setattr(postgresql_feed, name, 0.0001)
    return PostgreSQLFeed("default", Wakeups())


def run(feed: PostgreSQLFeed, passes: list[Pass | BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter(passes)

    def make_pass(connection: object) -> Pass:
        done = next(left, End())
        if isinstance(done, BaseException):
            raise done
        return done

    monkeypatch.setattr(postgresql_feed, "make_pass", make_pass)
    with pytest.raises(End):
        feed.run()


def test_each_time_that_it_is_away_is_logged_once(
    feed: PostgreSQLFeed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run(feed, [WELL, AWAY, AWAY, WELL, WELL, AWAY, AWAY], monkeypatch)
    assert caplog.text.count("sequencer") == 2


def test_who_has_written_is_not_kept_by_it(feed: PostgreSQLFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_pass(connection: object) -> Pass:
        try:
            feed.wake()
        except OSError as error:  # which the thread itself would outlive
            raise End from error
        raise next(left, End())

    left: Iterator[BaseException] = iter([AWAY] * 2000)
    monkeypatch.setattr(postgresql_feed, "make_pass", make_pass)
    with pytest.raises(End):
        feed.run()
    assert not [*left]

"""Hints come soon, in every process, whoever has written, and whoever is killed, stopped or idle meanwhile."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.databases import ROOT
from tests.resources.core.journal.rows import INSERT

PATIENCE = 20.0
"""Seconds for a process to start, and for a hint that comes late on a busy machine."""
SOON = 5.0
"""Seconds within which it hears: one, on a machine that has nothing else to do."""


@dataclass
class Listener:
    """A process that is given hints."""

    process: subprocess.Popen[str]
    hints: list[tuple[float, int]] = field(default_factory=list)

    def follow(self) -> None:
        for line in self.process.stdout:
            at, position = line.split()
            self.hints.append((float(at), int(position)))

    def hears_of(self, changes: int, since: float) -> float:
        """Return after how many seconds it was told of so many changes since it began to listen."""
        while time.monotonic() < since + PATIENCE:
            for at, reached in list(self.hints):
                if reached >= self.hints[0][1] + changes:
                    return at - since
            time.sleep(0.005)
        raise TimeoutError(f"Heard of {self.hints}, and of no {changes} changes")


@pytest.fixture
def url(new_database) -> str:
    return new_database()


@pytest.fixture
def listen(url) -> Iterator[Callable[..., Listener]]:
    """Start a process that listens; it has heard something when it is returned, so that it does listen."""
    with contextlib.ExitStack() as stack:

        def start(*arguments: str, **environment: str) -> Listener:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.journal.listener", *arguments],
                    env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings"} | environment,
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            listener = Listener(process)
            threading.Thread(target=listener.follow, daemon=True).start()
            listener.hears_of(0, time.monotonic())
            return listener

        yield start


@contextlib.contextmanager
def connected(url: str) -> Iterator[Callable[[str], None]]:
    """Connect as another program does; give what writes a change of a key."""
    if urlsplit(url).scheme == "sqlite":
        with contextlib.closing(sqlite3.connect(urlsplit(url).path[1:], isolation_level=None)) as connection:
            sql = INSERT["sqlite"].replace("%s", "?").replace("%%", "%")
            yield lambda key: connection.execute(sql, (None, "trip", key))
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            yield lambda key: connection.execute(INSERT["postgresql"], ("trip", key))


def test_it_hears_of_what_another_program_has_written(url, listen):
    listener = listen()
    with connected(url) as write:
        for position in (1, 2, 3):
            time.sleep(0.7)
            began = time.monotonic()
            write("a")
            assert listener.hears_of(position, began) < SOON


def test_all_processes_hear_of_it_at_the_same_time(url, listen):
    listeners = [listen(), listen(), listen()]
    with connected(url) as write:
        began = time.monotonic()
        write("a")
        heard = [listener.hears_of(1, began) for listener in listeners]
        assert 0 < min(heard) <= max(heard) < SOON


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_is_killed_or_stopped_keeps_nobody_waiting(url, listen, how):
    first, second = listen(), listen()
    with connected(url) as write:
        for _ in range(19):
            write("a")
            time.sleep(0.01)
        os.kill(first.process.pid, how)
        began = time.monotonic()
        write("a")
        assert second.hears_of(20, began) < SOON


def test_an_idle_writer_keeps_nobody_waiting(url, listen, vendor):
    if vendor == "sqlite":
        pytest.skip("one writer at a time: others wait for it")
    listener = listen()
    with psycopg.connect(url) as idle, connected(url) as write:
        idle.execute(INSERT["postgresql"], ("trip", "idle"))
        began = time.monotonic()
        write("a")
        assert listener.hears_of(1, began) < SOON
        began = time.monotonic()
        idle.commit()
        assert listener.hears_of(2, began) < SOON


def test_without_listen_it_is_late_by_a_second_at_most(url, listen, vendor):
    if vendor == "sqlite":
        pytest.skip("nothing is listened to")
    listeners = [listen(), listen("deaf")]
    with connected(url) as write:
        for position in (1, 2, 3):
            time.sleep(0.7)
            began = time.monotonic()
            write("a")
            assert max(listener.hears_of(position, began) for listener in listeners) < SOON


def test_valkey_tells_those_that_cannot_listen(url, listen, vendor, valkey):
    if vendor == "sqlite":
        pytest.skip("nothing is listened to")
    listeners = [listen(VALKEY_URL=valkey), listen("deaf", VALKEY_URL=valkey), listen("deaf", VALKEY_URL=valkey)]
    with connected(url) as write:
        for position in (1, 2, 3, 4):
            time.sleep(0.7)
            began = time.monotonic()
            write("a")
            heard = [listener.hears_of(position, began) for listener in listeners]
            assert max(heard) < SOON


def test_a_file_that_takes_the_place_of_the_database_is_followed(url, listen, vendor, tmp_path):
    if vendor == "postgresql":
        pytest.skip("no file")
    listener = listen()
    path = urlsplit(url).path[1:]
    with connected(url) as write:
        write("a")
    listener.hears_of(1, time.monotonic())
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(tmp_path / "copy")) as copy,
    ):
        source.backup(copy)
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + end)
    os.rename(tmp_path / "copy", path)
    time.sleep(1.2)
    with connected(url) as write:
        began = time.monotonic()
        write("b")
        assert listener.hears_of(2, began) < SOON

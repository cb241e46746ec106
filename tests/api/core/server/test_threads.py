"""The pool: order, isolation, and its end."""

import asyncio
import threading
import time
from contextvars import ContextVar
from functools import partial

import pytest
from django.db import connection

from api.core.server.threads import Threads
from tests.api.core.server.channel import until

colour: ContextVar[str] = ContextVar("colour", default="none")


def run(story):
    """Run a story with two threads, and end them."""

    async def whole():
        threads = Threads(2)
        async with threads.running():
            return await story(threads)

    return asyncio.run(whole())


def test_it_works():
    async def story(threads):
        return await threads.submit(lambda: threading.current_thread().name)

    assert run(story) in ("headwater-0", "headwater-1")


def test_a_fault_is_raised_where_it_is_awaited():
    async def story(threads):
        with pytest.raises(ZeroDivisionError):
            await threads.submit(lambda: 1 / 0)

    run(story)


def test_a_thread_survives_system_exit():
    async def story(threads):
        for _ in range(3):
            with pytest.raises(RuntimeError, match="SystemExit"):
                await threads.submit(exit)
        return await threads.submit(threading.active_count)

    assert run(story) >= 3


def test_turns_share_no_context():
    async def story(threads):
        colour.set("blue")
        await asyncio.gather(*(threads.submit(lambda: colour.set("red")) for _ in range(4)))
        return {await threads.submit(colour.get) for _ in range(4)}

    assert run(story) == {"blue"}


def test_the_thread_that_was_idle_last_takes_the_next_turn():
    """What its connection has read lately is still at hand."""

    async def story(threads):
        taken = []
        for _ in range(10):
            taken.append(await threads.submit(lambda: threading.current_thread().name))
            await until(lambda: len(threads._idle) == 2)
        return taken

    assert len(set(run(story)[1:])) == 1


def test_no_turn_is_forgotten_however_idle_the_threads_are():
    """Each turn finds both threads awake, about to sleep, or asleep."""

    async def one_after_another(threads):
        for number in range(1000):
            assert await threads.submit(partial(str, number)) == str(number)

    async def story(threads):
        async with asyncio.timeout(120), asyncio.TaskGroup() as clients:
            for _ in range(3):
                clients.create_task(one_after_another(threads))

    run(story)


def test_no_more_turns_at_once_than_threads():
    running, most, meeting = 0, 0, threading.Barrier(2)

    def turn():
        nonlocal running, most
        running += 1
        most = max(most, running)
        meeting.wait(60)  # each turn lasts until there is another beside it
        running -= 1

    async def story(threads):
        await asyncio.gather(*(threads.submit(turn) for _ in range(20)))

    run(story)
    assert most == 2


def test_no_turn_begins_beside_one_that_does_not_last(monkeypatch):
    monkeypatch.setattr("api.core.server.threads.PATIENCE", 60)
    running, most = set(), 0

    def turn():
        nonlocal most
        running.add(threading.current_thread())
        most = max(most, len(running))
        time.sleep(0)
        running.discard(threading.current_thread())

    async def story():
        threads = Threads(4, at_once=1)
        async with threads.running():
            await asyncio.gather(*(threads.submit(turn) for _ in range(200)))
            await asyncio.gather(*(threads.submit(turn) for _ in range(200)))

    asyncio.run(story())
    assert most == 1


def test_turns_begin_beside_those_that_last():
    """Three wait for each other: each has to last for the next one to begin, and two more come and go meanwhile."""
    meeting = threading.Barrier(3)

    async def story():
        threads = Threads(4, at_once=1)
        async with threads.running():
            lasting = [threads.submit(partial(meeting.wait, 60)) for _ in range(3)]
            others = [threads.submit(int) for _ in range(2)]
            await asyncio.gather(*lasting, *others)
            return await threads.submit(int)

    assert asyncio.run(story()) == 0


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_its_connection_and_closes_it_at_the_end(vendor):
    if vendor != "sqlite":
        pytest.skip("a pool keeps connections for other threads")
    connections = set()

    def turn():
        connection.ensure_connection()
        connections.add(connection.connection)

    async def story(threads):
        await asyncio.gather(*(threads.submit(turn) for _ in range(8)))

    run(story)
    assert 1 <= len(connections) <= 2
    for raw in connections:
        with pytest.raises(Exception, match="closed"):
            raw.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_a_busy_thread_keeps_its_connection_and_one_that_rests_gives_it_back(vendor):
    if vendor != "postgresql":
        pytest.skip("only PostgreSQL has a pool")
    met, gate = [], threading.Event()

    def turn():
        gate.wait(60)
        connection.ensure_connection()
        met.append(connection.connection)

    async def story():
        threads = Threads(1)
        async with threads.running():
            turns = [threads.submit(turn) for _ in range(4)]
            gate.set()
            await asyncio.gather(*turns)
            await until(lambda: met[0] in pooled())

    def pooled():
        return list(connection.pool._pool)

    asyncio.run(story())
    assert len(met) == 4
    assert len(set(met)) == 1


def test_leaving_waits_for_turns_handed_in():
    done, gate = [], threading.Event()

    async def story(threads):
        for number in range(6):
            threads.submit(lambda number=number: (gate.wait(60), done.append(number)))
        asyncio.get_running_loop().call_soon(gate.set)  # that is, when leaving waits

    run(story)
    assert sorted(done) == list(range(6))


def test_after_the_end_no_turn_is_taken():
    async def story():
        threads = Threads(1)
        async with threads.running():
            await threads.submit(int)
        with pytest.raises(RuntimeError, match="ended"):
            threads.submit(int)

    asyncio.run(story())


def test_no_threads_is_no_pool():
    with pytest.raises(ValueError, match="at least one"):
        Threads(0)

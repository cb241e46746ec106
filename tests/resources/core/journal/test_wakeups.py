"""Hints for threads and event loops: none is missed by who says how many it knows of."""

import asyncio
import threading
import time

from resources.core.journal.wakeups import Wakeups


def test_a_thread_waits_for_a_hint():
    wakeups = Wakeups()
    threading.Timer(0.05, wakeups.notify).start()
    began = time.monotonic()
    assert wakeups.wait(10) == 1
    assert time.monotonic() - began < 5


def test_a_hint_that_came_before_is_not_missed():
    wakeups = Wakeups()
    seen = wakeups.count
    wakeups.notify()
    assert wakeups.wait(10, seen) == 1


def test_without_a_hint_it_goes_on_in_time():
    wakeups = Wakeups()
    assert wakeups.wait(0.01, wakeups.count) == 0


def test_an_event_loop_is_called_until_it_asks_for_no_more():
    wakeups = Wakeups()

    async def listen():
        heard = asyncio.Event()
        forget = wakeups.subscribe(heard.set)
        threading.Timer(0.05, wakeups.notify).start()
        await asyncio.wait_for(heard.wait(), 10)
        heard.clear()
        forget()
        wakeups.notify()
        await asyncio.sleep(0.02)
        return heard.is_set()

    assert asyncio.run(listen()) is False


def test_an_event_loop_that_has_ended_is_no_fault():
    wakeups = Wakeups()

    async def leave():
        wakeups.subscribe(lambda: None)

    asyncio.run(leave())
    wakeups.notify()
    assert wakeups.wait(10, 0) == 1


def test_it_knows_whether_anybody_listens():
    wakeups = Wakeups()
    assert not wakeups.wait_for_listener(0.01)
    threading.Thread(target=wakeups.wait, args=(1,), daemon=True).start()
    assert wakeups.wait_for_listener(10)
    wakeups.notify()

"""What is on its way to the client of a stream: sent at once, kept for a while, and then given up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.core.http.event_stream import Ending, Event
from api.core.server.event_stream import EventStream
from api.core.server.outbox import MOST

END = Ending("restarting", "The server restarts.", 4503, 1.5)


class Client:
    """Takes what it is sent, unless it does not read."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.ended = False
        self._reads = asyncio.Event()
        self._reads.set()

    def stop(self) -> None:
        self._reads.clear()

    def read(self) -> None:
        self._reads.set()

    async def send(self, message: Any) -> None:
        await self._reads.wait()
        self.sent.append(message["body"])
        self.ended = not message["more_body"]


def in_a_stream(body: Callable[[EventStream, Client], Awaitable[None]]) -> bool:
    """Run something beside a stream that sleeps in its task; return whether that task was ended."""

    async def run() -> bool:
        client, made = Client(), asyncio.get_running_loop().create_future()

        async def stream() -> None:
            made.set_result(EventStream(client.send))  # type: ignore[arg-type]
            await asyncio.Event().wait()

        task = asyncio.create_task(stream())
        await body(await made, client)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ended = task.cancelled() or task.done()
        task.cancel()
        return ended

    return asyncio.run(run())


def test_an_event_is_sent_before_push_returns():
    async def body(stream: EventStream, client: Client) -> None:
        stream.push(Event("enter", '{"id":1}', "7-a"))
        assert client.sent == [b'event: enter\nid: 7-a\ndata: {"id":1}\n\n']
        assert stream.busy_since is None

    assert not in_a_stream(body)


def test_what_waits_is_sent_together_and_in_order():
    async def body(stream: EventStream, client: Client) -> None:
        client.stop()
        for number in range(4):
            stream.push(Event("", str(number)))
        assert client.sent == []
        assert stream.busy_since is not None
        client.read()
        await asyncio.sleep(0.01)
        assert b"".join(client.sent) == b"".join(b"data: %d\n\n" % number for number in range(4))
        assert len(client.sent) == 2
        assert stream.busy_since is None

    assert not in_a_stream(body)


def test_who_falls_behind_is_told_and_let_go():
    async def body(stream: EventStream, client: Client) -> None:
        client.stop()
        event = Event("", '"' + "x" * 1000 + '"')
        for _ in range(MOST // 1000 + 10):
            stream.push(event)
        assert stream.ended
        client.read()
        await asyncio.sleep(0.01)
        assert len(client.sent) == 2
        assert b'"reason":"lagging"' in client.sent[1]
        assert client.ended

    assert in_a_stream(body)


def test_an_end_comes_in_the_place_of_what_waits():
    async def body(stream: EventStream, client: Client) -> None:
        client.stop()
        stream.push(Event("", "1"))
        stream.push(Event("", "2"))
        stream.end(END)
        stream.end(END)
        stream.push(Event("", "3"))
        client.read()
        await asyncio.sleep(0.01)
        assert client.sent[0] == b"data: 1\n\n"
        assert client.sent[1].startswith(b"retry: 1500\nevent: end\n")
        assert len(client.sent) == 2

    assert in_a_stream(body)


def test_who_writes_waits_for_the_client():
    async def body(stream: EventStream, client: Client) -> None:
        client.stop()
        writing = asyncio.create_task(stream.write(Event("", "1")))
        await asyncio.sleep(0.01)
        assert not writing.done()
        client.read()
        await asyncio.wait_for(writing, 1)

    assert not in_a_stream(body)


def test_two_who_write_what_is_long_wait_for_one_another():
    """Two lists on one WebSocket, whose rows come at once, are not taken for a client that reads too slowly."""

    async def body(stream: EventStream, client: Client) -> None:
        client.stop()
        event = Event("snapshot", '"' + "x" * MOST + '"')
        writing = [asyncio.create_task(stream.write(event)) for _ in range(3)]
        await asyncio.sleep(0.01)
        client.read()
        await asyncio.wait_for(asyncio.gather(*writing), 1)
        assert client.sent == [event.block] * 3

    assert not in_a_stream(body)


def test_a_client_that_is_gone_ends_its_stream():
    async def body(stream: EventStream, client: Client) -> None:
        async def fail(message: Any) -> None:
            raise OSError

        stream.send = fail  # type: ignore[assignment]
        stream.push(Event("", "1"))
        assert stream.ended

    assert in_a_stream(body)


@pytest.mark.parametrize("data", ['"a\\nb"', '{\n "a": 1\r\n}'])
def test_data_of_several_lines(data: str):
    lines = Event("", data).block.decode().removesuffix("\n\n").splitlines()
    assert "\n".join(line.removeprefix("data: ") for line in lines) == data.replace("\r", "")

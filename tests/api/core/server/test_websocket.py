"""WebSockets are refused where there are no streams, and what is no protocol of ours is an error."""

import asyncio
import json

import pytest

from api.core.server import by_type
from api.core.server.handler import Handler
from api.core.server.streams import Streams
from api.core.server.threads import Threads
from api.core.server.websocket import WebSockets
from tests.api.core.server.channel import SCOPE, Channel

HANDSHAKE = (
    "GET /echo HTTP/1.1",
    "Host: x",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def run(**scope):
    async def story():
        channel, threads = Channel([{"type": "websocket.connect"}]), Threads(1)
        async with threads.running():
            asked = {**SCOPE, "type": "websocket", "scheme": "wss", "path": "/livez", **scope}
            await WebSockets(threads, Handler(), Streams(threads))(asked, channel.receive, channel.send)
        return channel.sent

    return asyncio.run(story())


def test_over_a_real_socket_it_is_a_problem(wire):
    with wire() as connection:
        connection.send(*HANDSHAKE)
        reply = connection.reply()
        assert (reply.status, reply["content-type"]) == (404, "application/problem+json")
        assert json.loads(reply.body)["detail"] == "No WebSocket is offered here."


def test_a_server_that_can_answers_with_a_problem():
    start, body = run(extensions={"websocket.http.response": {}})
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
    assert (body["type"], json.loads(body["body"])["status"]) == ("websocket.http.response.body", 404)
    assert json.loads(body["body"])["type"] == "https://localhost/problems/not-found"
    assert json.loads(body["body"])["instance"] == dict(start["headers"])[b"x-request-id"].decode()


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {}}])
def test_any_other_server_closes(scope):
    assert run(**scope) == [{"type": "websocket.close", "code": 4404, "reason": ""}]


def test_another_protocol_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="'carrier-pigeon' is not served here; these are: websocket"):
        asyncio.run(by_type({"websocket": lambda *_: None})({"type": "carrier-pigeon"}, None, None))

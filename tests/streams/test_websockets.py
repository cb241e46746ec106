"""WebSockets, by the library `websockets`: the same events, and many subscriptions on one socket."""

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.live import Live
from tests.streams.conftest import As
from tests.streams.receiver import PATIENCE, SILENCE

TRIP = {"name": "Alps", "begins_on": "2027-06-01", "ends_on": "2027-06-12"}


@contextlib.contextmanager
def socket(server: Live, path: str, key: str = "", **headers: str) -> Iterator[ClientConnection]:
    fields = {"Authorization": f"Bearer {key}"} if key else {}
    address = server.url.replace("http", "ws") + path
    with connect(address, additional_headers=fields | headers, compression=None) as connection:
        yield connection


def message(connection: ClientConnection) -> Any:
    """Return the next message but heartbeats."""
    while (said := json.loads(connection.recv(PATIENCE)))["event"] == "heartbeat":
        pass
    return said


def code_at_the_end(connection: ClientConnection) -> int | None:
    """Read to the end, and return the code that it is closed with."""
    try:
        while True:
            connection.recv(PATIENCE)
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


def is_silent(connection: ClientConnection, seconds: float = SILENCE) -> bool:
    """Whether nothing but heartbeats comes for a while."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(TimeoutError):
            assert json.loads(connection.recv(left))["event"] == "heartbeat"
    return True


def test_a_live_list(server: Live, owner: As):
    with socket(server, "/v1/trips?fields=name", owner.key) as connection:
        assert message(connection)["event"] == "snapshot"
        assert message(connection)["event"] == "ready"
        trip = owner.post("/v1/trips", TRIP)
        said = message(connection)
        assert (said["event"], said["data"]["id"]) == ("enter", trip["id"])
        owner.delete(f"/v1/trips/{trip['id']}")
        assert message(connection)["data"] == {"id": trip["id"]}


def test_many_subscriptions(server: Live, owner: As):
    with socket(server, "/v1/changes?resource=stops", owner.key) as connection:
        assert message(connection)["event"] == "ready"
        connection.send(json.dumps({"subscribe": "/v1/trips?fields=name", "name": "trips"}))
        connection.send(json.dumps({"subscribe": "/v1/cities?country=CH&fields=name&limit=1", "name": "cities"}))
        said = [message(connection) for _ in range(4)]
        assert {(each["subscription"], each["event"]) for each in said} == {
            (name, event) for name in ("trips", "cities") for event in ("snapshot", "ready")
        }
        trip = owner.post("/v1/trips", TRIP)
        entered = message(connection)
        assert (entered["subscription"], entered["event"], entered["data"]["id"]) == ("trips", "enter", trip["id"])
        connection.send(json.dumps({"unsubscribe": "trips"}))
        assert message(connection) == {"subscription": "trips", "event": "unsubscribed", "data": None}
        owner.delete(f"/v1/trips/{trip['id']}")
        assert is_silent(connection)


def test_what_is_wrong_with_a_subscription_is_told_and_the_socket_goes_on(server: Live):
    with socket(server, "/v1/cities?country=CH&limit=1&fields=name") as connection:
        message(connection), message(connection)
        watched = ("/v1/changes?watch=/v1/cities", 400)
        for url, status in (("/v1/trips", 401), ("/v1/cities?x=1", 400), ("/nowhere", 404), ("/livez", 404), watched):
            connection.send(json.dumps({"subscribe": url, "name": "a"}))
            said = message(connection)
            assert (said["subscription"], said["event"], said["data"]["status"]) == ("a", "refused", status)
        for text in ("{", "[]", '{"x": 1}', "{}", '{"subscribe": "/v1/cities"}', '{"unsubscribe": "a"}'):
            connection.send(text)
            assert message(connection)["event"] == "refused"


@pytest.mark.parametrize("said", ["x" * 20_000, b"bytes"])
def test_a_message_of_another_kind_ends_the_socket(server: Live, said: str | bytes):
    with socket(server, "/v1/cities?country=CH&limit=1") as connection:
        connection.send(said)
        assert code_at_the_end(connection) == 4413


def test_who_sends_nonsense_and_does_not_read_is_let_go(server: Live):
    with socket(server, "/v1/cities?country=CH&limit=1") as connection:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20_000):
                connection.send('{"unsubscribe": "nothing"}')
        assert code_at_the_end(connection) in (4400, None)  # none where it was closed with messages unread


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/trips", 401), ("/v1/cities?x=1", 400), ("/v1/nowhere", 404), ("/livez", 404)]
)
def test_a_handshake_is_refused_like_the_request(server: Live, path: str, status: int):
    with pytest.raises(InvalidStatus) as refused, socket(server, path):
        pass
    assert refused.value.response.status_code == status
    assert refused.value.response.headers["Content-Type"] == "application/problem+json"


def test_a_ticket_opens_one(server: Live, owner: As):
    ticket = owner.send("POST", "/v1/tickets", status=201)["ticket"]
    with socket(server, f"/v1/trips?ticket={ticket}") as connection:
        assert message(connection)["event"] == "snapshot"
    with pytest.raises(InvalidStatus) as refused, socket(server, f"/v1/trips?ticket={ticket}"):
        pass
    assert refused.value.response.status_code == 401


def test_a_ticket_opens_a_stream_of_events(server: Live, owner: As):
    ticket = owner.send("POST", "/v1/tickets", status=201)["ticket"]
    with httpx.stream("GET", f"{server.url}/v1/trips?ticket={ticket}", headers={"Accept": "text/event-stream"}) as one:
        assert one.status_code == 200
    again = httpx.get(f"{server.url}/v1/trips?ticket={ticket}", headers={"Accept": "text/event-stream"})
    assert again.status_code == 401


def test_it_ends_when_its_key_is_revoked(server: Live, owner: As):
    key = owner.post("/v1/keys", {"name": "for a moment", "scopes": ["trips:read"]})
    with socket(server, "/v1/trips", key["secret"]) as connection:
        message(connection), message(connection)
        began = time.monotonic()
        owner.delete(f"/v1/keys/{key['id']}")
        assert message(connection)["data"]["reason"] == "not-authenticated"
        assert code_at_the_end(connection) == 4401
        assert time.monotonic() - began < 1.5

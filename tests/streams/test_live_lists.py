"""A list with `Accept: text/event-stream`: its rows, and then whatever enters, changes or leaves."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.live import Live
from tests.streams.conftest import As
from tests.streams.receiver import SILENCE, Receiver, receiving

EVENTS = {"Accept": "text/event-stream"}
PARIS, DENIS, ETIENNE = 2988507, 2980916, 2980291


def city(number: int, **members: Any) -> dict[str, Any]:
    return {"id": number, "name": "Ville", "country": "FR", "subdivision": None, "population": 1, "latitude": 1.0,
            "longitude": 1.0, "timezone": "Europe/Paris", "is_capital": False} | members  # fmt: skip


@pytest.fixture
def new_city(staff: As) -> Iterator[int]:
    """A key that is free, and free again afterwards."""
    yield 990001
    staff._client.delete("/v1/cities/990001")


def test_rows_then_ready_then_what_happens(server: Live, staff: As, new_city: int):
    with receiving(f"{server.url}/v1/cities?country=FR&fields=name,population&ordering=name") as stream:
        rows = stream.until_ready()
        assert [row["name"] for row in rows] == ["Paris", "Saint-Denis", "Saint-Étienne"]
        assert rows[0] == {"id": PARIS, "name": "Paris", "population": 2138551}
        staff.post("/v1/cities", city(new_city))
        assert stream.next("enter") == {"id": new_city, "name": "Ville", "population": 1}
        staff.patch(f"/v1/cities/{new_city}", {"population": 2})
        assert stream.next("change") == {"id": new_city, "name": "Ville", "population": 2}
        staff.delete(f"/v1/cities/{new_city}")
        assert stream.next("leave") == {"id": new_city}


def test_a_change_in_what_is_not_shown_is_none(server: Live, staff: As, new_city: int):
    staff.post("/v1/cities", city(new_city))
    with receiving(f"{server.url}/v1/cities?country=FR&fields=name") as stream:
        stream.until_ready()
        staff.patch(f"/v1/cities/{new_city}", {"population": 2})
        assert stream.is_silent()


def test_a_row_enters_and_leaves_by_its_filter(server: Live, staff: As, new_city: int):
    staff.post("/v1/cities", city(new_city, population=5))
    with receiving(f"{server.url}/v1/cities?country=FR&population__gte=100&search=vill&fields=id") as stream:
        assert stream.until_ready() == []
        staff.patch(f"/v1/cities/{new_city}", {"population": 100})
        assert stream.next("enter") == {"id": new_city}
        staff.patch(f"/v1/cities/{new_city}", {"name": "Bourg"})
        assert stream.next("leave") == {"id": new_city}
        staff.patch(f"/v1/cities/{new_city}", {"population": 101})
        assert stream.is_silent()


def test_a_window_is_filled_again(server: Live, staff: As, new_city: int):
    address = f"{server.url}/v1/cities?country=FR&fields=name&ordering=-population&limit=2"
    with receiving(address) as stream:
        assert [row["id"] for row in stream.until_ready()] == [PARIS, ETIENNE]
        staff.post("/v1/cities", city(new_city, population=9_000_000))
        assert stream.next("leave") == {"id": ETIENNE}
        assert stream.next("enter")["id"] == new_city
        staff.delete(f"/v1/cities/{new_city}")
        assert stream.next("leave") == {"id": new_city}
        assert stream.next("enter")["id"] == ETIENNE


def test_what_is_expanded_changes_the_row(server: Live, staff: As):
    with receiving(f"{server.url}/v1/cities?country=CH&expand=country&fields=country.name&limit=1") as stream:
        assert stream.until_ready()[0]["country"] == {"name": "Switzerland"}
        staff.patch("/v1/countries/CH", {"name": "Helvetia"})
        assert stream.next("change")["country"] == {"name": "Helvetia"}
        staff.patch("/v1/countries/CH", {"name": "Switzerland"})
        stream.next("change")


def test_what_one_may_not_read_is_in_no_event(server: Live, owner: As):
    with (
        receiving(f"{server.url}/v1/trips?fields=name", server.keys["stranger"]) as strange,
        receiving(f"{server.url}/v1/trips?fields=name", owner.key) as own,
    ):
        assert len(strange.until_ready()) == len(own.until_ready()) == 1
        trip = owner.post("/v1/trips", {"name": "Secret", "begins_on": "2027-06-01", "ends_on": "2027-06-12"})
        assert own.next("enter")["id"] == trip["id"]
        owner.patch(f"/v1/trips/{trip['id']}", {"name": "Still secret"})
        assert own.next("change")["id"] == trip["id"]
        owner.delete(f"/v1/trips/{trip['id']}")
        assert own.next("leave")["id"] == trip["id"]
        assert strange.is_silent()


STAFF, VIEWER = (f"(SELECT id FROM accounts_person WHERE email = '{who}@example.org')" for who in ("staff", "viewer"))
REMOVE = f"UPDATE trips_member SET person_id = {STAFF} WHERE role = 'viewer'"
ADD = f"UPDATE trips_member SET person_id = {VIEWER} WHERE role = 'viewer'"


def test_who_is_removed_sees_the_rows_leave_within_a_second(server: Live, viewer: As, beside: Callable[[str], None]):
    with receiving(f"{server.url}/v1/stops?fields=id", viewer.key) as stream:
        stops = stream.until_ready()
        assert stops
        began = time.monotonic()
        beside(REMOVE)
        left = [stream.next("leave") for _ in stops]
        assert time.monotonic() - began < 1
        assert sorted(row["id"] for row in left) == sorted(row["id"] for row in stops)
        beside(ADD)
        assert sorted(stream.next("enter")["id"] for _ in stops) == sorted(row["id"] for row in stops)


def test_a_stream_ends_within_a_second_when_its_key_is_revoked(server: Live, owner: As):
    key = owner.post("/v1/keys", {"name": "for a moment", "scopes": ["trips:read"]})
    with receiving(f"{server.url}/v1/trips", key["secret"]) as stream:
        stream.until_ready()
        began = time.monotonic()
        owner.delete(f"/v1/keys/{key['id']}")
        assert stream.next("end")["reason"] == "not-authenticated"
        assert stream.has_ended()
        assert time.monotonic() - began < 1.2


def test_a_client_goes_on_where_it_was(server: Live, staff: As, new_city: int):
    address = f"{server.url}/v1/cities?country=FR&fields=name"
    with receiving(address) as stream:
        stream.until_ready()
        last = stream.last_id
    staff.post("/v1/cities", city(new_city))
    staff.patch(f"/v1/cities/{PARIS}", {"name": "Lutetia"})
    with receiving(address, Last_Event_ID=last) as stream:
        assert stream.next("enter")["id"] == new_city
        assert stream.next("change") == {"id": PARIS, "name": "Lutetia"}
        stream.next("ready")
        last = stream.last_id
    staff.patch(f"/v1/cities/{PARIS}", {"name": "Paris"})
    staff.delete(f"/v1/cities/{new_city}")
    staff.patch("/v1/cities/2661552", {"population": 121631})
    with receiving(f"{address}&since={last}") as stream:
        events = [stream.event() for _ in range(3)]
        assert {(event.event, json.loads(event.data).get("id")) for event in events} == {
            ("change", PARIS),
            ("leave", new_city),
            ("ready", None),
        }


def test_who_goes_on_is_not_told_of_rows_that_were_never_theirs(server: Live, owner: As):
    address = f"{server.url}/v1/trips?fields=name"
    with receiving(address, server.keys["stranger"]) as stream:
        stream.until_ready()
        last = stream.last_id
    trip = owner.post("/v1/trips", {"name": "Secret", "begins_on": "2027-06-01", "ends_on": "2027-06-12"})
    with receiving(address, owner.key) as stream:
        stream.until_ready()
        seen = stream.last_id
    owner.delete(f"/v1/trips/{trip['id']}")
    with receiving(f"{address}&since={last}", server.keys["stranger"]) as stream:
        stream.next("ready")
    with receiving(f"{address}&since={seen}", owner.key) as stream:
        assert stream.next("leave") == {"id": trip["id"]}


def test_what_decided_has_changed_so_all_rows_come_again(server: Live, viewer: As, beside: Callable[[str], None]):
    with receiving(f"{server.url}/v1/stops?fields=id", viewer.key) as stream:
        assert stream.until_ready()
        last = stream.last_id
    beside(REMOVE)
    with receiving(f"{server.url}/v1/stops?fields=id&since={last}", viewer.key) as stream:
        assert "begin anew" in stream.next("gone")["detail"]
        assert stream.until_ready() == []
    beside(ADD)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("page=2", "page"),
        ("count=exact", "count"),
        ("cursor=x", "cursor"),
        ("since=x", "since"),
        ("countr=FR", "countr"),
        ("expand=airports", "expand"),
        ("ticket=hwt_x&countr=FR", ""),
        ("ticket=&ticket=", "ticket"),
    ],
)
def test_what_does_not_go_with_it_is_a_problem(server: Live, query: str, parameter: str):
    answer = httpx.get(f"{server.url}/v1/countries?{query}", headers=EVENTS)
    assert answer.headers["Content-Type"] == "application/problem+json"
    if parameter:
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, parameter)
    else:
        assert answer.status_code == 401


def test_the_head_alone(server: Live):
    answer = httpx.head(f"{server.url}/v1/cities", headers=EVENTS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")


def test_a_cursor_of_another_history_is_gone(server: Live):
    answer = httpx.get(f"{server.url}/v1/changes?since=1-abc", headers=EVENTS)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (410, "changes-gone")


def test_several_lists_in_one_stream(server: Live, staff: As, owner: As):
    lists = ["/v1/cities?country=CH&fields=name&limit=1", "/v1/trips?fields=name"]
    query = str(httpx.QueryParams([("watch", each) for each in lists]))
    with receiving(f"{server.url}/v1/changes?{query}", owner.key) as stream:
        for each in lists:
            assert stream.next("snapshot")["subscription"] == each
            stream.next("ready")
        trip = owner.post("/v1/trips", {"name": "Alps", "begins_on": "2027-06-01", "ends_on": "2027-06-12"})
        entered = stream.next("enter")
        assert (entered["subscription"], entered["data"]["id"]) == (lists[1], trip["id"])
        owner.delete(f"/v1/trips/{trip['id']}")
        stream.next("leave")


def test_all_that_is_wrong_with_several_lists_is_told(server: Live):
    query = str(httpx.QueryParams([("watch", "/v1/trips"), ("watch", "/v1/cities?x=1"), ("watch", "/nowhere")]))
    answer = httpx.get(f"{server.url}/v1/changes?{query}", headers=EVENTS)
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 3)


def test_a_large_write_leaves_nobody_behind_who_reads_quickly(server: Live, owner: As, beside: Callable[[str], None]):
    trip = {"notes": "x" * 10_000, "begins_on": "2027-06-01", "ends_on": "2027-06-12"}
    with receiving(f"{server.url}/v1/trips?fields=name,notes", owner.key) as stream, ThreadPoolExecutor(1) as writer:
        stream.next("snapshot"), stream.next("ready")
        writing = writer.submit(owner.post, "/v1/trips?fields=id", [{"name": str(n)} | trip for n in range(400)])
        entered = [stream.next("enter")["id"] for _ in range(400)]
        assert {*entered} == {each["id"] for each in writing.result()}
    beside("DELETE FROM trips_trip WHERE notes LIKE 'xxx%'")


@pytest.mark.parametrize("watched", ["/v1/changes?watch=/v1/cities", "/auth/browser/v1/auth/session", "/livez", "/"])
def test_no_more_than_lists_and_changes_are_watched(server: Live, watched: str):
    """Streams of lists in a stream of lists would be as many as somebody likes."""
    answer = httpx.get(f"{server.url}/v1/changes", params={"watch": watched}, headers=EVENTS)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "watch")


FILTERS = (
    "country=FR",
    "country__in=FR,DE",
    "population__gte=100",
    "population__gt=100",
    "population__lt=100&country=DE",
    "population=100",
    "population__in=100,101",
    "country__not=FR",
    "name__icontains=vill",
    "is_capital=false&population__lte=101",
    "search=ville",
    "country__continent=EU&population__lte=100",
)


def test_lists_of_every_filter_are_what_they_are_when_all_is_told(server: Live, staff: As, new_city: int):
    """Some are decided by Python and some by the database, and all must come to the same."""
    lists = [f"/v1/cities?{each}&fields=name,population,country" for each in FILTERS]
    copies: dict[str, dict[int, Any]] = {each: {} for each in lists}
    query = str(httpx.QueryParams([("watch", each) for each in lists]))
    with receiving(f"{server.url}/v1/changes?{query}") as stream:
        for _ in range(2 * len(lists)):
            event = stream.next()
            for row in event["data"].get("results", ()):
                copies[event["subscription"]][row["id"]] = row
        staff.post("/v1/cities", city(new_city, name="Bourg", population=99))
        for change in (
            *({"population": number} for number in (100, 101, 102, 100, 99)),
            *({"country": country} for country in ("DE", "CH", "JP", "FR")),
            *({"name": name} for name in ("Ville", "VILLE", "Bourg")),
            {"is_capital": True, "population": 100},
        ):
            staff.patch(f"/v1/cities/{new_city}", change)
            time.sleep(0.05)
        while not stream.events.empty() or not _quiet(stream):
            event = stream.event()
            said = json.loads(event.data)
            rows = copies[said["subscription"]]
            if event.event == "leave":
                del rows[said["data"]["id"]]
            else:
                rows[said["data"]["id"]] = said["data"]
    for each in lists:
        now = httpx.get(f"{server.url}{each},id&limit=500").json()["results"]
        assert copies[each] == {row["id"]: row for row in now}, each


def _quiet(stream: Receiver) -> bool:
    time.sleep(SILENCE)
    return stream.events.empty()

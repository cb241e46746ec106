"""The history of a row: its changes, the newest first, as far as one may read what it was, and what it is."""

from typing import Any

import pytest
from django.db import transaction

from resources.core.journal import log
from resources.core.journal.models import Change
from resources.places.models import City
from resources.trips.models import Member, Role, Trip
from tests.client import Answer, Client
from tests.world import World, key

pytestmark = pytest.mark.django_db(transaction=True)

PARIS, TRIP = "/v1/cities/2988507", str(key(10))
HISTORY = f"/v1/trips/{TRIP}/history"


@pytest.fixture(autouse=True)
def _log_is_empty(transactional_db: None) -> None:
    """Forget what earlier tests have left: that their rows were taken away, which have the same keys."""
    Change.objects.all().delete()


def history(api: Client, url: str, **parameters: Any) -> Answer:
    log.catch_up()
    return api.get(f"{url}/history", **parameters)


def test_it_begins_with_the_newest(world: World, api: Client) -> None:
    for population in (1, 2, 3):
        City.objects.filter(pk=2988507).update(population=population)
    page = history(api, PARIS).json
    assert [event["data"]["population"] for event in page["results"]] == [3, 2, 1, 2138551]
    assert [event["type"] for event in page["results"]] == ["cities.updated"] * 3 + ["cities.created"]
    assert page["results"][0]["data"] == api.get(PARIS).json
    assert (page["next"], page["previous"]) == (None, None)


def test_it_has_pages(world: World, api: Client) -> None:
    for population in range(5):
        City.objects.filter(pk=2988507).update(population=population)
    whole = history(api, PARIS).json["results"]
    pages, answer = [], history(api, PARIS, limit=2)
    while True:
        pages.append(answer.json["results"])
        if answer.json["next"] is None:
            break
        assert answer.links["next"] == answer.json["next"]
        answer = api.get(answer.json["next"].removeprefix("http://testserver"))
    assert [len(page) for page in pages] == [2, 2, 2]
    assert [event for page in pages for event in page] == whole


def test_the_ids_of_events_are_cursors(world: World, api: Client) -> None:
    City.objects.filter(pk=2988507).update(population=1)
    City.objects.filter(pk=2988507).update(population=2)
    newest, *older = history(api, PARIS).json["results"]
    assert history(api, PARIS, cursor=newest["id"]).json["results"] == older
    assert api.get("/v1/changes", since=older[0]["id"], resource="cities").json["results"] == [newest]


def test_a_row_that_is_gone_is_known_to_who_could_read_it(world: World, api: Client) -> None:
    people = [api.acting_for(person) for person in (world.owner, world.viewer, world.stranger)]
    world.trip.delete()
    answers = [history(person, f"/v1/trips/{TRIP}") for person in people]
    assert [answer.status for answer in answers] == [200, 200, 404]
    for answer in answers[:2]:
        newest, *_ = answer.json["results"]
        assert (newest["type"], newest["data"]) == ("trips.deleted", {"id": TRIP})
    city = City.objects.get(pk=4717560)
    city.delete()
    assert [event["type"] for event in history(api, "/v1/cities/4717560").json["results"][:2]] == [
        "cities.deleted",
        "cities.created",
    ]


def test_who_left_before_it_was_gone_learns_nothing(world: World, api: Client) -> None:
    viewer = api.acting_for(world.viewer)
    Member.objects.filter(person=world.viewer).delete()
    assert history(viewer, f"/v1/trips/{TRIP}").status == 404
    world.trip.delete()
    assert history(viewer, f"/v1/trips/{TRIP}").status == 404


def test_what_was_before_one_could_read_it_is_left_out(world: World, api: Client) -> None:
    stranger, owner = api.acting_for(world.stranger), api.acting_for(world.owner)
    Trip.objects.filter(pk=TRIP).update(notes="A secret of the owner's.")
    with transaction.atomic():
        Trip.objects.filter(pk=TRIP).update(owner=world.stranger, notes="")
    page = history(stranger, f"/v1/trips/{TRIP}")
    assert [event["type"] for event in page.json["results"]] == ["trips.created"]
    assert "secret" not in page.text
    assert history(owner, f"/v1/trips/{TRIP}").status == 404


def test_who_is_a_member_now_may_read_all_of_it(world: World, api: Client) -> None:
    Trip.objects.filter(pk=TRIP).update(name="Alps by bicycle")
    Member.objects.create(trip=world.trip, person=world.stranger, role=Role.VIEWER)
    events = history(api.acting_for(world.stranger), f"/v1/trips/{TRIP}").json["results"]
    assert [event["type"] for event in events] == ["trips.updated", "trips.created"]


@pytest.mark.parametrize("row", ["1", "x", "99999999999999999999"])
def test_what_never_was_is_not_found(world: World, api: Client, row: str) -> None:
    assert history(api, f"/v1/cities/{row}").status == 404


@pytest.mark.parametrize(
    ("parameters", "parameter"), [({"limit": "501"}, "limit"), ({"cursor": "x"}, "cursor"), ({"befor": "1"}, "befor")]
)
def test_what_is_not_understood_is_refused(
    world: World, api: Client, parameters: dict[str, str], parameter: str
) -> None:
    answer = history(api, PARIS, **parameters)
    assert answer.status == 400
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


def test_it_is_not_sent_again_to_who_has_it(world: World, api: Client) -> None:
    answer = history(api, PARIS)
    assert api.with_headers(If_None_Match=answer.headers["etag"]).get(f"{PARIS}/history").status == 304
    assert api.send("OPTIONS", f"{PARIS}/history").headers["allow"] == "GET, HEAD, OPTIONS"
    assert api.post(f"{PARIS}/history", {}).status == 405

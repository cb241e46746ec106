"""Delta sync: what was changed since a cursor, and of that what whoever asks may know."""

import json
from typing import Any

import pytest
from django.db import transaction

from resources.core.journal import log
from resources.places.models import City, Country
from resources.trips.models import Member, Role, Stop, Trip
from resources.trips.sharing import transfer
from tests.client import Client
from tests.world import World, key

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = {"resource": "cities,countries,airports"}
TRIP, OTHER = str(key(10)), str(key(11))
LYON = {"id": 2996944, "name": "Lyon", "country_id": "FR", "latitude": 45.74846, "longitude": 4.84671,
        "timezone": "Europe/Paris", "population": 0}  # fmt: skip


class Reader:
    """Somebody who follows changes."""

    def __init__(self, api: Client, **parameters: str) -> None:
        self.api, self.parameters = api, parameters
        log.catch_up()
        self.since = self.api.get("/v1/changes", **parameters).json["next"]

    def page(self, **parameters: Any) -> Any:
        """Read on."""
        log.catch_up()
        page = self.api.get("/v1/changes", since=self.since, **self.parameters, **parameters).json
        self.since = page["next"]
        return page

    def told(self) -> list[tuple[str, str]]:
        """Read on, and return the kind and the row of each event."""
        return [(event["type"], event["subject"]) for event in self.page()["results"]]


def test_a_row_is_created_updated_and_deleted(world: World, api: Client) -> None:
    reader = Reader(api, **PLACES)
    city = City.objects.create(**LYON)
    City.objects.filter(pk=city.pk).update(population=522250)
    city.delete()
    page = reader.page()
    assert [event["type"] for event in page["results"]] == ["cities.created", "cities.updated", "cities.deleted"]
    created, updated, deleted = page["results"]
    assert created["data"]["name"] == "Lyon"
    assert (created["data"]["population"], updated["data"]["population"]) == (0, 522250)
    assert deleted["data"] == {"id": 2996944}
    assert page["more"] is False
    assert page["next"] == deleted["id"]


def test_an_event_is_a_cloud_event(world: World, api: Client) -> None:
    reader = Reader(api, **PLACES)
    City.objects.filter(pk=2988507).update(population=1)
    [event] = reader.page()["results"]
    assert event.pop("time").endswith("Z")
    assert event.pop("id") == reader.since
    assert event == {
        "specversion": "1.0",
        "source": "http://testserver/v1/cities",
        "type": "cities.updated",
        "subject": "2988507",
        "datacontenttype": "application/json",
        "data": api.get("/v1/cities/2988507").json,
    }


def test_the_library_of_cloud_events_reads_every_event(world: World, api: Client) -> None:
    http = pytest.importorskip("cloudevents.core.bindings.http")
    reader = Reader(api.acting_for(world.owner))
    City.objects.create(**LYON).delete()
    Country.objects.get(pk="FR").languages.add("de")
    world.trip.delete()
    events = reader.page()["results"]
    assert {event["type"].partition(".")[2] for event in events} == {"created", "updated", "deleted"}
    for event in events:
        message = http.HTTPMessage({"content-type": "application/cloudevents+json"}, json.dumps(event).encode())
        read = http.from_http_event(message)
        assert (read.get_id(), read.get_source(), read.get_type()) == (event["id"], event["source"], event["type"])
        assert (read.get_subject(), read.get_data()) == (event["subject"], event["data"])
        assert read.get_time().isoformat().replace("+00:00", "Z") == event["time"]


def test_without_a_cursor_it_begins_now(world: World, api: Client) -> None:
    page = api.get("/v1/changes").json
    assert (page["results"], page["more"]) == ([], False)
    assert api.get("/v1/changes", since=page["next"]).json == page


@pytest.mark.parametrize("name", ["airports", "cities", "countries", "currencies", "languages", "subdivisions"])
def test_a_row_is_shown_as_its_list_shows_it(world: World, api: Client, name: str) -> None:
    rows = api.get(f"/v1/{name}").json["results"]
    begin = Reader(api, resource=name)
    from django.apps import apps

    [model] = [each for each in apps.get_models() if each._meta.db_table == f"places_{name[:-1]}".replace("ie", "y")]
    for row in model._base_manager.all():
        field = "name"
        setattr(row, field, f"{row.name}!")
        row.save()
    shown = {event["subject"]: event["data"] for event in begin.page()["results"]}
    assert shown == {str(row["id"]): row for row in api.get(f"/v1/{name}").json["results"]}
    assert len(shown) == len(rows)


def test_pages_end_where_transactions_end(world: World, api: Client) -> None:
    reader = Reader(api, **PLACES)
    for pk in (2950159, 2661552):
        with transaction.atomic():
            City.objects.filter(pk=pk).update(population=5)
            Country.objects.filter(pk="FR").update(population=pk)
    seen = []
    for more in (True, False):
        page = reader.page(limit=3)
        assert page["more"] is more
        seen.append([event["subject"] for event in page["results"]])
    assert seen == [["2950159", "FR"], ["2661552", "FR"]]


def test_a_long_transaction_is_split(world: World, api: Client) -> None:
    reader = Reader(api, **PLACES)
    City.objects.all().update(population=7)
    seen: list[str] = []
    while True:
        page = reader.page(limit=4)
        seen += [event["subject"] for event in page["results"]]
        if not page["more"]:
            break
    assert sorted(seen) == sorted(str(city.pk) for city in City.objects.all())


def test_what_changed_nothing_is_no_change(world: World, api: Client) -> None:
    reader = Reader(api)
    City.objects.filter(pk=2988507).update(name="Paris")
    assert reader.told() == []


def test_a_many_to_many_relation_is_a_member_of_its_row(world: World, api: Client) -> None:
    reader = Reader(api, **PLACES)
    Country.objects.get(pk="FR").languages.add("de", "en")
    [event] = reader.page()["results"]
    assert (event["type"], event["subject"], event["data"]["languages"]) == (
        "countries.updated",
        "FR",
        ["de", "en", "fr"],
    )


def test_a_new_row_with_relations_is_one_event(world: World, api: Client) -> None:
    reader = Reader(api.acting_for(world.staff), **PLACES)
    body = {"id": "IT", "alpha_3": "ITA", "name": "Italy", "continent": "EU", "population": 60431283,
            "languages": ["de", "fr"]}  # fmt: skip
    created = api.acting_for(world.staff).post("/v1/countries", body)
    assert created.status == 201
    [event] = reader.page()["results"]
    assert (event["type"], event["data"]) == ("countries.created", created.json)


def test_who_acted_is_told_to_themselves_and_to_staff(world: World, api: Client) -> None:
    owner, viewer = api.acting_for(world.owner), api.acting_for(world.viewer)
    readers = {"owner": Reader(owner), "viewer": Reader(viewer)}
    assert owner.patch(f"/v1/trips/{TRIP}", {"name": "Alps"}).status == 200
    [mine], [theirs] = (reader.page()["results"] for reader in readers.values())
    assert mine["actor"] == str(world.owner.pk)
    assert "actor" not in theirs
    staff = api.acting_for(world.staff)
    reader = Reader(staff, **PLACES)
    assert api.acting_for(world.staff).patch("/v1/cities/2988507", {"population": 3}).status == 200
    assert [event["actor"] for event in reader.page()["results"]] == [str(world.staff.pk)]


def test_everybody_is_told_of_what_they_may_read(world: World, api: Client) -> None:
    everybody = ("owner", "editor", "viewer", "stranger", "staff")
    readers = {name: Reader(api.acting_for(getattr(world, name))) for name in everybody}
    guest = Reader(api)
    Trip.objects.filter(pk=TRIP).update(name="Alps by bicycle")
    Stop.objects.filter(trip=TRIP, position=1).update(notes="Bring water.")
    stop = str(world.stops[0].pk)
    told = {name: reader.told() for name, reader in readers.items()}
    known = [("trips.updated", TRIP), ("stops.updated", stop)]
    assert told == {"owner": known, "editor": known, "viewer": known, "stranger": [], "staff": []}
    assert guest.told() == []


def test_a_deletion_is_told_to_those_who_could_read_the_row(world: World, api: Client) -> None:
    readers = {name: Reader(api.acting_for(getattr(world, name)), resource="trips,stops,members")
               for name in ("owner", "viewer", "stranger")}  # fmt: skip
    world.trip.delete()
    for name, reader in readers.items():
        page = reader.page()
        told = [(event["type"], event["subject"]) for event in page["results"]]
        assert "reset" not in page
        if name == "stranger":
            assert told == []
            continue
        assert {*told} == {
            ("trips.deleted", TRIP),
            *(("stops.deleted", str(key(20 + place))) for place in range(3)),
            *(("members.deleted", str(key(30 + place))) for place in range(2)),
        }
        assert all(event["data"] == {"id": event["subject"]} for event in page["results"])


def test_a_deletion_that_is_split_is_told(world: World, api: Client) -> None:
    reader = Reader(api.acting_for(world.viewer), resource="trips,stops")
    world.trip.delete()
    told: list[str] = []
    while True:
        page = reader.page(limit=1)
        told += [event["type"] for event in page["results"]]
        if not page["more"]:
            break
    assert sorted(told) == ["stops.deleted"] * 3 + ["trips.deleted"]


@pytest.mark.parametrize("who", ["owner", "viewer"])
@pytest.mark.parametrize("limit", [1, 500])
def test_a_row_that_was_deleted_before_what_it_was_part_of(world: World, api: Client, who: str, limit: int) -> None:
    """Nothing tells any more who could read the stop, so its list is to be read again."""
    reader = Reader(api.acting_for(getattr(world, who)), resource="stops")
    Stop.objects.filter(trip=TRIP).order_by("pk")[0].delete()
    Trip.objects.get(pk=TRIP).delete()
    reset, more = list[str](), True
    while more:
        page = reader.page(limit=limit)
        reset += page.get("reset", [])
        more = page["more"]
    assert reset == ["stops"]


def test_a_row_that_was_moved_before_what_it_was_part_of_went(world: World, api: Client) -> None:
    reader = Reader(api.acting_for(world.viewer), resource="stops")
    Stop.objects.filter(trip=TRIP, position=3).update(trip=OTHER, arrives_at=None)
    Trip.objects.get(pk=TRIP).delete()
    assert reader.page()["reset"] == ["stops"]


def test_a_row_that_comes_to_be_readable_is_created_and_one_that_ceases_to_be_deleted(
    world: World, api: Client
) -> None:
    """Nobody is a member; the owner changes, and then the name."""
    Member.objects.all().delete()
    owner = Reader(api.acting_for(world.owner), resource="trips")
    stranger = Reader(api.acting_for(world.stranger), resource="trips")
    Trip.objects.filter(pk=TRIP).update(notes="Known to the owner alone.")
    Trip.objects.filter(pk=TRIP).update(owner=world.stranger, notes="")
    Trip.objects.filter(pk=TRIP).update(name="Mine now")
    assert owner.told() == [("trips.deleted", TRIP)]  # and nothing of what may not be read any more
    page = stranger.page()["results"]
    assert [(event["type"], event["data"]["name"]) for event in page] == [
        ("trips.created", world.trip.name),
        ("trips.updated", "Mine now"),
    ]
    assert "Known to" not in str(page)


def test_what_was_written_before_one_could_read_it_stays_unknown(world: World, api: Client) -> None:
    stranger = Reader(api.acting_for(world.stranger), resource="trips")
    trip = Trip.objects.get(pk=TRIP)
    for notes in ("first secret", "second secret", "for everybody"):
        trip.notes = notes
        trip.save()
    Trip.objects.filter(pk=TRIP).update(owner=world.stranger)
    assert "secret" not in str(stranger.page()["results"])


@pytest.mark.parametrize("how", ["added", "removed"])
def test_who_comes_to_read_other_rows_is_told_to_read_the_lists_again(world: World, api: Client, how: str) -> None:
    person = world.stranger if how == "added" else world.viewer
    reader, cities = (
        Reader(api.acting_for(person), resource=names) for names in ("trips,stops,members,cities", "cities")
    )
    City.objects.filter(pk=2988507).update(population=9)
    Trip.objects.filter(pk=TRIP).update(name="Changed before")
    if how == "added":
        Member.objects.create(trip=world.trip, person=person, role=Role.VIEWER)
    else:
        Member.objects.filter(person=person).delete()
    page = reader.page()
    assert page["reset"] == ["trips", "stops", "members"]
    assert [event["type"] for event in page["results"]] == ["cities.updated"]
    assert "reset" not in cities.page()
    assert "reset" not in reader.page()
    Trip.objects.filter(pk=TRIP).update(name="Changed after")
    assert reader.told() == ([("trips.updated", TRIP)] if how == "added" else [])


def test_nobody_else_is_told_to_read_again(world: World, api: Client) -> None:
    readers = [Reader(api.acting_for(person)) for person in (world.owner, world.viewer, world.stranger)]
    Member.objects.filter(person=world.editor).update(role=Role.VIEWER)
    Trip.objects.filter(pk=TRIP).update(name="Another")
    assert ["reset" in reader.page() for reader in readers] == [False, False, False]


def test_who_becomes_somebody_else_reads_again(world: World, api: Client) -> None:
    reader, other = (Reader(api.acting_for(person)) for person in (world.owner, world.viewer))
    world.owner.is_staff = True
    world.owner.save()
    assert reader.page()["reset"] == ["trips", "stops", "members", "invitations", "keys"]
    assert "reset" not in reader.page()
    assert "reset" not in other.page()


def test_a_trip_that_is_handed_over(world: World, api: Client) -> None:
    readers = {name: Reader(api.acting_for(getattr(world, name)), resource="trips") for name in ("owner", "editor")}
    with transaction.atomic():
        transfer(world.trip, Member.objects.get(person=world.editor))
    for reader in readers.values():
        page = reader.page()
        assert page.get("reset") == ["trips"] or [each["type"] for each in page["results"]] == ["trips.updated"]


def test_scopes_of_keys_hold(world: World, api: Client) -> None:
    narrow = api.acting_for(world.owner, "stops:read")
    reader = Reader(narrow)
    Trip.objects.filter(pk=TRIP).update(name="Alps")
    Stop.objects.filter(pk=key(20)).update(notes="!")
    assert reader.told() == [("stops.updated", str(key(20)))]
    assert narrow.get("/v1/changes", resource="trips").status == 403
    assert api.get("/v1/changes", resource="trips").status == 401


@pytest.mark.parametrize(
    ("parameters", "parameter", "says"),
    [
        ({"sinc": "1"}, "sinc", "Did you mean 'since'"),
        ({"resource": "trip"}, "resource", "Did you mean 'trips'"),
        ({"resource": ""}, "resource", "There is no resource ''"),
        ({"since": "12"}, "since", "Expected a cursor"),
        ({"limit": "0"}, "limit", "between 1 and 2000"),
    ],
)
def test_what_is_not_understood_is_refused(
    world: World, api: Client, parameters: dict[str, Any], parameter: str, says: str
) -> None:
    answer = api.get("/v1/changes", **parameters)
    assert answer.status == 400
    [error] = answer.json["errors"]
    assert error["parameter"] == parameter
    assert says in error["detail"]


def test_a_cursor_of_another_history_is_gone(world: World, api: Client) -> None:
    City.objects.filter(pk=2988507).update(population=9)
    log.catch_up()
    position = log.latest().position
    answer = api.get("/v1/changes", since=f"{position}-0123456789abcdef")
    assert answer.status == 410
    assert answer.json["type"] == "http://testserver/problems/changes-gone"
    assert api.get("/v1/changes", since=answer.json["cursor"]).status == 200


def test_it_is_not_sent_again_to_who_has_it(world: World, api: Client) -> None:
    since = api.get("/v1/changes").json["next"]
    answer = api.get("/v1/changes", since=since)
    assert answer.headers["cache-control"] == "public, no-cache"
    again = api.with_headers(If_None_Match=answer.headers["etag"]).get("/v1/changes", since=since)
    assert again.status == 304
    assert api.send("HEAD", f"/v1/changes?since={since}").headers["etag"] == answer.headers["etag"]
    assert api.send("OPTIONS", "/v1/changes").headers["allow"] == "GET, HEAD, OPTIONS"


def test_events_come_line_by_line_too(world: World, api: Client) -> None:
    reader = Reader(api, **PLACES)
    City.objects.filter(population__gt=1_000_000).update(timezone="UTC")
    log.catch_up()
    lines = api.get("/v1/changes", since=reader.since, accept="application/x-ndjson", **PLACES)
    assert lines.lines == reader.page()["results"]
    assert f"since={reader.since}" in lines.links["next"]

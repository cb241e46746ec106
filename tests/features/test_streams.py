"""NDJSON and CSV: whole collections, in constant memory, with the filters of lists."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import City
from resources.trips.models import Trip
from tests.client import Answer, Client
from tests.world import World

NDJSON, CSV = "application/x-ndjson", "text/csv"
CITIES = "/v1/cities"
CHUNK = 500
MANY = 2 * CHUNK + 37


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    pass


@pytest.fixture
def many() -> None:
    """More cities than two chunks, with ties in what they are ordered by."""
    City.objects.bulk_create(
        City(
            id=number,
            name=f"City {number % 7}",
            country_id="AQ",
            population=number % 3,
            latitude=number / 100,
            longitude=-number / 100,
            timezone="UTC",
        )
        for number in range(1, MANY + 1)
    )


def table(answer: Answer) -> list[dict[str, str]]:
    assert answer.status == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


@pytest.mark.parametrize("ordering", ["id", "-id", "population,-name", "-country__name,population"])
def test_every_row_once_beyond_a_page(api: Client, many: None, ordering: str) -> None:
    rows = api.get(CITIES, accept=NDJSON, country="AQ", ordering=ordering, fields="id").lines
    listed = [row["id"] for row in api.walk(CITIES, country="AQ", ordering=ordering, fields="id", limit=500)]
    assert [row["id"] for row in rows] == listed
    assert sorted(listed) == list(range(1, MANY + 1))
    lines = table(api.get(CITIES, accept=CSV, country="AQ", ordering=ordering, fields="id"))
    assert [int(line["id"]) for line in lines] == listed


def test_a_line_is_what_a_list_shows(api: Client) -> None:
    listed = api.get(CITIES).json["results"]
    answer = api.get(CITIES, accept=NDJSON)
    assert answer.lines == listed
    assert answer.content.endswith(b"}\n")
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"


QUERIES: list[dict[str, Any]] = [
    {"country": "FR"},
    {"country__not": "FR", "population__gte": 300000},
    {"filter": {"or": [{"is_capital": True}, {"country": "US"}]}},
    {"search": "saint"},
    {"ordering": "-population"},
    {"fields": "name,country.currency.name"},
    {"expand": "country,subdivision"},
    {"limit": 3, "ordering": "name"},
    {"limit": 3, "country__in": ["FR", "DE"], "expand": "country.currency"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_parameters_mean_what_they_mean_on_lists(api: Client, query: dict[str, Any]) -> None:
    listed = api.get(CITIES, **query).json["results"]
    assert listed
    assert api.get(CITIES, accept=NDJSON, **query).lines == listed
    assert len(table(api.get(CITIES, accept=CSV, **query))) == len(listed)


def test_from_a_cursor_on(api: Client) -> None:
    page = api.get(CITIES, limit=4, ordering="name")
    rest = api.get(page.json["next"].replace("limit=4&", ""), accept=NDJSON).lines
    assert page.json["results"] + rest == api.get(CITIES, ordering="name").json["results"]
    assert api.get(page.json["next"], accept=NDJSON).lines == rest[:4]


@pytest.mark.parametrize("limit", [1, 499, 500])
def test_a_limit_is_kept(api: Client, many: None, limit: int) -> None:
    assert len(api.get(CITIES, accept=NDJSON, limit=limit).lines) == limit


def test_nothing_to_send(api: Client) -> None:
    query = {"country": "AQ", "fields": "id,name"}
    assert api.get(CITIES, accept=NDJSON, **query).content == b""
    assert api.get(CITIES, accept=CSV, **query).content == b"id,name\r\n"


def test_only_the_rows_that_one_may_read(api: Client, world: World) -> None:
    for who in (world.owner, world.viewer, world.stranger):
        client = api.acting_for(who)
        ids = [row["id"] for row in client.get("/v1/trips").json["results"]]
        assert [row["id"] for row in client.get("/v1/trips", accept=NDJSON).lines] == ids
        assert [line["id"] for line in table(client.get("/v1/trips", accept=CSV))] == ids
        assert len(ids) == 1


# Tables


def test_a_table_begins_with_the_names(api: Client) -> None:
    answer = api.get("/v1/airports", accept=CSV, fields="id,name,country,elevation", country="US")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.text == (
        "id,name,country,elevation\r\n"
        "PHNL,Daniel K Inouye International Airport,US,13\r\n"
        "YYWA,Yowah Airport,US,\r\n"  # nothing for null
    )


def test_columns_are_the_members_in_order(api: Client) -> None:
    row = api.get(CITIES, limit=1).json["results"][0]
    assert list(table(api.get(CITIES, accept=CSV, limit=1))[0]) == list(row)


def test_objects_become_columns_with_dots(api: Client) -> None:
    query = {"fields": "name,country.name,country.currency.id,subdivision.name", "ordering": "name"}
    lines = table(api.get(CITIES, accept=CSV, **query))
    assert list(lines[0]) == ["name", "country.name", "country.currency.id", "subdivision.name"]
    assert list(lines[0].values()) == ["Berlin", "Germany", "EUR", "Berlin"]
    assert list(lines[1].values()) == ["Bern", "Switzerland", "CHF", ""]


def test_an_object_that_is_missing_leaves_its_columns_empty(api: Client) -> None:
    lines = table(api.get("/v1/countries", accept=CSV, fields="id,currency.id,currency.name", id="AQ"))
    assert lines == [{"id": "AQ", "currency.id": "", "currency.name": ""}]


def test_of_an_object_that_one_may_not_read_the_id_stays(api: Client, world: World) -> None:
    narrow = api.acting_for(world.owner, "members:read")
    lines = table(narrow.get("/v1/members", accept=CSV, fields="trip.id,trip.name,trip.currency.id", ordering="id"))
    assert lines == [{"trip.id": str(world.trip.id), "trip.name": "", "trip.currency.id": ""}] * 2


def test_booleans_lists_and_objects(api: Client, world: World) -> None:
    assert table(api.get(CITIES, accept=CSV, name="Paris", fields="is_capital", ordering="-population")) == [
        {"is_capital": "true"},
        {"is_capital": "false"},
    ]
    lines = table(api.get("/v1/countries", accept=CSV, fields="languages", id__in=["AQ", "CH"]))
    assert [line["languages"] for line in lines] == ["[]", '["de","fr"]']
    expanded = table(api.get("/v1/countries", accept=CSV, fields="id,languages.name", id="CH"))
    assert expanded[0]["languages"] == '{"results":[{"name":"German"},{"name":"French"}],"next":null}'
    trip = table(api.acting_for(world.owner).get("/v1/trips", accept=CSV))[0]
    assert json.loads(trip["details"]) == {"seats": [11, 12], "class": 2, "meals": {"breakfast": True}}
    assert (trip["budget"], trip["begins_on"]) == ("1250.50", "2027-05-01")
    assert trip["created_at"].endswith("Z")


@pytest.mark.parametrize(
    "text", ['He said "hi"', "a,b", "one\ntwo", "one\r\ntwo", "\rx", "Zürich 東京 🚂", "=1+1", "'", '"', ",", " x ", ""]
)
def test_any_text_arrives_as_it_is(api: Client, world: World, text: str) -> None:
    Trip.objects.filter(id=world.trip.id).update(notes=text)
    owner = api.acting_for(world.owner)
    assert table(owner.get("/v1/trips", accept=CSV, fields="notes,name")) == [{"name": "Alps by train", "notes": text}]
    answer = owner.get("/v1/trips", accept=NDJSON, fields="notes")
    assert answer.lines == [{"notes": text}]
    assert answer.content.count(b"\n") == 1


def test_a_browser_saves_it_under_the_name_of_the_resource(api: Client) -> None:
    assert api.get(CITIES, accept=CSV).headers["Content-Disposition"] == 'attachment; filename="cities.csv"'
    assert api.get(CITIES, accept=NDJSON).headers["Content-Disposition"] == 'attachment; filename="cities.ndjson"'


# Bounded work


@pytest.mark.parametrize("accept", [NDJSON, CSV])
@pytest.mark.parametrize(
    ("quick", "sizes"),
    [pytest.param(0.0, [CHUNK, CHUNK, 37], id="slow"), pytest.param(1e9, [CHUNK, CHUNK + 37], id="quick")],
)
def test_a_chunk_is_read_when_the_one_before_was_taken(
    api: Client, many: None, monkeypatch: pytest.MonkeyPatch, accept: str, quick: float, sizes: list[int]
) -> None:
    monkeypatch.setattr("api.core.read.plan.QUICK", quick)  # chunks grow while they are read within so many seconds
    with CaptureQueriesContext(connection) as queries:
        response: Any = api.get(CITIES, accept=accept, country="AQ", fields="id", read=False).response
        chunks: Iterator[bytes] = iter(response.streaming_content)
        seen = [(len(queries), len(chunk.splitlines())) for chunk in chunks]
    sizes = [sizes[0] + (accept == CSV), *sizes[1:]]
    assert seen == list(enumerate(sizes, start=1))
    assert len(queries) == len(sizes)  # one that is not full was the last


def test_chunks_grow_no_larger_than_they_may(api: Client, many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.core.read.plan.QUICK", 1e9)
    monkeypatch.setattr("api.core.read.plan.MOST_IN_CHUNK", CHUNK + 100)
    response: Any = api.get(CITIES, accept=NDJSON, country="AQ", fields="id", read=False).response
    sizes = [len(chunk.splitlines()) for chunk in response.streaming_content]
    assert sizes == [CHUNK, CHUNK + 37]
    monkeypatch.setattr("api.core.read.plan.MOST_IN_CHUNK", CHUNK + 1)
    response = api.get(CITIES, accept=NDJSON, country="AQ", fields="id", read=False).response
    assert [len(chunk.splitlines()) for chunk in response.streaming_content] == [CHUNK, CHUNK + 1, 36]


def test_what_is_written_meanwhile_stands_in_it_once_or_not(api: Client, many: None) -> None:
    response: Any = api.get(CITIES, accept=NDJSON, country="AQ", fields="id", read=False).response
    chunks = iter(response.streaming_content)
    taken = [next(chunks)]
    City.objects.filter(id__in=[1, CHUNK, CHUNK + 1, MANY]).delete()
    City.objects.create(
        id=MANY + 1, name="Late", country_id="AQ", population=1, latitude=0, longitude=0, timezone="UTC"
    )
    ids = [json.loads(line)["id"] for line in b"".join([*taken, *chunks]).splitlines()]
    assert ids == [*range(1, CHUNK + 1), *range(CHUNK + 2, MANY), MANY + 1]


def test_the_number_of_statements_does_not_depend_on_the_rows(
    api: Client, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.core.read.plan.MOST_OBJECTS", 10**6)  # or there would be as many for each slice

    def statements(limit: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            api.get(CITIES, accept=NDJSON, country="AQ", expand="country.languages,country.airports", limit=limit)
        return len(queries)

    assert statements(2) == statements(CHUNK)


def test_links_in_a_stream_lead_back_to_where_it_was_asked_for(api: Client, many: None) -> None:
    answer = api.get("/v1/countries", accept=NDJSON, id="AQ", fields="cities.id")
    cities = answer.lines[0]["cities"]
    assert cities["next"].startswith("http://testserver/v1/cities?")
    rest = [row["id"] for row in api.walk(cities["next"])]
    assert [row["id"] for row in cities["results"]] + rest == list(range(1, MANY + 1))


# What is refused


@pytest.mark.parametrize("accept", [NDJSON, CSV])
def test_head_sends_nothing(api: Client, accept: str) -> None:
    got, head = api.get(CITIES, accept=accept), api.head(CITIES, accept=accept)
    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["Content-Disposition"] == got.headers["Content-Disposition"]


@pytest.mark.parametrize("accept", [NDJSON, CSV])
@pytest.mark.parametrize(
    "query",
    [
        {"contry": "FR"},
        {"country": ""},
        {"ordering": "nonsense"},
        {"expand": "nonsense"},
        {"fields": "nonsense"},
        {"limit": 501},
        {"cursor": "nonsense"},
        {"page": 1},
        {"page_size": 10},
        {"count": "exact"},
    ],
    ids=str,
)
def test_errors_are_problems(api: Client, accept: str, query: dict[str, Any]) -> None:
    for answer in (api.get(CITIES, accept=accept, **query), api.head(CITIES, accept=accept, **query)):
        assert answer.status == 400
        assert answer.exchange.media_type == "application/problem+json"
    assert "Content-Disposition" not in answer.headers


def test_a_cursor_of_another_request_is_refused_before_the_stream_begins(api: Client) -> None:
    url = api.get(CITIES, limit=2, ordering="name").json["next"].replace("ordering=name", "ordering=-name")
    answer = api.get(url, accept=CSV)
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (400, "cursor")


def test_streams_need_an_identity_like_lists(api: Client) -> None:
    assert api.get("/v1/trips", accept=CSV).status == 401


def test_a_stream_has_no_etag(api: Client) -> None:
    assert "ETag" not in api.get(CITIES, accept=CSV).headers


def test_what_asks_for_a_page_is_named(api: Client) -> None:
    answer = api.get("/v1/cities", accept="text/csv", page=1, count="exact")
    assert answer.status == 400
    assert [error["parameter"] for error in answer.json["errors"]] == ["count", "page"]


def test_a_stream_does_not_run_backwards(api: Client, world: World) -> None:
    second = api.get(api.get("/v1/cities", limit=2).json["next"])
    answer = api.get(second.json["previous"], accept="application/x-ndjson")
    assert answer.status == 400
    assert [error["parameter"] for error in answer.json["errors"]] == ["cursor"]

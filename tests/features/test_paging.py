"""Paging: following `next` yields every row once, `previous` leads back, whatever is written meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from resources.places.models import Airport, Language
from tests.client import Answer, Client
from tests.specimens.made import VALUES, Collection, collections, stored
from tests.specimens.models import Drawer, Specimen
from tests.world import World


def seen(drawer: Drawer | None) -> Drawer | None:
    """Return a drawer if anybody may read it: what is secret counts as missing."""
    return None if drawer is None or drawer.secret else drawer


ACROSS: dict[str, Callable[[Specimen], Any]] = {
    "drawer": lambda row: row.drawer_id,
    "drawer__name": lambda row: getattr(seen(row.drawer), "name", None),
    "drawer__parent": lambda row: getattr(seen(row.drawer), "parent_id", None),
    "drawer__parent__name": lambda row: getattr(seen(getattr(seen(row.drawer), "parent", None)), "name", None),
}
NAMES = [*VALUES, *ACROSS]
ORDERINGS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)


def reference(rows: Iterable[Specimen], ordering: Iterable[str]) -> list[int]:
    """Order rows as the contract says: NULL is the largest value, text by code point, the key closes."""
    names, ordered = list(ordering), list(rows)
    names.append("-id" if names[-1].startswith("-") else "id")
    for name in reversed(names):
        ordered.sort(key=lambda row: place(row, name.removeprefix("-")), reverse=name.startswith("-"))
    return [row.id for row in ordered]


def place(row: Specimen, name: str) -> tuple[bool, Any]:
    value = ACROSS[name](row) if name in ACROSS else getattr(row, name)
    return (True, 0) if value is None else (False, value)


def pages(client: Client, url: str, direction: str = "next", **query: Any) -> Iterator[list[int]]:
    """Follow the links in a direction; yield the ids of each page."""
    page = client.get(url, **query)
    while True:
        assert page.status == 200, page.text
        yield [row["id"] for row in page.json["results"]]
        if page.json[direction] is None:
            return
        page = client.get(page.json[direction])


def flat(pages: Iterable[Iterable[Any]]) -> list[Any]:
    return list(chain.from_iterable(pages))


def last_page(client: Client, url: str, **query: Any) -> Answer:
    page = client.get(url, **query)
    while page.json["next"] is not None:
        page = client.get(page.json["next"])
    return page


@st.composite
def walks(draw: st.DrawFn) -> tuple[Collection, tuple[str, ...], int]:
    ordering = draw(ORDERINGS)
    columns = {name.removeprefix("-") for name in ordering}
    return draw(collections(columns)), ordering, draw(st.integers(1, 6))


@given(walk=walks())
def test_every_row_comes_once_in_order_and_the_way_back_is_the_same(specimens: Client, walk: Any) -> None:
    collection, ordering, limit = walk
    expected = reference(collection.specimens, ordering)
    with stored(collection):
        forth = list(pages(specimens, "/v1/specimens", ordering=ordering, limit=limit, fields="id"))
        assert flat(forth) == expected
        assert all(len(page) == limit for page in forth[:-1])
        end = last_page(specimens, "/v1/specimens", ordering=ordering, limit=limit, fields="id")
        back = list(pages(specimens, end.exchange.url, "previous"))
        assert flat(reversed(back)) == expected


@st.composite
def meddled_walks(draw: st.DrawFn) -> tuple[Collection, tuple[str, ...], list[list[Specimen]], list[list[Specimen]]]:
    """A collection and an ordering, and what is added and what is deleted after each page."""
    ordering = draw(ORDERINGS)
    made = draw(collections({name.removeprefix("-") for name in ordering}))
    turns: tuple[list[list[Specimen]], list[list[Specimen]]] = ([[] for _ in range(4)], [[] for _ in range(4)])
    for row in made.specimens:
        fate = draw(st.sampled_from(["stays", "is added", "is deleted"]))
        if fate != "stays":
            turns[fate == "is deleted"][draw(st.integers(0, 3))].append(row)
    return made, ordering, *turns


@given(walk=meddled_walks(), limit=st.integers(1, 4), backwards=st.booleans())
def test_no_row_that_stays_is_skipped_or_repeated(specimens: Client, walk: Any, limit: int, backwards: bool) -> None:
    made, ordering, added, deleted = walk
    later = {row.id for row in flat(added)}
    moving = later | {row.id for row in flat(deleted)}
    seen_ids: list[int] = []
    with stored(Collection(made.drawers, specimens=[row for row in made.specimens if row.id not in later])):
        first = specimens.get("/v1/specimens", ordering=ordering, limit=limit, fields="id")
        start = last_page(specimens, first.exchange.url) if backwards else first
        walk = pages(specimens, start.exchange.url, "previous" if backwards else "next")
        for page, adding, deleting in zip_longest(walk, added, deleted, fillvalue=()):
            seen_ids += reversed(page) if backwards else page
            Specimen.objects.bulk_create(adding)
            Specimen.objects.filter(pk__in=[row.id for row in deleting]).delete()
    expected = [key for key in reference(made.specimens, ordering) if key not in moving]
    assert [key for key in seen_ids if key not in moving] == (expected[::-1] if backwards else expected)
    assert len(seen_ids) == len(set(seen_ids))


@pytest.mark.parametrize("ordering", ["text", "-text", "text,-whole", "drawer__name"])
def test_more_than_a_thousand_ties(specimens: Client, ordering: str) -> None:
    rows = Specimen.objects.bulk_create(Specimen(id=key) for key in range(1100))
    found = flat(pages(specimens, "/v1/specimens", ordering=ordering, limit=300, fields="id"))
    assert found == reference(rows, ordering.split(","))


def test_a_page_holds_fifty_rows_unless_asked(specimens: Client) -> None:
    Specimen.objects.bulk_create(Specimen(id=key) for key in range(501))
    assert len(specimens.get("/v1/specimens").json["results"]) == 50
    assert len(specimens.get("/v1/specimens", limit=500).json["results"]) == 500


@pytest.mark.parametrize("limit", ["0", "501", "-1", "", "1.5", "1e2", "٣", "9" * 30, "all"])
def test_a_limit_out_of_bounds_is_refused(api: Client, limit: str) -> None:
    answer = api.get("/v1/cities", limit=limit)
    assert answer.status == 400
    assert [error["parameter"] for error in answer.json["errors"]] == ["limit"]


def test_the_only_page_leads_nowhere(api: Client, world: World) -> None:
    answer = api.get("/v1/currencies")
    assert (answer.json["next"], answer.json["previous"]) == (None, None)
    assert not {"next", "prev"} & answer.links.keys()


def test_links_are_absolute_and_repeated_in_the_header(api: Client, world: World) -> None:
    first = api.get("/v1/cities?country=FR&ordering=-population&limit=1&fields=id,name")
    assert first.json["next"].startswith("http://testserver/v1/cities?country=FR&ordering=-population&limit=1&")
    assert first.links == {"next": first.json["next"]}
    second = api.get(first.json["next"])
    assert second.links == {"next": second.json["next"], "prev": second.json["previous"]}
    assert second.json["results"] == [{"id": 2980291, "name": "Saint-Étienne"}]


def test_links_lead_to_the_host_that_was_asked(api: Client, world: World) -> None:
    answer = api.get("/v1/cities?limit=1", headers={"Host": "localhost:8123"})
    assert answer.json["next"].startswith("http://localhost:8123/v1/cities?")


@override_settings(PUBLIC_URL="https://api.example.org")
def test_links_lead_to_the_public_url(api: Client, world: World) -> None:
    answer = api.get("/v1/cities?limit=1", headers={"Host": "localhost:8123"})
    assert answer.json["next"].startswith("https://api.example.org/v1/cities?")


def test_limit_fields_and_expand_may_change_on_the_way(api: Client, world: World) -> None:
    cursor = cursor_of(api.get("/v1/cities?ordering=name&limit=3").json["next"])
    answer = api.get("/v1/cities", ordering="name", limit=1, fields="name", expand="country", cursor=cursor)
    assert answer.json["results"][0]["name"] == "Honolulu"


def test_the_order_of_parameters_does_not_matter_to_a_cursor(api: Client, world: World) -> None:
    cursor = cursor_of(api.get("/v1/cities?country=FR&is_capital=false&limit=1").json["next"])
    assert api.get(f"/v1/cities?cursor={cursor}&limit=1&is_capital=false&country=FR").status == 200


def cursor_of(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query))["cursor"]


@pytest.mark.parametrize(
    "other",
    [
        "/v1/cities?ordering=-name",
        "/v1/cities?ordering=name,population",
        "/v1/cities?ordering=population",
        "/v1/cities?ordering=name&country=FR",
        "/v1/cities?ordering=name&country__not=FR",
        "/v1/cities?ordering=name&search=paris",
        "/v1/cities?ordering=name&filter={%22country%22:%22FR%22}",
        "/v1/cities",
        "/v1/airports?ordering=name",
        "/v1/countries?ordering=name",
    ],
)
def test_a_cursor_of_another_request_is_refused(api: Client, world: World, other: str) -> None:
    cursor = cursor_of(api.get("/v1/cities?ordering=name&limit=3").json["next"])
    refused(api.get(other, cursor=cursor))


def test_a_cursor_of_another_value_is_refused(api: Client, world: World) -> None:
    cursor = cursor_of(api.get("/v1/cities?country=US&limit=1").json["next"])
    refused(api.get("/v1/cities?country=FR", cursor=cursor))


def test_a_cursor_that_was_changed_is_refused(api: Client, world: World) -> None:
    cursor = cursor_of(api.get("/v1/cities?limit=1").json["next"])
    assert api.get("/v1/cities", cursor=cursor).status == 200
    for place, letter in enumerate(cursor):
        refused(api.get("/v1/cities", cursor=cursor[:place] + ("A" if letter != "A" else "B") + cursor[place + 1 :]))


@pytest.mark.parametrize(
    "change", ["{}A", "{}=", "{}!", " {}", "{}\n", "", "x", "é", "{}{}", "=====", "AAAA", "{:.20}"]
)
def test_what_is_no_cursor_is_refused(api: Client, world: World, change: str) -> None:
    cursor = cursor_of(api.get("/v1/cities?limit=1").json["next"])
    refused(api.get("/v1/cities", cursor=change.format(cursor, cursor)))


def refused(answer: Answer) -> None:
    assert answer.status == 400, answer.text
    assert [error["parameter"] for error in answer.json["errors"]] == ["cursor"]


def test_when_all_that_follows_is_deleted_previous_leads_to_the_last_page(api: Client, world: World) -> None:
    first = api.get("/v1/languages?limit=2&ordering=id&fields=id").json
    Language.objects.filter(id__gt=first["results"][-1]["id"]).delete()
    empty = api.get(first["next"]).json
    assert (empty["results"], empty["next"]) == ([], None)
    assert api.get(empty["previous"]).json == {**first, "next": None}


def test_when_all_that_precedes_is_deleted_next_leads_to_the_first_page(api: Client, world: World) -> None:
    second = api.get(api.get("/v1/languages?limit=2&ordering=id&fields=id").json["next"]).json
    Language.objects.filter(id__lt=second["results"][0]["id"]).delete()
    empty = api.get(second["previous"]).json
    assert (empty["results"], empty["previous"]) == ([], None)
    assert api.get(empty["next"]).json == {**second, "previous": None}


def test_numbered_pages(api: Client, world: World) -> None:
    query = {"ordering": "id", "fields": "id"}
    expected = [{"id": key} for key in Airport.objects.order_by("id").values_list("id", flat=True)]
    first = api.get("/v1/airports", page_size=3, **query)
    assert (first.json["count"], first.json["previous"], first.json["results"]) == (7, None, expected[:3])
    last = api.get("/v1/airports", page=3, page_size=3, **query)
    assert (last.json["next"], last.json["results"]) == (None, expected[6:])
    assert last.links == {"prev": last.json["previous"]}
    assert api.get(last.json["previous"]).json["results"] == expected[3:6]


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("page=0", ["page"]),
        ("page=-1", ["page"]),
        ("page=", ["page"]),
        ("page=9223372036854775807", ["page"]),
        ("page=last", ["page"]),
        ("page_size=501", ["page_size"]),
        ("page_size=0", ["page_size"]),
        ("page=1&limit=5", ["limit"]),
        ("page=1&cursor=x&limit=5", ["cursor", "limit"]),
        ("page=1&count=estimated", ["count"]),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(api: Client, query: str, parameters: list[str]) -> None:
    answer = api.get(f"/v1/cities?{query}")
    assert answer.status == 400
    assert sorted(error["parameter"] for error in answer.json["errors"]) == parameters


@pytest.mark.parametrize("page", [4, 33_333])
def test_a_page_after_the_last_one_is_not_found(api: Client, world: World, page: int) -> None:
    assert api.get("/v1/airports", page=page, page_size=3).status == 404


def test_the_first_page_of_nothing_is_empty(api: Client) -> None:
    answer = api.get("/v1/airports?page=1")
    assert answer.json == {"next": None, "previous": None, "count": 0, "results": []}

"""What another program has stored as a text, and is none, is shown with replacement letters, and loses no list."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from api.core.read.strategies import Level
from tests.client import Client
from tests.world import World

PARIS = 2988507
SHOWN = "Par\ufffds"


@pytest.fixture(params=Level)
def damaged(request: pytest.FixtureRequest, world: World, vendor: str, settings: Any) -> None:
    if vendor != "sqlite":
        pytest.skip("PostgreSQL takes no text that is none")
    settings.READ_LEVEL = request.param.value
    with connection.cursor() as cursor:
        cursor.execute("UPDATE places_city SET name = CAST(x'506172ED73' AS TEXT) WHERE geonameid = %s", [PARIS])


@pytest.mark.usefixtures("damaged")
def test_it_is_shown_wherever_its_row_is(api: Client) -> None:
    assert api.get(f"/v1/cities/{PARIS}").json["name"] == SHOWN
    for address in (f"/v1/cities?id={PARIS}", f"/v1/cities?id__in={PARIS}&ordering=name&fields=id,name"):
        assert [row["name"] for row in api.get(address).json["results"]] == [SHOWN]
    for kind in ("application/x-ndjson", "text/csv"):
        assert SHOWN in api.get(f"/v1/cities?id={PARIS}", headers={"Accept": kind}).text
    assert api.get(f"/v1/cities/{PARIS}/history").json["results"][0]["data"]["name"] == SHOWN


@pytest.mark.usefixtures("damaged")
def test_a_walk_through_all_rows_passes_it_once(api: Client) -> None:
    address, seen = "/v1/cities?ordering=name&limit=100&fields=id", list[int]()
    while address:
        page = api.get(address).json
        seen += [row["id"] for row in page["results"]]
        address = page["next"] and page["next"].removeprefix("http://testserver")
    assert seen.count(PARIS) == 1
    assert len(seen) == len(set(seen)) == api.get("/v1/cities?count=exact&limit=1").json["count"]


@pytest.mark.usefixtures("damaged")
def test_what_is_asked_for_by_the_replacement_is_not_found(api: Client) -> None:
    assert api.get(f"/v1/cities?name={quote(SHOWN)}").json["results"] == []


@pytest.mark.usefixtures("damaged")
def test_it_can_be_mended(staff: Client) -> None:
    address = f"/v1/cities/{PARIS}"
    mended = staff.patch(address, {"name": "Paris"}, headers={"If-Match": staff.get(address).headers["ETag"]})
    assert (mended.status, mended.json["name"]) == (200, "Paris")

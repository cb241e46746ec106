"""CORS: pages of the origins in `CORS_ORIGINS` may call the API from a browser, and no others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from api.core.settings import configuration
from tests.client import Answer, Client
from tests.world import World

OURS, OTHER = "https://app.example.org", "https://evil.example.com"
pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def _ours(settings: Any) -> None:
    """What `CORS_ORIGINS=https://app.example.org,http://localhost:5173` does."""
    settings.CORS_ALLOWED_ORIGINS = [OURS, "http://localhost:5173"]


Preflight = Callable[..., Answer]


@pytest.fixture
def preflight(api: Client) -> Preflight:
    def ask(url: str, method: str, *headers: str, origin: str = OURS) -> Answer:
        asked = {"Access-Control-Request-Headers": ",".join(headers)} if headers else {}
        # A refused preflight is answered before any route is looked for, and so without `Allow`.
        return api.unchecked().options(url, headers={"Origin": origin, "Access-Control-Request-Method": method} | asked)

    return ask


def names(text: str) -> set[str]:
    return {name.strip().lower() for name in text.split(",")}


@pytest.mark.parametrize("origin", [OURS, "http://localhost:5173"])
def test_our_pages_may_read(api: Client, origin: str) -> None:
    answer = api.get("/v1/cities", headers={"Origin": origin})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "origin" in names(answer.headers["Vary"])


@pytest.mark.parametrize(
    "origin", [OTHER, "http://app.example.org", "https://app.example.org:8443", "null", OURS + ".x"]
)
def test_other_pages_may_not(api: Client, preflight: Preflight, origin: str) -> None:
    for answer in (
        api.get("/v1/cities", headers={"Origin": origin}),
        preflight("/v1/trips", "POST", "authorization", origin=origin),
    ):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-allow-origin")]
        assert "origin" in names(answer.headers["Vary"])


def test_programs_need_no_leave(api: Client) -> None:
    answer = api.get("/v1/cities")
    assert answer.status == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_nothing_is_allowed_unless_set(api: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = []
    assert "Access-Control-Allow-Origin" not in api.get("/v1/cities", headers={"Origin": OURS}).headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_preflight_allows_every_method(preflight: Preflight, method: str) -> None:
    answer = preflight("/v1/trips", method)
    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert method.lower() in names(answer.headers["Access-Control-Allow-Methods"])
    assert int(answer.headers["Access-Control-Max-Age"]) >= 600


SENT = ["Accept", "Authorization", "Content-Type", "Prefer", "If-None-Match", "If-Match", "Idempotency-Key"]
SENT += ["X-Request-ID", "Last-Event-ID"]


@pytest.mark.parametrize("header", SENT)
def test_a_preflight_allows_every_header_that_the_contract_knows(preflight: Preflight, header: str) -> None:
    answer = preflight("/v1/trips", "PATCH", header.lower())
    assert header.lower() in names(answer.headers["Access-Control-Allow-Headers"])


def test_a_preflight_needs_no_key_and_says_nothing_of_rows(preflight: Preflight, world: World) -> None:
    there, nowhere = preflight(f"/v1/trips/{world.trip.id}", "DELETE"), preflight("/v1/trips/1", "DELETE")
    assert there.status == nowhere.status == 200
    assert there.headers["Access-Control-Allow-Methods"] == nowhere.headers["Access-Control-Allow-Methods"]


READ = {"etag", "link", "location", "retry-after", "x-request-id", "preference-applied", "allow", "content-disposition"}


def test_a_page_may_read_the_headers_of_an_answer(api: Client, world: World) -> None:
    owner = api.acting_for(world.owner).with_headers(Origin=OURS)
    sent = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05"}
    for answer in (owner.get("/v1/trips"), owner.post("/v1/trips", sent), owner.get("/v1/trips", accept="text/csv")):
        assert names(answer.headers["Access-Control-Expose-Headers"]) >= READ


@pytest.mark.parametrize(
    ("url", "status"),
    [("/v1/trips", 401), ("/v1/cities/1", 404), ("/v1/cities?x=1", 400), ("/nowhere", 404), ("/v1/cities?x=%00", 400)],
)
def test_a_page_may_read_problems_too(api: Client, url: str, status: int) -> None:
    answer = api.get(url, headers={"Origin": OURS})
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert "x-request-id" in names(answer.headers["Access-Control-Expose-Headers"])


def test_a_page_is_sent_304_too(api: Client) -> None:
    etag = api.get("/v1/cities").headers["ETag"]
    answer = api.get("/v1/cities", headers={"Origin": OURS, "If-None-Match": etag})
    assert answer.status == 304
    assert answer.headers["Access-Control-Allow-Origin"] == OURS


def test_cookies_are_for_pages_of_ours(api: Client) -> None:
    """A browser keeps an answer from a page whose origin is not named in it, whatever it says of credentials."""
    ours, other = (api.get("/v1/cities", headers={"Origin": origin}).headers for origin in (OURS, OTHER))
    assert (ours["Access-Control-Allow-Origin"], ours["Access-Control-Allow-Credentials"]) == (OURS, "true")
    assert "Access-Control-Allow-Origin" not in other


@pytest.mark.parametrize("odd", ["*", "app.example.org", "https://app.example.org/path", "ftp://app.example.org"])
def test_an_origin_that_could_never_match_stops_the_start_up(odd: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CORS_ORIGINS"):
        configuration.origins([odd])

"""Places to go: `/`, what operators ask, and what there is not."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection

from resources.places.credits import CREDITS
from tests.client import Client
from tests.world import World

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HERE = "http://testserver"
pytestmark = pytest.mark.django_db


# /


def test_the_front_door(api: Client) -> None:
    index = api.get("/").json
    assert (index["name"], index["schema"], index["docs"]) == ("Headwater", f"{HERE}/openapi.json", f"{HERE}/docs")
    assert index["version"] == api.get("/openapi.json").json["info"]["version"]
    assert index["resources"]["cities"] == f"{HERE}/v1/cities"


def test_every_link_leads_somewhere(api: Client, world: World) -> None:
    index = api.get("/").json
    staff = api.acting_for(world.staff)
    assert len(index["resources"]) == 11
    for url in (index["schema"], index["docs"], *index["resources"].values()):
        assert staff.get(url).status == 200


def test_the_sources_of_the_data_are_credited(api: Client) -> None:
    credited = {credit["name"]: credit for credit in api.get("/").json["credits"]}
    assert credited.keys() == {credit.name for credit in CREDITS}
    assert credited["GeoNames"]["url"] == "https://www.geonames.org/"
    assert credited["GeoNames"]["licence"] == "CC-BY-4.0"


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "text/html, application/json;q=0.9"])
def test_browsers_are_sent_to_the_docs(api: Client, accept: str) -> None:
    answer = api.get("/", accept=accept)
    assert (answer.status, answer.headers["Location"]) == (302, f"{HERE}/docs")
    assert "accept" in answer.headers["Vary"].lower()
    assert api.get(answer.headers["Location"]).status == 200


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/json, text/html"])
def test_programs_are_told_as_json(api: Client, accept: str) -> None:
    answer = api.get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status, answer.exchange.media_type) == (200, "application/json")
    assert "accept" in answer.headers["Vary"].lower()


# For operators


@pytest.mark.parametrize(("url", "status"), [("/livez", "alive"), ("/readyz", "ready")])
def test_health(api: Client, url: str, status: str) -> None:
    answer = api.get(url)
    assert (answer.status, answer.json) == (200, {"status": status})
    assert answer.headers["Cache-Control"] == "no-store"
    assert (api.head(url).status, api.head(url).content) == (200, b"")
    assert api.post(url, {}).status == 405


def _unreachable(*statement: Any) -> None:
    raise OperationalError("connection to server at 10.0.0.1 failed")


@pytest.fixture
def away() -> Iterator[None]:
    """Let the database answer nothing."""
    with connection.execute_wrapper(_unreachable):
        yield


def test_not_ready_without_a_database(api: Client, away: None) -> None:
    answer = api.get("/readyz")
    assert (answer.status, answer.exchange.media_type) == (503, "application/problem+json")
    assert answer.json["type"] == f"{HERE}/problems/unavailable"
    assert answer.headers["Retry-After"]
    assert "10.0.0.1" not in answer.text
    assert api.get("/livez").status == 200


def series(api: Client) -> dict[tuple[str, str, str], float]:
    """How many requests were counted, by route, method and status."""
    counted = r'^headwater_request_seconds_count\{method="(.*)",route="(.*)",status="(.*)"\} (.*)$'
    text = api.get("/metrics").text
    return {(route, method, status): float(n) for method, route, status, n in re.findall(counted, text, re.MULTILINE)}


def grown(api: Client, *requests: tuple[str, str]) -> dict[tuple[str, str, str], float]:
    """What some requests add to the metrics."""
    before = series(api)
    for method, url in requests:
        api.unchecked().send(method, url)
    after = series(api)
    added = {labels: after[labels] - before.get(labels, 0) for labels in after}
    return {labels: n for labels, n in added.items() if n and labels[0] != "metrics"}


def test_requests_are_counted_by_route(api: Client, world: World) -> None:
    requests = [("GET", "/v1/cities/2988507"), ("GET", "/v1/cities/2950159"), ("GET", "/v1/cities/1")]
    requests += [("GET", "/v1/cities?country=FR"), ("HEAD", "/v1/cities/"), ("POST", "/v1/trips")]
    assert grown(api, *requests) == {
        ("city-detail", "GET", "200"): 2,
        ("city-detail", "GET", "404"): 1,
        ("city-list", "GET", "200"): 1,
        ("city-list", "HEAD", "200"): 1,
        ("trip-list", "POST", "401"): 1,
    }


def test_clients_cannot_invent_series(api: Client) -> None:
    requests = [("GET", f"/nowhere/{number}") for number in range(5)] + [("GET", "/v1/nothing")]
    requests += [("BREW", "/nowhere"), ("PROPFIND", "/livez"), ("GET", "/a%00b")]
    assert grown(api, *requests) == {
        ("none", "GET", "404"): 6,
        ("none", "other", "404"): 1,
        ("livez", "other", "405"): 1,
        ("none", "GET", "400"): 1,
    }


def test_metrics_are_in_the_form_of_prometheus(api: Client) -> None:
    answer = api.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "# TYPE headwater_request_seconds histogram" in answer.text


# What there is not

NOWHERE = ["/nowhere", "/v1", "/v1/", "/v1/nothing", "/v1/cities/1/2", "/v2/cities", "/v1/cities.json", "/v1//cities"]
NOWHERE += ["/admin", "/admin/", "/admin/login/", "/v1/batch", "/v1/webhooks", "/auth/login"]
NOWHERE += [
    "/static/x.css",
    "/docs/",
    "/docs/guides/nothing",
    "/problems/nothing",
    "/.env",
    "/favicon.ico",
    "/%E2%9C%93",
]


@pytest.mark.parametrize(
    "url",
    NOWHERE,
)
@pytest.mark.parametrize("accept", ["application/json", BROWSER])
def test_an_unknown_address_is_a_problem(api: Client, url: str, accept: str) -> None:
    answer = api.get(f"{HERE}{url}", accept=accept)
    assert (answer.status, answer.exchange.media_type) == (404, "application/problem+json")
    assert answer.json["type"] == f"{HERE}/problems/not-found"
    assert api.get(answer.json["type"]).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_in_every_method(api: Client, method: str) -> None:
    assert api.send(method, "/nowhere").status == 404


def test_a_host_that_is_not_ours(api: Client) -> None:
    answer = api.get("/v1/cities", headers={"Host": "evil.example.com"})
    assert answer.status == 400
    assert "evil" not in answer.text


# X-Request-ID


@pytest.mark.parametrize("sent", ["a", "0199d3a2-6f0e-7c41-9a35-2f6c1f0b7d11", "a.b_c~d:e-F9", "x" * 128])
@pytest.mark.parametrize("url", ["/", "/v1/cities", "/livez", "/nowhere", "/v1/cities?x=1"])
def test_the_clients_request_id_is_echoed(api: Client, url: str, sent: str) -> None:
    answer = api.get(url, headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"] == sent
    if answer.status >= 400:
        assert answer.json["instance"] == sent


@pytest.mark.parametrize(
    "sent", ["", "x" * 129, "a b", "a\tb", "é", "a,b", "<script>", "a;b", "a\r\nSet-Cookie: x=1", '"']
)
def test_an_odd_one_is_replaced(api: Client, sent: str) -> None:
    answer = api.get("/v1/cities/1", headers={"X-Request-ID": sent})
    made = answer.headers["X-Request-ID"]
    assert UUID(made).version == 7
    assert answer.json["instance"] == made
    assert "Set-Cookie" not in answer.headers


def test_each_request_has_one_of_its_own(api: Client) -> None:
    assert len({api.get("/livez").headers["X-Request-ID"] for _ in range(5)}) == 5


# PUBLIC_URL


def test_links_lead_to_the_host_that_was_asked(api: Client, world: World) -> None:
    page = api.get("/v1/cities", limit=1, headers={"Host": "localhost:8000"})
    assert page.json["next"].startswith("http://localhost:8000/v1/cities?")
    assert page.links["next"] == page.json["next"]


def test_links_lead_to_the_public_address(api: Client, world: World, settings: Any) -> None:
    settings.PUBLIC_URL = public = "https://api.example.org"
    index = api.get("/").json
    assert index["resources"]["trips"] == f"{public}/v1/trips"
    assert index["docs"] == f"{public}/docs"
    page = api.get("/v1/cities", limit=1)
    assert page.json["next"].startswith(f"{public}/v1/cities?")
    assert page.links["next"] == page.json["next"]
    assert api.get("/v1/cities", limit=1, page=1).status == 400
    assert api.get("/nowhere").json["type"] == f"{public}/problems/not-found"
    sent = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05"}
    made = api.acting_for(world.owner).post("/v1/trips", sent)
    assert made.headers["Location"] == f"{public}/v1/trips/{made.json['id']}"

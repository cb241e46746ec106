"""Caching: a strong `ETag` for every item, page and coding, and 304 for who has it; `HEAD`, `OPTIONS` and forms."""

import re

import pytest

from api.urls import router
from resources.places.models import City
from tests.client import Answer, Client
from tests.world import World, key

pytestmark = pytest.mark.usefixtures("world")

ITEM, PAGE, SMALL = "/v1/cities/2988507", "/v1/cities", "/v1/cities?limit=1&fields=id"
READABLE = [ITEM, PAGE, SMALL, "/v1/countries/CH?expand=cities", "/v1/cities?page=2&page_size=3", "/", "/openapi.json"]
CODED = ["identity", "gzip", "zstd"]


def ask(api: Client, url: str, etag: str, coding: str = "identity") -> Answer:
    return api.get(url, headers={"If-None-Match": etag, "Accept-Encoding": coding})


@pytest.mark.parametrize("url", READABLE)
def test_every_answer_has_a_strong_etag_that_stays(api: Client, url: str) -> None:
    first, again = api.get(url), api.get(url)
    assert first.status == 200
    assert re.fullmatch(r'"[\w-]+"', first.headers["ETag"])
    assert (again.headers["ETag"], again.content) == (first.headers["ETag"], first.content)


def test_the_etag_of_an_item_begins_with_its_revision(api: Client) -> None:
    answer = api.get(ITEM)
    assert answer.headers["ETag"].startswith(f'"{answer.json["revision"]}-')


def test_another_version_or_representation_has_another_etag(api: Client) -> None:
    seen = {api.get(ITEM).headers["ETag"], api.get(ITEM, fields="name").headers["ETag"]}
    assert len(seen) == 2
    City.objects.get(id=2988507).save()
    assert api.get(ITEM).headers["ETag"] not in seen


def test_a_change_of_a_row_changes_the_page(api: Client) -> None:
    before = api.get(PAGE, country="FR").headers["ETag"]
    elsewhere = api.get(PAGE, country="CH").headers["ETag"]
    City.objects.filter(id=2988507).update(population=1)
    assert api.get(PAGE, country="FR").headers["ETag"] != before
    assert api.get(PAGE, country="CH").headers["ETag"] == elsewhere


@pytest.mark.parametrize("url", READABLE)
@pytest.mark.parametrize("coding", CODED)
def test_who_has_it_is_sent_304(api: Client, url: str, coding: str) -> None:
    full = api.get(url, headers={"Accept-Encoding": coding})
    answer = ask(api, url, full.headers["ETag"], coding)
    assert (answer.status, answer.content) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Link"):
        assert answer.headers.get(name) == full.headers.get(name)
    for name in ("Content-Type", "Content-Encoding", "Content-Length"):
        assert name not in answer.headers


def test_each_coding_has_an_etag_of_its_own(api: Client) -> None:
    etags = {coding: api.get(PAGE, headers={"Accept-Encoding": coding}).headers["ETag"] for coding in CODED}
    assert etags["gzip"] == etags["identity"][:-1] + '-gzip"'
    assert etags["zstd"] == etags["identity"][:-1] + '-zstd"'
    assert ask(api, PAGE, etags["gzip"], "zstd").status == 200
    assert ask(api, PAGE, etags["gzip"]).status == 200
    assert ask(api, PAGE, etags["identity"], "gzip").status == 200


@pytest.mark.parametrize("form", ["{}", "W/{}", '"a", {}', '"a","b", W/{} , "c"', "*", " {} "])
def test_ways_to_name_what_one_has(api: Client, form: str) -> None:
    etag = api.get(ITEM).headers["ETag"]
    assert ask(api, ITEM, form.format(etag)).status == 304


@pytest.mark.parametrize("etag", ['"a"', 'W/"a"', '"a", "b"', "", "nonsense", '"*"', '"'])
def test_who_has_something_else_is_sent_all(api: Client, etag: str) -> None:
    assert ask(api, ITEM, etag).json["id"] == 2988507


def test_only_what_was_found_can_be_unchanged(api: Client, world: World) -> None:
    assert ask(api, "/v1/cities/1", "*").status == 404
    assert ask(api, PAGE + "?nonsense=1", "*").status == 400
    owner = api.acting_for(world.owner).with_headers(If_None_Match="*")
    body = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05"}
    assert owner.post("/v1/trips", body).status == 201


def test_who_may_keep_an_answer(api: Client, world: World) -> None:
    assert api.get(PAGE).headers["Cache-Control"] == "public, no-cache"
    owner = api.acting_for(world.owner)
    for url in (PAGE, ITEM, f"/v1/trips/{world.trip.id}"):
        assert owner.get(url).headers["Cache-Control"] == "private, no-cache"
    assert owner.get(PAGE, accept="text/csv").headers["Cache-Control"] == "private, no-cache"
    assert api.get("/v1/trips").headers["Cache-Control"] == "no-store"
    assert api.get("/v1/cities/1").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson", "text/csv"])
def test_vary_names_what_an_answer_depends_on(api: Client, accept: str) -> None:
    varies = {name.strip().lower() for name in api.get(PAGE, accept=accept).headers["Vary"].split(",")}
    assert varies == {"accept", "accept-encoding", "authorization", "cookie", "origin", "x-session-token"}


@pytest.mark.parametrize(
    "url", [*READABLE, "/livez", "/readyz", "/docs", "/v1/cities/1", "/v1/cities?x=1", "/v1/trips"]
)
@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_head_is_get_without_the_body(api: Client, url: str, accept: str) -> None:
    sent = {"X-Request-ID": "same", "Accept-Encoding": "gzip", "Accept": accept}
    got, head = api.get(url, headers=sent), api.head(url, headers=sent)
    assert head.status == got.status
    assert head.content == b""
    assert untimed(head) == untimed(got)


def untimed(answer: Answer) -> dict[str, str]:
    """Return the headers of an answer, but for how long it took."""
    return {name: text for name, text in answer.response.items() if name != "Server-Timing"}


def test_head_is_sent_304_too(api: Client) -> None:
    etag = api.head(ITEM).headers["ETag"]
    assert api.head(ITEM, headers={"If-None-Match": etag}).status == 304


ADDRESSES = ["/", "/livez", "/readyz", "/metrics", "/openapi.json", "/openapi.yaml", "/docs", "/docs/reference"]
ADDRESSES += ["/docs/guides/paging", "/problems", "/problems/not-found"]
RESOURCES = sorted(router.names())
READ, WRITE = {"GET", "HEAD", "OPTIONS"}, {"PUT", "PATCH", "DELETE"}


def allowed(answer: Answer) -> set[str]:
    assert (answer.status, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    return set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("url", ADDRESSES)
def test_options_of_what_is_only_read(api: Client, url: str) -> None:
    assert allowed(api.options(url)) == READ


WITHHELD = {"members": {"POST"}, "invitations": {"PUT", "PATCH"}}


@pytest.mark.parametrize("name", RESOURCES)
def test_options_of_resources(api: Client, name: str) -> None:
    withheld = WITHHELD.get(name, set())
    assert allowed(api.options(f"/v1/{name}")) == (READ | {"POST"}) - withheld
    assert allowed(api.options(f"/v1/{name}/1", accept="image/png")) == (READ | WRITE) - withheld


def test_there_are_resources() -> None:
    assert len(RESOURCES) == 11


@pytest.mark.parametrize("url", [PAGE, ITEM, "/v1/countries/CH", "/v1/countries"])
def test_a_closing_slash_makes_no_difference(api: Client, url: str) -> None:
    for query in ("", "?fields=id,name"):
        plain, slashed = api.get(url + query), api.get(f"{url}/{query}")
        assert (slashed.status, slashed.content) == (200, plain.content)
        assert slashed.headers["ETag"] == plain.headers["ETag"]
        assert slashed.headers.get("Link") == plain.headers.get("Link")


FORMS = [
    ("", "application/json"),
    ("*/*", "application/json"),
    ("application/*", "application/json"),
    ("application/json, text/plain, */*", "application/json"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ("text/csv", "text/csv"),
    ("text/*", "text/csv"),
    ("TEXT/CSV; charset=utf-8", "text/csv"),
    ("text/csv, */*", "text/csv"),
    ("*/*, text/csv", "text/csv"),
    ("text/csv, */*;q=0.1", "text/csv"),
    ("text/csv;q=0.5, application/json", "application/json"),
    ("application/json;q=0.5, text/csv", "text/csv"),
    ("application/json;q=0.1, application/x-ndjson;q=0.2", "application/x-ndjson"),
    ("application/x-ndjson, application/json", "application/x-ndjson"),
    ("application/json;q=0, */*", "application/x-ndjson"),
    ("image/png, text/csv;q=0.001", "text/csv"),
]


@pytest.mark.parametrize(("accept", "given"), FORMS)
def test_the_form_that_the_client_likes_best(api: Client, accept: str, given: str) -> None:
    answer = api.get(PAGE, headers={"Accept": accept})
    assert (answer.status, answer.exchange.media_type) == (200, given)


@pytest.mark.parametrize(
    "accept", ["image/png", "text/html", "application/json;q=0", "*/*;q=0", "nonsense", "text/csv;q=0"]
)
def test_a_form_that_is_not_on_offer(api: Client, accept: str) -> None:
    assert api.get(PAGE, accept=accept).status == 406
    answer = api.get(ITEM, accept=accept)
    assert answer.json["type"] == "http://testserver/problems/not-acceptable"


def test_an_item_is_json_only(api: Client) -> None:
    assert api.get(ITEM, accept="text/csv").status == 406
    assert api.get(ITEM, accept="text/csv, application/json;q=0.1").json["name"] == "Paris"


def test_etags_of_trips_are_of_those_that_one_sees(api: Client, world: World) -> None:
    etags = {api.acting_for(who).get("/v1/trips").headers["ETag"] for who in (world.owner, world.stranger)}
    assert len(etags) == 2
    member = api.acting_for(world.viewer).get(f"/v1/trips/{key(10)}")
    assert member.headers["ETag"] == api.acting_for(world.owner).get(f"/v1/trips/{key(10)}").headers["ETag"]

"""Limits: every request counts, by who asks or from where, and whoever asks too often is told when to come back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as DjangoClient

from api.core.http.proxies import trusted
from api.core.limits import counting
from api.core.limits.rates import Rate
from resources.core.api_keys.models import ApiKey, new_secret
from tests.client import Answer, Client
from tests.people import device, signed_up
from tests.world import World, key

OUTSIDE = "203.0.113.7"
BROWSER = "/auth/browser/v1/auth/login"


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Iterator[None]:
    """Small ones, and nothing counted yet."""
    settings.LIMIT_ANONYMOUS = Rate("anonymous", 3, 3600)
    settings.LIMIT_LOOPBACK = Rate("anonymous", 5, 3600)
    settings.LIMIT_ACTOR = Rate("actor", 8, 3600)
    settings.LIMIT_LOGIN = Rate("login", 2, 3600)
    counting.MEMORY.forget()
    yield
    counting.MEMORY.forget()


def statuses(ask: Callable[[], Answer], times: int) -> list[int]:
    return [ask().status for _ in range(times)]


def test_it_works(api: Client, world: World) -> None:
    assert statuses(lambda: api.get("/v1/countries"), 5) == [200] * 5
    refused = api.get("/v1/countries")
    assert refused.status == 429
    assert refused.json["type"].endswith("/problems/too-many-requests")
    assert refused.headers["RateLimit-Policy"] == '"anonymous";q=5;w=3600'
    assert refused.headers["RateLimit"] == '"anonymous";r=0;t=3600'
    assert refused.headers["Retry-After"] == "720"
    assert refused.headers["Cache-Control"] == "no-store"


def test_every_answer_says_what_is_left(api: Client, owner: Client) -> None:
    answers = [
        owner.get("/v1/trips"),
        owner.get("/v1/trips/x"),
        owner.get("/v1/nothing"),
        owner.post("/v1/trips", {}),
        owner.options("/v1/trips"),
        owner.get("/v1/trips", accept="application/x-ndjson"),
    ]
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == [
        f"r={left}" for left in range(7, 1, -1)
    ]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"actor";q=8;w=3600'}
    page = owner.get("/v1/trips")
    assert (
        owner.with_headers(If_None_Match=page.headers["ETag"]).get("/v1/trips").headers["RateLimit"].endswith("t=3600")
    )


def test_each_key_counts_by_itself_and_not_for_its_address(api: Client, world: World, owner: Client) -> None:
    assert statuses(lambda: owner.get("/v1/trips"), 9) == [200] * 8 + [429]
    assert api.acting_for(world.owner).get("/v1/trips").status == 200
    assert api.get("/v1/countries").status == 200


@pytest.mark.parametrize("flavour", ["app", "browser"])
def test_a_person_who_has_logged_in_counts_wherever_they_ask_from(
    api: Client, world: World, settings: Any, flavour: str
) -> None:
    settings.LIMIT_LOGIN = None
    person = device(api, flavour)
    signed_up(person, "grace@example.org")
    counting.MEMORY.forget()
    answers = [person.client().get("/v1/trips") for _ in range(9)]
    assert [answer.status for answer in answers] == [200] * 8 + [429]
    assert answers[0].headers["RateLimit"].startswith('"actor";r=7;')
    assert answers[0].headers["Cache-Control"].startswith("private")
    assert api.get("/v1/countries").status == 200
    # What is asked of /auth counts for the address.
    assert statuses(lambda: person.send("GET", "auth/session"), 5)[-1] == 429


def test_guessing_keys_is_stopped_before_the_database_is_asked(
    api: Client, world: World, owner: Client, django_assert_num_queries: Any
) -> None:
    assert owner.get("/v1/trips").status == 200
    guess = lambda: api.with_key(new_secret()).get("/v1/countries")  # noqa: E731
    assert statuses(guess, 5) == [401] * 5
    with django_assert_num_queries(0):
        assert guess().status == 429
    assert owner.get("/v1/trips").status == 200  # a key that is known goes on
    assert api.get("/v1/countries").status == 200  # and so do those who show none


@pytest.mark.parametrize(
    "shown", [{"Authorization": "Bearer x.y.z"}, {"X-Session-Token": "x"}, {"Cookie": "sessionid=x"}]
)
def test_what_is_no_identity_counts_for_the_address(api: Client, world: World, shown: dict[str, str]) -> None:
    client = Client(None, shown)
    found = statuses(lambda: client.get("/v1/countries"), 7)
    assert found[-1] == 429
    assert len([status for status in found if status != 429]) == 5


def test_what_shows_something_and_asks_no_resource_counts_too(api: Client, world: World) -> None:
    client = api.with_headers(Cookie="sessionid=x")
    assert statuses(lambda: client.get("/nothing"), 6) == [404] * 5 + [429]


def test_what_fails_before_its_identity_is_looked_at_is_stopped_too(api: Client, world: World) -> None:
    client = api.with_headers(Cookie="sessionid=x")
    assert statuses(lambda: client.get("/v1/countries", accept="image/png"), 6) == [406] * 5 + [429]


def test_a_guest_who_may_not_counts_too(api: Client, world: World) -> None:
    assert statuses(lambda: api.get("/v1/trips"), 6) == [401] * 5 + [429]


def test_addresses_count_by_themselves(db: None, world: World) -> None:
    def ask(address: str) -> int:
        return int(DjangoClient().get("/v1/countries", REMOTE_ADDR=address).status_code)

    assert [ask(OUTSIDE) for _ in range(4)] == [200] * 3 + [429]
    assert [ask(f"2001:db8:1:2::{number}") for number in range(4)] == [200] * 3 + [429]
    assert [ask("2001:db8:1:3::1"), ask("203.0.113.8")] == [200, 200]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP"])
def test_what_a_client_says_of_its_address_is_not_believed(api: Client, world: World, header: str) -> None:
    for number in range(5):
        assert api.with_headers(**{header: f"198.51.100.{number}"}).get("/v1/countries").status == 200
    assert api.with_headers(**{header: "198.51.100.9"}).get("/v1/countries").status == 429


def test_clients_behind_a_trusted_proxy_count_by_themselves(api: Client, world: World, settings: Any) -> None:
    settings.TRUSTED_PROXIES = trusted(["127.0.0.1"])
    ask = lambda address: api.with_headers(X_Forwarded_For=address).get("/v1/countries").status  # noqa: E731
    assert [ask(f"1.2.3.{number}, {OUTSIDE}") for number in range(4)] == [200] * 3 + [429]
    assert ask("203.0.113.8") == 200


def test_trying_to_log_in_is_limited_more_strictly() -> None:
    client = Client(None)
    found = statuses(lambda: client.post(BROWSER, {"email": "ada@example.org", "password": "x"}), 4)
    assert 429 not in found[:2]
    assert found[2:] == [429, 429]
    assert client.get("/v1/nothing").status == 404


def test_probes_metrics_and_docs_are_free(api: Client, db: None) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/docs", "/openapi.json", "/problems"):
        answers = [api.get(path) for _ in range(7)]
        assert {answer.status for answer in answers} == {200}
        assert "RateLimit" not in answers[0].headers


def test_limits_can_be_off(api: Client, world: World, settings: Any) -> None:
    settings.LIMIT_LOOPBACK = None
    answers = [api.get("/v1/countries") for _ in range(10)]
    assert {answer.status for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_refusals_are_counted(api: Client, world: World) -> None:
    statuses(lambda: api.get("/v1/countries"), 7)
    lines = [line for line in api.get("/metrics").text.splitlines() if line.startswith("headwater_limited_total{")]
    assert any(line.startswith('headwater_limited_total{limit="anonymous"}') for line in lines)


def test_pages_elsewhere_may_read_the_headers(api: Client, world: World, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    client = api.with_headers(Origin="https://app.example.org")
    statuses(lambda: client.get("/v1/countries"), 5)
    refused = client.get("/v1/countries")
    assert refused.status == 429
    assert refused.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    exposed = refused.headers["Access-Control-Expose-Headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))


def test_nothing_is_written_by_a_refused_request(owner: Client) -> None:
    statuses(lambda: owner.get("/v1/trips"), 8)
    assert owner.delete(f"/v1/keys/{key(40)}").status == 429
    assert ApiKey.objects.filter(pk=key(40)).exists()

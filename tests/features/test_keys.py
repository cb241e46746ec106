"""API keys: shown in `Authorization`, never doing more than their owner, nor than their scopes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources.core.api_keys.models import digest, new_secret
from resources.core.models import ApiKey
from resources.trips.models import Trip
from tests.client import Client
from tests.features.bodies import TRIP
from tests.world import World, key


@pytest.fixture
def secret(world: World) -> str:
    return ApiKey.objects.issue(world.owner)


def test_it_works(api: Client, secret: str) -> None:
    rows = api.with_key(secret).get("/v1/trips").json["results"]
    assert [row["id"] for row in rows] == [str(key(10))]


@pytest.mark.parametrize("form", ["Bearer {}", "Token {}", "bearer {}", "TOKEN {}", "Bearer  {} "])
def test_ways_to_show_a_key(api: Client, secret: str, form: str) -> None:
    assert api.with_headers(Authorization=form.format(secret)).get("/v1/trips").status == 200


@pytest.mark.parametrize("place", ["query", "cookie", "header"])
def test_a_key_shown_elsewhere_is_not_seen(api: Client, secret: str, place: str) -> None:
    client = api.with_headers(Cookie=f"key={secret}; sessionid={secret}") if place == "cookie" else api
    client = api.with_headers(X_API_Key=secret) if place == "header" else client
    answer = client.get("/v1/trips" + (f"?key={secret}" if place == "query" else ""))
    assert answer.status == 401


@pytest.mark.parametrize(
    "header",
    [
        *("Bearer", "Bearer ", "Token", "Bearer hw_", "Bearer hw_misspelt", "Bearer null", "Bearer undefined", "x"),
        *("Basic dXNlcjpwYXNz", "Digest x", "{secret}", "Key {secret}", "Bearer:{secret}", "Bearer={secret}"),
        *("Bearer {secret}x", "Bearer {secret} {secret}", "Bearer {secret}, Bearer {secret}", "Bearer \xe9\xff"),
        *('Bearer "{secret}"', "Bearer HW_{tail}", "Bearer {tail}", "Bearer hw_" + "0" * 49, "Bearer " + "x" * 8000),
    ],
)
@pytest.mark.parametrize("path", ["/v1/trips", "/v1/cities"])
def test_what_is_no_key_is_refused_also_where_none_is_needed(api: Client, secret: str, header: str, path: str) -> None:
    shown = header.format(secret=secret, tail=secret.removeprefix("hw_"))
    answer = api.with_headers(Authorization=shown).get(path)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Headwater"'
    assert secret not in answer.text


def test_an_empty_header_is_no_header(api: Client, world: World) -> None:
    assert api.with_headers(Authorization="").get("/v1/cities").status == 200


def test_a_key_that_nobody_has_given_out(api: Client, world: World) -> None:
    assert api.with_key(new_secret()).get("/v1/cities").status == 401


def test_a_key_until_it_expires(api: Client, world: World) -> None:
    for seconds, status in ((60, 200), (0, 401), (-60, 401)):
        until = timezone.now() + timedelta(seconds=seconds)
        client = api.with_key(ApiKey.objects.issue(world.owner, expires_at=until))
        assert client.get("/v1/trips").status == status


def test_a_key_that_was_revoked(api: Client, secret: str) -> None:
    ApiKey.objects.all().delete()
    assert api.with_key(secret).get("/v1/trips").status == 401


def test_a_key_of_somebody_who_may_no_longer_come_in(api: Client, world: World, secret: str) -> None:
    world.owner.is_active = False
    world.owner.save()
    assert api.with_key(secret).get("/v1/trips").status == 401


def test_a_key_does_no_more_than_its_owner_may_now(api: Client, world: World) -> None:
    client = api.acting_for(world.staff)
    assert client.patch("/v1/countries/CH", {"capital": "Berne"}).status == 200
    world.staff.is_staff = False
    world.staff.save()
    assert client.patch("/v1/countries/CH", {"capital": "Bern"}).status == 403


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (("*",), 200, 201),
        (("trips:read",), 200, 403),
        (("trips:write",), 200, 201),
        (("trips:read", "trips:write"), 200, 201),
        (("stops:read", "stops:write"), 403, 403),
        (("countries:write", "members:read"), 403, 403),
        (("trip:write", "tripsy:write", "trips-2:write"), 403, 403),
    ],
)
def test_scopes(api: Client, world: World, scopes: tuple[str, ...], reads: int, writes: int) -> None:
    client = api.acting_for(world.owner, *scopes)
    assert (client.get("/v1/trips").status, client.get(f"/v1/trips/{key(10)}").status) == (reads, reads)
    assert client.post("/v1/trips", TRIP).status == writes
    assert Trip.objects.filter(name="Lakes").exists() is (writes == 201)


def test_where_its_scopes_end_a_key_sees_what_everybody_sees(api: Client, world: World) -> None:
    client = api.acting_for(world.owner, "stops:read")
    assert client.get("/v1/cities/2988507").status == 200
    assert client.get(f"/v1/stops/{key(20)}?expand=trip").json["trip"] == str(key(10))
    staff = api.acting_for(world.staff, "trips:write")
    assert staff.patch("/v1/countries/CH", {"capital": "Berne"}).status == 403


def test_what_was_shown_for_a_key_is_kept_by_nobody_else(api: Client, secret: str) -> None:
    answer = api.with_key(secret).get("/v1/cities/2988507")
    assert answer.headers["Cache-Control"].startswith("private")
    assert {"Authorization", "Cookie", "X-Session-Token"} <= set(answer.headers["Vary"].split(", "))


def test_a_key_costs_no_query(api: Client, secret: str) -> None:
    def queries(client: Client) -> int:
        client.get("/v1/cities/2988507")
        with CaptureQueriesContext(connection) as captured:
            client.get("/v1/cities/2988507")
        return len(captured)

    assert queries(api.with_key(secret)) == queries(api)


def test_the_secret_is_stored_nowhere(api: Client, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    api.with_key(secret).get("/v1/trips")
    api.with_key(secret + "x").get("/v1/trips")
    stored = ApiKey.objects.filter(digest=digest(secret)).values().get()
    assert secret not in str(stored)
    assert secret.removeprefix("hw_")[:20] not in str(stored) + caplog.text

"""The short cut answers plain reads that are asked for again, as Django would; and leaves everything else to Django."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.core.read.strategies import PLANS
from api.core.short_cut.answers import SHORT_CUT
from api.core.short_cut.deployment import deployment
from resources.core.api_keys.keyring import KEYRING
from tests.client import Client
from tests.short_cut import hold_both_ways
from tests.world import World

ANSWERED = [
    "/v1/cities",
    "/v1/cities?country=FR&ordering=-population&limit=2",
    "/v1/cities?country__in=FR,CH&population__gte=1000&is_capital=false&expand=country.currency&count=exact",
    "/v1/countries?fields=id,name,languages&expand=cities",
    "/v1/cities/2988507",
    "/v1/countries/FR?expand=languages,subdivisions&fields=name",
    "/v1/trips",
    "/v1/stops?expand=trip.members",
    "/v1/cities?name=%C3%89tretat&limit=1",
]
LEFT = [
    ("/v1/cities?limit=0", {}),
    ("/v1/cities?countri=FR", {}),
    ("/v1/cities?country=FR&country=CH", {}),
    ("/v1/cities/1", {}),
    ("/v1/cities?page=1", {}),
    ("/v1/cities?filter={}", {}),
    ("/v1/cities?cursor=none", {}),
    ("/v1/cities/", {}),
    ("/v1/nothing", {}),
    ("/v1/cities", {"Accept": "text/csv"}),
    ("/v1/cities", {"Origin": "https://app.example.org"}),
    ("/v1/cities", {"Cookie": "sessionid=1"}),
    ("/v1/cities", {"If-None-Match": '"x"'}),
    ("/v1/cities", {"Authorization": "Bearer hw_unknown"}),
    ("/v1/cities", {"Host": "elsewhere.example"}),
]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    PLANS.clear()
    yield
    PLANS.clear()


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd, gzip;q=0.5"])
@pytest.mark.parametrize("url", ANSWERED)
def test_it_answers_as_django_does(api: Client, world: World, url: str, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding} if encoding else {}
    assert hold_both_ways(api.acting_for(world.owner).get(url, headers=headers).response)


def test_it_passes_over_the_type_of_a_body_that_is_not_sent(api: Client, world: World) -> None:
    headers = {"Content-Type": "application/json"}
    assert hold_both_ways(api.acting_for(world.owner).get("/v1/cities", headers=headers).response)


@pytest.mark.parametrize("url", ANSWERED[:6])
def test_it_answers_people_without_a_name(api: Client, world: World, url: str) -> None:
    assert hold_both_ways(api.get(url).response)


@pytest.mark.parametrize(("url", "headers"), LEFT)
def test_it_leaves_the_rest_to_django(api: Client, world: World, url: str, headers: dict[str, str]) -> None:
    hold_both_ways(api.get("/v1/cities").response)
    hold_both_ways(api.get("/v1/cities/2988507").response)
    answer = api.get(url, headers=headers)
    assert SHORT_CUT.answer(dict(answer.response.wsgi_request.environ)) is None  # type: ignore[attr-defined]


def test_a_key_that_is_revoked_is_left_to_django(api: Client, world: World) -> None:
    client = api.acting_for(world.owner)
    answer = client.get("/v1/trips").response
    assert hold_both_ways(answer)
    world.owner.api_keys.all().delete()
    KEYRING.forget()
    assert SHORT_CUT.answer(dict(answer.wsgi_request.environ)) is None  # type: ignore[attr-defined]
    assert client.get("/v1/trips").status == 401


def test_who_may_read_nothing_is_left_to_django(api: Client, world: World) -> None:
    """Also where the statement is kept for all who, like them, have not the scope."""
    staff = api.acting_for(world.staff, "keys:read")
    assert hold_both_ways(api.acting_for(world.owner).get("/v1/trips").response)
    for _ in range(4):
        answer = staff.get("/v1/trips")
        assert answer.status == 403
        assert SHORT_CUT.answer(dict(answer.response.wsgi_request.environ)) is None  # type: ignore[attr-defined]


def test_a_list_of_nothing_is_answered(api: Client, world: World) -> None:
    assert hold_both_ways(api.get("/v1/cities?country=FR&population__gte=100000000").response)


def test_middleware_of_ones_own_closes_it(settings: Any) -> None:
    assert deployment().transparent
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "somebody.else.Middleware"]
    assert not deployment().transparent


def test_a_request_is_counted_once(api: Client, world: World, settings: Any) -> None:
    from api.core.limits.counting import MEMORY
    from api.core.limits.rates import rate
    from tests.short_cut import quick_headers

    settings.LIMIT_LOOPBACK = rate("address", "1000/m")
    response = api.get("/v1/cities").response
    for _ in range(3):
        quick_headers(response)
    assert SHORT_CUT.answer(dict(response.wsgi_request.environ)) is not None  # type: ignore[attr-defined]
    MEMORY.forget()
    left = [quick_headers(response)["RateLimit"] for _ in range(3)]
    assert [text.split(";")[1] for text in left] == ["r=999", "r=998", "r=997"]


def test_what_stands_beside_items_is_left_to_django() -> None:
    from django.urls import include, path

    from api.core.short_cut.request import _addresses

    class Resolver:
        url_patterns = [path("v1/", include([path("cities/nearby", lambda request: None)]))]

    assert list(_addresses(Resolver)) == [("/v1/cities/nearby", {})]

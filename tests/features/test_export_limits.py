"""An export counts for what it takes, and one that is cut off cannot be mistaken for a whole one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from api.core.limits import counting, work
from api.core.limits.rates import Rate
from resources.core.database.budget import OverBudgetError
from resources.places.models import City
from serializers.core.problems import Refusal
from tests.client import Client
from tests.world import World

NDJSON, CSV = "application/x-ndjson", "text/csv"
CITIES = "/v1/cities"


@pytest.fixture(autouse=True)
def _limits(settings: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten requests for anybody, of ten KB each, where an export has some hundreds of KB in four chunks."""
    settings.LIMIT_LOOPBACK = Rate("anonymous", 10, 3600)
    settings.LIMIT_ACTOR = Rate("actor", 200, 3600)
    monkeypatch.setattr(work, "MEGABYTE", 10_000)
    monkeypatch.setattr(work, "TENTH", 1e9)
    times = {"latitude": 0, "longitude": 0, "timezone": "UTC"}
    City.objects.bulk_create(
        City(id=number, name=f"City {number}", country_id="AQ", population=1, **times) for number in range(1, 2000)
    )
    counting.MEMORY.forget()
    yield
    counting.MEMORY.forget()


def left(client: Client) -> int:
    """Return how many requests are left, one of which is spent on asking."""
    return int(client.get("/v1/currencies", limit=1).headers["RateLimit"].split(";r=")[1].split(";")[0])


@pytest.mark.parametrize("accept", [NDJSON, CSV])
def test_it_works(owner: Client, accept: str) -> None:
    before = left(owner)
    content = owner.get(CITIES, accept=accept, country="AQ").content
    assert left(owner) == before - 2 - len(content) // 10_000


def test_a_short_one_is_one_request(api: Client) -> None:
    assert len(api.get(CITIES, accept=NDJSON, country="AQ", limit=20).content) < 10_000
    assert left(api) == 8


@pytest.mark.parametrize("accept", [NDJSON, CSV])
def test_one_that_goes_on_is_cut_off_by_an_error(api: Client, accept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = api.get(CITIES, accept=accept, country="AQ", fields="id", read=False)
    assert answer.status == 200
    pieces = iter(answer.response)
    assert next(pieces)
    monkeypatch.setattr(work, "MEGABYTE", 100)
    with pytest.raises(Refusal) as cut:
        list(pieces)
    assert cut.value.problem.kind.slug == "too-many-requests"
    assert api.get(CITIES, limit=1).status == 429


@pytest.mark.parametrize("accept", [NDJSON, CSV])
def test_one_that_is_too_much_at_once_is_refused_before_it_begins(
    api: Client, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MEGABYTE", 1_000)
    answer = api.get(CITIES, accept=accept, country="AQ")
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (429, "too-many-requests")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_time_of_a_processor_counts_as_well(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "TENTH", 1e-7)
    assert api.get(CITIES, accept=NDJSON, country="AQ", limit=1).status == 429


def test_each_chunk_has_the_budget_of_a_request(api: Client) -> None:
    chunks = iter(api.get(CITIES, accept=NDJSON, country="AQ", fields="id", read=False).response)
    next(chunks)
    with override_settings(TIME_BUDGET=1e-9), pytest.raises(OverBudgetError):
        next(chunks)


def test_a_page_of_megabytes_counts_for_as_many_requests(api: Client) -> None:
    size = len(api.get(CITIES, limit=100, country="AQ").content)
    assert size > 20_000
    assert left(api) == 10 - 2 - size // 10_000

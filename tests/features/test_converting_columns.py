"""Columns whose classes convert what they store: shown, filtered, ordered and paged through their own conversion."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.diagnostics.explain import explain
from api.core.read.strategies import PLANS, Level
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet, ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.features.test_paging import flat, last_page, pages
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Coin

pytestmark = pytest.mark.django_db


class CoinSerializer(serializers.ModelSerializer[Coin]):
    price = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)

    class Meta:
        model = Coin
        fields = ("id", "price", "melts", "owner", "weight")


class CoinViewSet(ResourceViewSet):
    policy = anyone
    queryset = Coin.objects.all()
    serializer_class = CoinSerializer
    filterset_fields = ("id", "price", "melts", "owner", "weight")
    ordering_fields = ("price", "melts", "owner", "weight")


router = Router()
router.register("coins", CoinViewSet, basename="coin")
urlpatterns = [path("v1/", include(router.urls))]
ROWS = [
    (1, "12.50", "0.00", "Ada", 1),
    (2, "3.00", "-10.00", "Zoe", 2),
    (3, None, "1064.18", None, 2),
    (4, "100.00", None, "Ben", None),
    (5, "3.00", "-10.00", "Ada", 3),
]


@pytest.fixture(params=Level)
def coins(request: Any, settings: Any) -> Iterator[Client]:
    """Serve five coins, at each level that is allowed."""
    for key, price, melts, owner, weight in ROWS:
        Coin.objects.create(
            id=key,
            price=None if price is None else Decimal(price),
            melts=None if melts is None else Decimal(melts),
            owner=owner,
            weight=weight,
        )
    settings.READ_LEVEL = request.param.value
    PLANS.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)


def test_it_works(coins: Client) -> None:
    for _ in range(3):
        rows = coins.get("/v1/coins", limit=2).json["results"]
    assert [tuple(row.values()) for row in rows] == ROWS[:2]
    assert coins.get("/v1/coins/3").json["melts"] == "1064.18"


def test_the_database_holds_what_the_column_makes_of_it(coins: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT price, owner FROM specimens_coin WHERE id = 1")
        assert cursor.fetchone() == (1250, "YWRB")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"price": "12.50"}, [1]),
        ({"price": "3"}, [2, 5]),
        ({"price__gt": "3"}, [1, 4]),
        ({"price__lte": "12.5"}, [1, 2, 5]),
        ({"price__in": "100,12.50"}, [1, 4]),
        ({"price__not": "3"}, [1, 3, 4]),
        ({"price__isnull": "true"}, [3]),
        ({"melts": "0"}, [1]),
        ({"melts__lt": "0"}, [2, 5]),
        ({"melts__in": "-10.00"}, [2, 5]),
        ({"owner": "Ada"}, [1, 5]),
        ({"owner__in": "Ben,Zoe"}, [2, 4]),
        ({"filter": '{"or": [{"price": 100}, {"owner": "Zoe"}]}'}, [2, 4]),
    ],
)
def test_filters_go_through_the_conversion(coins: Client, query: dict[str, str], found: list[int]) -> None:
    for _ in range(3):
        answer = coins.get("/v1/coins", **query)
        assert answer.status == 200, answer.text
        assert [row["id"] for row in answer.json["results"]] == found


@pytest.mark.parametrize("ordering", ["price", "-price", "melts", "-melts", "owner", "-owner,price", "weight,-price"])
def test_every_row_comes_once_in_every_order(coins: Client, ordering: str) -> None:
    for limit in (1, 2, 3):
        forth = flat(pages(coins, "/v1/coins", ordering=ordering, limit=limit))
        assert sorted(forth) == [1, 2, 3, 4, 5]
        end = last_page(coins, "/v1/coins", ordering=ordering, limit=limit)
        assert flat(reversed(list(pages(coins, end.exchange.url, "previous")))) == forth
    lines = coins.get("/v1/coins", ordering=ordering, accept="application/x-ndjson").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == forth


def test_numbers_are_ordered_as_they_are_stored(coins: Client) -> None:
    assert flat(pages(coins, "/v1/coins", ordering="price", limit=2)) == [2, 5, 1, 4, 3]
    assert flat(pages(coins, "/v1/coins", ordering="-melts", limit=2)) == [4, 3, 1, 5, 2]


@pytest.mark.parametrize(("name", "value"), [("price", "banana"), ("melts__gt", "cold"), ("price__in", "1,x")])
def test_a_value_that_the_column_cannot_convert_is_refused(coins: Client, name: str, value: str) -> None:
    answer = coins.get("/v1/coins", **{name: value})
    assert answer.status == 400
    assert answer.json["errors"][0]["parameter"] == name


def test_patterns_of_what_only_the_column_can_read_are_not_offered(coins: Client) -> None:
    assert coins.get("/v1/coins", owner__icontains="a").status == 400


def test_what_is_written_is_read_again(coins: Client) -> None:
    made = coins.post("/v1/coins", {"id": 6, "price": "7.25", "melts": "20.00", "owner": "Eve", "weight": 4})
    assert made.status == 201, made.text
    assert (made.json["price"], made.json["melts"], made.json["owner"]) == ("7.25", "20.00", "Eve")
    several = coins.post(
        "/v1/coins", [{"id": key, "price": "1.00", "melts": None, "owner": "Y", "weight": 1} for key in (7, 8)]
    )
    assert [row["owner"] for row in several.json] == ["Y", "Y"]
    changed = coins.patch("/v1/coins/6", {"price": "8.00"})
    assert changed.json["price"] == "8.00"
    assert Coin.objects.get(pk=6).price == Decimal(8)


def test_rows_are_interpreted_and_explain_says_why(coins: Client) -> None:
    found = explain(CoinViewSet.resource_type())
    assert (found.level, found.reason) == ("interpreted", "price: Cents converts its values in Python")


def test_a_search_in_what_only_the_column_can_read_stops_the_start() -> None:
    class Searched(ReadOnlyResourceViewSet):
        policy = anyone
        queryset = Coin.objects.all()
        serializer_class = CoinSerializer
        search_fields = ("owner",)

    with pytest.raises(ImproperlyConfigured, match=r"Searched\.search_fields: owner is a SealedText"):
        Searched.grammar()

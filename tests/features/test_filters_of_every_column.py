"""Filters on JSON, IP addresses, generated columns and arrays; what cannot be filtered by stops the start."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.db.models import Count, StringAgg, Value
from django.test import override_settings
from django.test.utils import isolate_apps
from django.urls import include, path
from rest_framework import serializers

from api.core.query.filters.filter_sets import filterset_of
from api.core.read.strategies import PLANS, Level
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet, ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.specimens import urls
from tests.specimens.models import Coin, Specimen

pytestmark = pytest.mark.django_db
PAPERS: list[Any] = [{"a": 1, "b": [2, {"c": 3}]}, [1, 2], "x", None, {"a": "1", "who": {"name": "Ada"}}]


class CoinSerializer(serializers.ModelSerializer[Coin]):
    value = serializers.DecimalField(max_digits=None, decimal_places=None, required=False, allow_null=True)
    serial = serializers.BigIntegerField(source="weight", coerce_to_string=True, required=False)
    age = serializers.DurationField(source="minted", format="django", read_only=True)

    class Meta:
        model = Coin
        fields = ("id", "value", "serial", "double", "address", "papers", "minted", "age")


class CoinViewSet(ResourceViewSet):
    policy = anyone
    queryset = Coin.objects.all()
    serializer_class = CoinSerializer
    filterset_fields = {
        "double": ["exact", "gt", "in"],
        "address": ["exact", "in"],
        "papers": ["exact", "isnull", "contains", "contained_by", "has_key", "in", "a", "who__name__icontains"],
        "minted": ["exact", "lt"],
        "value": ["exact", "gt"],
    }
    ordering_fields = ("double", "address", "value", "minted", "papers")


class ListedViewSet(ReadOnlyResourceViewSet):
    policy = anyone
    queryset = Coin.objects.all()
    serializer_class = CoinSerializer
    filterset_fields = ("double", "address", "papers")


router = Router()
router.register("coins", CoinViewSet, basename="minted-coin")
router.register("listed", ListedViewSet, basename="listed-coin")
urlpatterns = [path("v1/", include(router.urls))]


@pytest.fixture(params=Level)
def coins(request: Any, settings: Any) -> Iterator[Client]:
    for place, papers in enumerate(PAPERS, 1):
        Coin.objects.create(
            id=place,
            weight=place,
            papers=papers,
            address=f"10.0.0.{place}" if place % 2 else f"2001:db8::{place}",
            minted=timedelta(days=7 * place),
            value=Decimal("12.5") * place,
        )
    settings.READ_LEVEL = request.param.value
    PLANS.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)


CASES: list[tuple[str, str, list[int]]] = [
    ("double", "4", [2]),
    ("double__gt", "6", [4, 5]),
    ("double__in", "2,10", [1, 5]),
    ("address", "10.0.0.3", [3]),
    ("address", "2001:DB8:0::4", [4]),
    ("address__in", "10.0.0.1,2001:db8::2", [1, 2]),
    ("papers__isnull", "true", [4]),
    ("papers__isnull", "false", [1, 2, 3, 5]),
    ("papers", '{"b": [2, {"c": 3}], "a": 1}', [1]),
    ("papers", '"x"', [3]),
    ("papers__contains", '{"b": [{"c": 3}]}', [1]),
    ("papers__contains", "2", [2]),
    ("papers__contains", "[2]", [2]),
    ("papers__contained_by", "[3, 2, 1]", [2]),
    ("papers__has_key", "who", [5]),
    ("papers__in", '["x", [1, 2]]', [2, 3]),
    ("papers__a", "1", [1]),
    ("papers__a", '"1"', [5]),
    ("papers__who__name__icontains", "ad", [5]),
    ("minted", "P2W", [2]),
    ("minted__lt", "P3W", [1, 2]),
    ("value", "25", [2]),
    ("value__gt", "37.5", [4, 5]),
]


@pytest.mark.parametrize(("name", "value", "found"), CASES)
def test_it_works(coins: Client, name: str, value: str, found: list[int]) -> None:
    for _ in range(3):
        answer = coins.get("/v1/coins", **{name: value})
        assert answer.status == 200, answer.text
        assert [row["id"] for row in answer.json["results"]] == found


def test_json_in_a_group_of_filters_is_json(coins: Client) -> None:
    asked = '{"or": [{"papers__contains": {"b": [2]}}, {"papers": "x"}, {"papers__a": "1"}]}'
    assert [row["id"] for row in coins.get("/v1/coins", filter=asked).json["results"]] == [1, 3, 5]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("double", "banana"),
        ("address", "10.0.0"),
        ("papers__contains", "{"),
        ("papers__isnull", "1"),
        ("minted", "P1Y"),
    ],
)
def test_a_value_of_another_type_is_refused(coins: Client, name: str, value: str) -> None:
    answer = coins.get("/v1/coins", **{name: value})
    assert answer.status == 400, answer.text
    assert answer.json["errors"][0]["parameter"] == name


def test_a_list_of_names_offers_what_is_natural(coins: Client) -> None:
    filters = set(ListedViewSet.grammar().filters)
    assert filters >= {"double", "double__gte", "address", "address__in", "papers__isnull"}
    assert not {"papers", "papers__contains"} & filters


@pytest.mark.parametrize("name", ["double", "address", "value", "minted", "papers"])
def test_they_order_rows(coins: Client, name: str) -> None:
    page = coins.get("/v1/coins", ordering=f"-{name}", limit=2)
    seen = [row["id"] for row in page.json["results"]]
    while page.json["next"]:
        page = coins.get(page.json["next"])
        seen += [row["id"] for row in page.json["results"]]
    assert sorted(seen) == [1, 2, 3, 4, 5]


def test_what_is_read_can_be_sent_back(coins: Client) -> None:
    row = coins.get("/v1/coins/2").json
    assert (row["serial"], row["value"], row["minted"], row["age"]) == (
        "2",
        "25.0",
        "P14DT00H00M00S",
        "14 00:00:00",
    ) or (row["value"] == "25")
    answer = coins.put("/v1/coins/2", row)
    assert answer.status == 200, answer.text
    assert answer.json["serial"] == "2"
    assert coins.patch("/v1/coins/2", {"minted": "P3W"}).json["minted"] == "P21DT00H00M00S"
    assert coins.patch("/v1/coins/2", {"serial": 7}).json["serial"] == "7"
    for wrong in ({"serial": "seven"}, {"minted": "P1Y"}, {"minted": "3 weeks"}, {"serial": 1.5}):
        assert coins.patch("/v1/coins/2", wrong).status == 400


def viewset(**declared: Any) -> Any:
    return type("Odd", (ReadOnlyResourceViewSet,), {"policy": anyone, "queryset": Coin.objects.all(),
                                                    "serializer_class": CoinSerializer, **declared})  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"filterset_fields": {"papers__a": ["exact"]}}, r'papers__a leads into papers.*\{"papers": \["a"\]\}'),
        ({"filterset_fields": ("papers__a__b",)}, r'papers__a__b leads into papers.*\["a__b"\]'),
        ({"serializer_class": urls.serializer_of(Coin)}, r"value = serializers\.DecimalField\(max_digits=None"),
        ({"queryset": Specimen.objects.all(), "serializer_class": urls.serializer_of(Specimen),
          "filterset_fields": ("notes",)}, r'notes is a JSONField.*filterset_fields = \{"notes": \["isnull"\]\}'),
    ],
)  # fmt: skip
def test_what_cannot_be_filtered_by_stops_the_start(declared: dict[str, Any], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"(?s)Odd.*{said}"):
        viewset(**declared).grammar()


@isolate_apps("tests.specimens")
def test_a_composite_key_stops_the_start() -> None:
    class Seat(models.Model):
        pk = models.CompositePrimaryKey("row", "number")
        row = models.IntegerField()
        number = models.IntegerField()

        class Meta:
            app_label = "specimens"

    odd = viewset(queryset=Seat._default_manager.all(), serializer_class=urls.serializer_of(Seat))
    with pytest.raises(
        ImproperlyConfigured, match=r"Odd: the key of Seat is composite \(row, number\).*a key of its own"
    ):
        odd.grammar()


@isolate_apps("tests.specimens")
def test_a_decimal_without_digits_that_depth_shows_stops_the_start() -> None:
    class Till(models.Model):
        value = models.DecimalField()

        class Meta:
            app_label = "specimens"

    class Sale(models.Model):
        till = models.ForeignKey(Till, models.CASCADE)

        class Meta:
            app_label = "specimens"

    class Deep(serializers.ModelSerializer[Sale]):
        class Meta:
            model = Sale
            fields = ("id", "till")
            depth = 1

    odd = viewset(queryset=Sale._default_manager.all(), serializer_class=Deep)
    with pytest.raises(
        ImproperlyConfigured, match=r"(?s)Odd.*till\.value is a DecimalField without digits.*declare till"
    ):
        odd.grammar()


def test_an_aggregate_that_the_database_cannot_order_stops_the_start() -> None:
    rows = Specimen.objects.annotate(names=StringAgg("labels__name", Value(","), order_by="labels__name"))
    odd = viewset(queryset=rows, serializer_class=urls.serializer_of(Specimen))
    if connection.features.supports_aggregate_order_by_clause:
        odd.grammar()
    else:
        with pytest.raises(ImproperlyConfigured, match=r"Odd\.queryset: this SQLite cannot"):
            odd.grammar()
    viewset(
        queryset=Specimen.objects.annotate(n=Count("labels")), serializer_class=urls.serializer_of(Specimen)
    ).grammar()


@isolate_apps("tests.specimens")
def test_arrays_are_filtered_by_their_items() -> None:
    class Rack(models.Model):
        id = models.BigIntegerField(primary_key=True)
        tags = ArrayField(models.CharField(max_length=9))
        sizes = ArrayField(models.IntegerField(), null=True)

        class Meta:
            app_label = "specimens"

    filters = filterset_of(Rack, ("tags", "sizes"), None).base_filters
    assert set(filters) == {"tags__contains", "tags__overlap", "sizes__contains", "sizes__overlap", "sizes__isnull"}
    assert filters["sizes__contains"].field.clean("1,2") == (1, 2)
    if connection.vendor != "postgresql":
        return
    with connection.schema_editor() as editor:
        editor.create_model(Rack)
    Rack._default_manager.create(id=1, tags=["a", "b"], sizes=[1, 2])
    Rack._default_manager.create(id=2, tags=["c"], sizes=None)
    named = filterset_of(Rack, {"tags": ["exact", "len", "0", "overlap", "contained_by"], "sizes": ["contains"]}, None)
    for name, text, found in (
        ("tags", "a,b", [1]),
        ("tags__len", "1", [2]),
        ("tags__0", "c", [2]),
        ("tags__overlap", "b,z", [1]),
        ("tags__contained_by", "c,d", [2]),
        ("sizes__contains", "2", [1]),
    ):
        filter_ = named.base_filters[name]
        condition = filter_.condition(filter_.field_name, filter_.field.clean(text))
        assert list(Rack._default_manager.filter(condition).values_list("id", flat=True)) == found, name

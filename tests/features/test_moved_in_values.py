"""What methods of a serializer return, and numbers that a serializer shows as such, are written as DRF writes them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Avg, DecimalField, ExpressionWrapper, F, QuerySet, Sum
from django.test import Client, override_settings
from django.urls import include, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory
from rest_framework.viewsets import ReadOnlyModelViewSet

from api.core.diagnostics.explain import explain
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from resources.core.policy import anyone
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Keepsake, Label, Specimen

pytestmark = pytest.mark.django_db
AMOUNTS = ("1.50", "-0.01", "0.00", "9999999999.99")


class NumberSerializer(serializers.ModelSerializer[Keepsake]):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, coerce_to_string=False)
    same = serializers.ReadOnlyField(source="amount")
    total = serializers.ReadOnlyField()

    class Meta:
        model = Keepsake
        fields = ("id", "amount", "same", "total")


class CountedSerializer(serializers.ModelSerializer[Keepsake]):
    """Means and products, which a database may count with more digits than are shown."""

    mean = serializers.FloatField(read_only=True)
    half = serializers.ReadOnlyField()
    total = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)
    square = serializers.DecimalField(max_digits=24, decimal_places=2, read_only=True)

    class Meta:
        model = Keepsake
        fields = ("id", "mean", "half", "total", "square")


class MethodSerializer(serializers.ModelSerializer[Keepsake]):
    twice = serializers.SerializerMethodField()
    rows = serializers.SerializerMethodField()
    names = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    greeting = serializers.SerializerMethodField()

    class Meta:
        model = Keepsake
        fields = ("id", "twice", "rows", "names", "items", "greeting")

    def get_twice(self, row: Keepsake) -> Decimal:
        return (row.amount or Decimal(0)) * 2

    def get_rows(self, row: Keepsake) -> QuerySet[Any, Any]:
        return row.labels.order_by("id").values("id", "name")

    def get_names(self, row: Keepsake) -> Iterator[str]:
        return (label.name for label in row.labels.order_by("id"))

    def get_items(self, row: Keepsake) -> Any:
        return {"of": {"it": row.id}.items(), "in": (1, 2)}

    def get_greeting(self, row: Keepsake) -> Promise:
        return gettext_lazy("Hello")


class NumberViewSet(ReadOnlyResourceViewSet):
    policy = anyone
    queryset = Keepsake.objects.annotate(total=Sum("amount")).order_by("id")
    serializer_class = NumberSerializer


class CountedViewSet(ReadOnlyResourceViewSet):
    policy = anyone
    queryset = Keepsake.objects.annotate(
        mean=Avg("labels__id"),
        half=Avg("id") / 2,
        total=Sum("amount"),
        square=ExpressionWrapper(F("amount") * F("amount"), DecimalField(max_digits=24, decimal_places=2)),
    ).order_by("id")
    serializer_class = CountedSerializer


class MeanViewSet(CountedViewSet):
    serializer_class = type("MeanSerializer", (CountedSerializer,), {"square": None})
    serializer_class.Meta = type("Meta", (), {"model": Keepsake, "fields": ("id", "mean", "half", "total")})


class MethodViewSet(ReadOnlyResourceViewSet):
    policy = anyone
    queryset = Keepsake.objects.order_by("id")
    serializer_class = MethodSerializer


router = Router()
router.register("numbers", NumberViewSet, basename="number")
router.register("counted", CountedViewSet, basename="counted")
router.register("means", MeanViewSet, basename="mean")
router.register("methods", MethodViewSet, basename="method")
urlpatterns = [path("v1/", include(router.urls))]


@pytest.fixture
def rows() -> list[Any]:
    labels = [Label.objects.create(id=place, name=name) for place, name in enumerate(('"', "é😀"))]
    for place, amount in enumerate((*AMOUNTS, None), 1):
        Specimen.objects.create(id=place, amount=amount).labels.set(labels[: place % 3])
    return list(Keepsake.objects.all())


@pytest.mark.parametrize("viewset", [NumberViewSet, CountedViewSet, MeanViewSet, MethodViewSet])
def test_values_are_written_as_drf_writes_them(viewset: Any, rows: list[Any]) -> None:
    own = {name: getattr(viewset, name) for name in ("queryset", "serializer_class")}
    plain = type("Plain", (ReadOnlyModelViewSet,), own | {"renderer_classes": (JSONRenderer,)})
    theirs = plain.as_view({"get": "list"})(APIRequestFactory().get("/")).render().content
    with override_settings(ROOT_URLCONF=__name__):
        client = Client(HTTP_HOST="localhost")
        for _ in range(3):
            ours = client.get(viewset.path(), {"limit": 500}).json()["results"]
            assert ours == json.loads(theirs)
    assert len(ours) == len(rows)


def test_means_are_counted_by_the_database(rows: list[Any]) -> None:
    assert explain(MeanViewSet.resource_type()).level == "traced"
    assert (
        explain(CountedViewSet.resource_type()).reason
        == "square: it counts with decimals, which may have more places than are shown"
    )

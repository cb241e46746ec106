"""Lists are ordered by annotations, and by the OrderingFilter of a FilterSet, as a project may have written it."""

from decimal import Decimal
from typing import Any

import django_filters
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Avg, Count, Max, QuerySet, Sum
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.query.grammar import check_links_back
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from openapi.core.generation import document
from resources.core.policy import anyone
from tests.declarations import redeclare
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Drawer, Label, Mark, Specimen

pytestmark = pytest.mark.django_db
NAMES = ("number", "mean", "cost", "latest", "first")


class CountedSerializer(serializers.ModelSerializer[Drawer]):
    number = serializers.IntegerField(read_only=True)
    mean = serializers.FloatField(read_only=True)
    cost = serializers.ReadOnlyField()
    latest = serializers.DateTimeField(read_only=True)
    first = serializers.ReadOnlyField()

    class Meta:
        model = Drawer
        fields = ("id", "name", *NAMES)


class Sorted(django_filters.FilterSet):
    sort = django_filters.OrderingFilter(fields=(("number", "size"), ("name", "called"), ("parent__name", "above")))


def counted() -> QuerySet[Any]:
    return Drawer.objects.annotate(
        number=Count("specimens"),
        mean=Avg("specimens__whole"),
        cost=Sum("specimens__amount"),
        latest=Max("specimens__moment"),
        first=Max("specimens__text"),
    )


class CountedViewSet(ReadOnlyResourceViewSet):
    policy = anyone
    queryset = counted().order_by("-number", "name")
    serializer_class = CountedSerializer
    ordering_fields = (*NAMES, "name")
    filterset_class = Sorted


class CodedViewSet(CountedViewSet):
    """Annotates where it is asked."""

    queryset = Drawer.objects.all()

    def get_queryset(self) -> QuerySet[Any]:
        return counted().order_by("-number", "name")


router = Router()
router.register("counted", CountedViewSet, "counted")
router.register("coded", CodedViewSet, "coded")
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def shown() -> Any:
    for key, name in ((1, "b"), (2, "a"), (3, None), (4, "a"), (5, "c")):
        Drawer.objects.create(id=key, name=name, parent_id=1 if key > 2 else None)
    amounts = ("0.10", "0.20", "-0.30", "9999999999.99", "0.70", None)
    for key in range(12):
        amount = amounts[key % 6]
        Specimen.objects.create(
            id=key,
            drawer_id=1 + key % 4,
            whole=key % 5,
            text="é"[: key % 2] or None,
            amount=None if amount is None else Decimal(amount),
            moment=f"2024-01-0{1 + key % 3}T00:00:00.00000{key % 4}Z",
        )
    Mark.objects.create(id=1, specimen_id=1, label=Label.objects.create(id=1))

    def read(url: str, status: int = 200) -> Any:
        answer = Client(HTTP_HOST="localhost").get(url.partition("localhost")[2] or url)
        assert answer.status_code == status, answer.content
        return answer.json()

    with override_settings(ROOT_URLCONF=__name__):
        yield read


def walked(shown: Any, url: str) -> list[Any]:
    """Read a list page by page, and back again."""
    pages, back = [shown(f"{url}&limit=1")], []
    while pages[-1]["next"]:
        pages.append(shown(pages[-1]["next"]))
        assert len(pages) < 9
    back.append(pages[-1])
    while back[-1]["previous"]:
        back.append(shown(back[-1]["previous"]))
        assert len(back) < 9
    rows = [page["results"][0] for page in pages]
    assert [page["results"][0] for page in reversed(back)] == rows
    return rows


@pytest.mark.parametrize("level", ["interpreted", "compiled", "traced"])
@pytest.mark.parametrize("resource", ["counted", "coded"])
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_ordered_by_annotations(shown: Any, settings: Any, level: str, resource: str, name: str) -> None:
    settings.READ_LEVEL = level
    for sign in ("", "-"):
        url = f"/v1/{resource}?ordering={sign}{name}"
        rows = walked(shown, url)
        assert rows == shown(url)["results"]
        assert {row["id"] for row in rows} == {1, 2, 3, 4, 5}
        found = [str(row[name]).rstrip("Z") if name == "latest" else row[name] for row in rows if row[name] is not None]
        assert found == sorted(found, reverse=bool(sign))


@pytest.mark.parametrize("resource", ["counted", "coded"])
def test_a_queryset_may_be_ordered_by_them(shown: Any, resource: str) -> None:
    rows = walked(shown, f"/v1/{resource}?count=exact")
    assert [row["id"] for row in rows] == [2, 4, 1, 3, 5]


def test_what_only_code_adds_orders_no_expansion(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nested(ReadOnlyResourceViewSet):
        policy = anyone
        queryset = Drawer.objects.all()
        serializer_class = CountedSerializer
        expand = ("children",)

    redeclare(monkeypatch, CodedViewSet, filterset_class=None, filterset_fields=("parent",))
    said = r"Nested.expand: children are ordered by number, which get_queryset of CodedViewSet adds. Annotate it"
    with pytest.raises(ImproperlyConfigured, match=said):
        check_links_back(Nested.resource_type())


def test_the_ordering_filter_of_a_filterset(shown: Any) -> None:
    def keys(query: str) -> list[int]:
        return [row["id"] for row in shown(f"/v1/counted?{query}")["results"]]

    assert keys("sort=size,-called") == keys("ordering=number,-name")
    assert keys("sort=-above,called") == [2, 1, 4, 5, 3]
    fault = shown("/v1/counted?sort=weight", 400)["errors"][0]
    assert (fault["parameter"], fault["code"]) == ("sort", "unknown")
    assert shown("/v1/counted?sort=size&ordering=name", 400)["errors"][0]["code"] == "conflict"
    parameters = document.generate(__name__)["paths"]["/v1/counted"]["get"]["parameters"]
    [sort] = [each for each in parameters if each.get("name") == "sort"]
    assert {"size", "-called", "above"} <= set(sort["schema"]["items"]["enum"])

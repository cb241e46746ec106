"""Code of a viewset's own may tell its model, its rows and their order, as a project may have written it."""

from typing import Any

import django_filters
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from resources.core.policy import anyone
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Drawer, Keepsake, Label, Specimen

pytestmark = pytest.mark.django_db


class KeptSerializer(serializers.ModelSerializer[Keepsake]):
    class Meta:
        model = Keepsake
        fields = ("id", "text")


class KeptAt(serializers.ModelSerializer[Keepsake]):
    class Meta:
        model = Keepsake
        fields = ("id", "text", "whole")


class Labelled(django_filters.FilterSet):
    """Asks for a column of a related row by the lookup, and for the keys of two."""

    label = django_filters.CharFilter(field_name="labels", lookup_expr="name__iexact")
    labelled = django_filters.NumberFilter(field_name="labels", lookup_expr="id")
    drawer = django_filters.CharFilter(field_name="drawer", lookup_expr="parent__name")


class ToldViewSet(ReadOnlyResourceViewSet):
    """Declares neither a queryset nor a serializer: both depend on the request."""

    policy = anyone
    filterset_class = Labelled
    extra_parameters = ("text",)

    def get_queryset(self) -> Any:
        rows = Keepsake.objects.order_by("-whole", "text")
        texts = self.request.GET.getlist("text")
        return rows.filter(text__in=texts) if texts else rows

    def get_serializer_class(self) -> Any:
        return KeptAt if self.action == "retrieve" else KeptSerializer


class ListedViewSet(ReadOnlyResourceViewSet):
    """Gives a list where somebody asks for one."""

    policy = anyone
    queryset = Keepsake.objects.order_by("id")
    serializer_class = KeptSerializer
    extra_parameters = ("text",)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        text = self.request.GET.get("text")
        return [row for row in rows if row.text == text] if text else rows


class ManagedViewSet(ReadOnlyResourceViewSet):
    policy = anyone
    queryset = Drawer.objects
    serializer_class = type(
        "Of", (serializers.ModelSerializer,), {"Meta": type("M", (), {"model": Drawer, "fields": ["id"]})}
    )


router = Router()
router.register("told", ToldViewSet, "told")
router.register("listed", ListedViewSet, "listed")
router.register("managed", ManagedViewSet, "managed")
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def shown() -> Any:
    inner = Drawer.objects.create(id=2, name="inner", parent=Drawer.objects.create(id=1, name="outer"))
    label = Label.objects.create(id=1, name="Red")
    for key, text, whole in ((1, "a", 1), (2, "c", 3), (3, "b", 3), (4, "d", 2)):
        Specimen.objects.create(id=key, text=text, whole=whole, drawer=inner if key == 2 else None)
    Specimen.objects.get(id=3).labels.add(label)

    def read(url: str) -> Any:
        answer = Client(HTTP_HOST="localhost").get(f"/v1/{url}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    with override_settings(ROOT_URLCONF=__name__):
        yield read


def keys(answer: Any) -> list[int]:
    return [row["id"] for row in answer["results"]]


@pytest.mark.parametrize("level", ["interpreted", "compiled", "traced"])
def test_a_model_and_an_order_that_only_code_tells(shown: Any, settings: Any, level: str) -> None:
    settings.READ_LEVEL = level
    assert keys(shown("told")) == [3, 2, 4, 1]
    assert shown("told/3") == {"id": 3, "text": "b", "whole": 3}
    first = shown("told?limit=2")
    assert keys(first) == [3, 2]
    assert keys(shown(first["next"].partition("/v1/")[2])) == [4, 1]


def test_a_parameter_of_its_own_may_be_repeated(shown: Any) -> None:
    assert keys(shown("told?text=a&text=d")) == [4, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("label=RED", [3]),
        ("label__not=RED", [2, 4, 1]),
        ("labelled=1", [3]),
        ("drawer=outer", [2]),
        ("drawer=inner", []),
    ],
)
def test_a_lookup_that_leads_along_a_relation(shown: Any, query: str, found: list[int]) -> None:
    assert keys(shown(f"told?{query}")) == found


def test_rows_may_be_given_as_a_list_or_a_manager(shown: Any) -> None:
    assert keys(shown("listed?text=c")) == [2]
    assert keys(shown("listed")) == [1, 2, 3, 4]
    assert keys(shown("managed")) == [1, 2]


def order_of(rows: Any, **declared: Any) -> list[tuple[str, bool]]:
    viewset: Any = type(
        "Ordered",
        (ReadOnlyResourceViewSet,),
        {"policy": anyone, "queryset": rows, "serializer_class": KeptSerializer, **declared},
    )
    return [(term.path, term.descending) for term in viewset.grammar().order]


def own(rows: Any) -> Any:
    return lambda self: rows(self.request.user)


@pytest.mark.parametrize(
    ("rows", "declared", "order"),
    [
        (Keepsake.objects.order_by("-whole"), {}, [("whole", True), ("id", True)]),
        (Keepsake.objects.order_by("-whole").reverse(), {}, [("whole", False), ("id", False)]),
        (Keepsake.objects.order_by(F("whole").desc()), {}, [("whole", True), ("id", True)]),
        (Keepsake.objects.order_by("-drawer_id"), {}, [("drawer_id", True), ("id", True)]),
        (Keepsake.objects.order_by("drawer__name"), {}, [("drawer__name", False), ("id", False)]),
        (Keepsake.objects.order_by("?"), {"ordering": ("text",)}, [("text", False), ("id", False)]),
        (Keepsake.objects.all(), {"get_queryset": own(lambda _: Keepsake.objects.order_by("-id"))}, [("id", True)]),
        # A person is asked for the order where nobody has one, and the declaration where neither does.
        (
            Keepsake.objects.all(),
            {"get_queryset": own(lambda user: Keepsake.objects.filter(~Q(text=user.email)).order_by("-id"))},
            [("id", True)],
        ),
        (Keepsake.objects.order_by("-id"), {"get_queryset": own(lambda user: user.chief.things)}, [("id", True)]),
    ],
)
def test_a_list_has_the_order_of_its_rows(rows: Any, declared: Any, order: Any) -> None:
    assert order_of(rows, **declared) == order


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (Keepsake.objects.order_by("?"), r"\? is no column of Keepsake"),
        (Keepsake.objects.order_by(Lower("text")), r"Lower\(F\(text\)\) is no column of Keepsake"),
        (Keepsake.objects.order_by("-labels__name"), "labels__name: labels is no to-one relation of Keepsake"),
    ],
)
def test_an_order_of_rows_that_cannot_be_kept_is_told_in_words(rows: Any, named: str) -> None:
    said = rf'Ordered.queryset, whose order its list has: {named}.* ordering = \("-id",\)'
    with pytest.raises(ImproperlyConfigured, match=said):
        order_of(rows)


def test_a_model_that_nobody_tells_is_asked_for_in_words() -> None:
    class Untold(ReadOnlyResourceViewSet):
        policy = anyone
        serializer_class = serializers.Serializer

        def get_queryset(self) -> Any:
            return self.request.user.things

    said = r"Untold: the model of its rows .* AttributeError: .*'things'. Name it:  queryset = Trip.objects.all\(\)"
    with pytest.raises(ImproperlyConfigured, match=said):
        Untold.model()

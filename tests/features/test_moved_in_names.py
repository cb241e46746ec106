"""What moved in keeps the names that DRF's router gave it: addresses, routes, keys, and so its hyperlinks."""

import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.test.utils import isolate_apps
from django.urls import include, path, reverse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.builtin.keys import every_scope
from api.core.diagnostics.explain import explain
from api.core.diagnostics.index import Index
from api.core.http import errors
from api.core.resource.registry import REGISTRY
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from openapi.core import urls as contract
from openapi.core.generation import document
from openapi.core.generation.names import operation_id
from resources.core.policy import anyone, read
from resources.places.models import Country, Currency
from serializers.core.read.compiled.compile import compile_row
from serializers.core.read.compiled.compiler import Sources
from serializers.core.read.compiled.refusals import NotCompiled


class MoneySerializer(serializers.HyperlinkedModelSerializer):
    countries = serializers.HyperlinkedRelatedField(many=True, view_name="land-detail", read_only=True)
    details = serializers.HyperlinkedIdentityField(view_name="money-details", lookup_field="name")

    class Meta:
        model = Currency
        fields = ("url", "name", "countries", "details")
        extra_kwargs = {"url": {"view_name": "money-detail", "lookup_field": "name"}}


class LandSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Country
        fields = ("url", "name", "currency")
        extra_kwargs = {
            "url": {"view_name": "land-detail"},
            "currency": {"view_name": "money-detail", "lookup_field": "name"},
        }


class LandViewSet(ReadOnlyResourceViewSet):
    policy = read(anyone)
    queryset = Country.objects.all()
    serializer_class = LandSerializer

    @action(detail=True)
    def named(self, request: Any, pk: Any = None) -> Response:
        return Response({"pk": pk, "in the view": self.kwargs["pk"], "row": self.get_object().name})

    @action(detail=True)
    def called(self, request: Any, id: str) -> Response:
        return Response({"id": id})

    @action(detail=True)
    def found(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(kwargs)


class MoneyViewSet(ReadOnlyResourceViewSet):
    policy = read(anyone)
    queryset = Currency.objects.all()
    serializer_class = MoneySerializer
    lookup_field = "name"

    @action(detail=True)
    def details(self, request: Any, name: str) -> Response:
        return Response({"name": name})


router = Router()
router.register(r"lands", LandViewSet, basename="land")
router.register("money", MoneyViewSet, "money")
urlpatterns = [
    path("", Index.as_view(resources=router.names())),
    path("v1/", include(router.urls)),
    path("", include(contract)),
    path("", errors.not_found),
]

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def shown() -> Any:
    with override_settings(ROOT_URLCONF=__name__):
        yield lambda url: Client(HTTP_HOST="localhost").get(url).json()


def test_it_stands_where_it_is_registered_and_links_lead_there(shown: Any) -> None:
    land = shown("/v1/lands/CH")
    franc = "http://localhost/v1/money/Swiss%20Franc"
    assert land == {"url": "http://localhost/v1/lands/CH", "name": "Switzerland", "currency": franc}
    money = shown(land["currency"])
    assert land["url"] in money["countries"]
    assert money["url"] == franc
    assert shown(money["details"]) == {"name": "Swiss Franc"}
    assert shown("/")["resources"] == {"lands": "http://localhost/v1/lands", "money": "http://localhost/v1/money"}
    assert reverse("land-detail", urlconf=__name__, kwargs={"pk": "CH"}) == "/v1/lands/CH"


@pytest.mark.parametrize("public_url", ["", "https://api.example.com"])
@pytest.mark.parametrize("url", ["/v1/lands?limit=500", "/v1/money?limit=500", "/v1/lands/AQ", "/v1/money/Euro"])
def test_links_are_the_same_at_every_level(shown: Any, settings: Any, url: str, public_url: str) -> None:
    settings.PUBLIC_URL = public_url
    answers = []
    for level in ("interpreted", "compiled", "traced", "traced", "traced"):
        settings.READ_LEVEL = level
        answer = shown(url)
        for row in answer.get("results", [answer]):
            row.get("countries", []).sort()  # which have no order of their own
        answers.append(json.dumps(answer))
    assert answers == 5 * answers[:1]
    assert answers[0].count(f'"{public_url or "http://localhost"}/v1/')
    assert {explain(each.resource_type()).level for each in (LandViewSet, MoneyViewSet)} == {"traced"}


class OwnLink(serializers.HyperlinkedRelatedField):
    def get_url(self, obj: Any, view_name: str, request: Any, format: str | None) -> str:
        return f"land:{obj.pk}"


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (OwnLink(view_name="land-detail", read_only=True, many=True), "OwnLink.get_url decides in Python"),
        (
            serializers.HyperlinkedIdentityField(view_name="land-detail", lookup_field="updated_at"),
            "its address is made of a DateTimeField",
        ),
    ],
)
def test_links_that_only_python_can_make(field: Any, reason: str) -> None:
    serializer = type("Linked", (serializers.Serializer,), {"countries": field})()
    with pytest.raises(NotCompiled, match=reason):
        compile_row(serializer, Currency.objects.all(), Sources(lambda model: None, lambda model: None))  # type: ignore[arg-type, return-value]


def test_actions_take_the_key_by_the_name_they_have_for_it(shown: Any) -> None:
    assert shown("/v1/lands/CH/named") == {"pk": "CH", "in the view": "CH", "row": "Switzerland"}
    assert shown("/v1/lands/CH/called") == {"id": "CH"}
    assert shown("/v1/lands/CH/found") == {"pk": "CH"}


def test_the_contract_calls_the_key_id_unless_it_has_another_name() -> None:
    paths = document.generate(__name__)["paths"]
    assert {"/v1/lands/{id}", "/v1/lands/{id}/named", "/v1/money/{name}"} <= paths.keys()
    assert [each["name"] for each in paths["/v1/lands/{id}/named"]["get"]["parameters"]][:1] == ["id"]
    assert paths["/v1/lands"]["get"]["operationId"] == "listLands"


def test_a_second_resource_of_a_model_has_a_name_and_scopes_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REGISTRY, "every", dict(REGISTRY.every))

    class OldLandViewSet(LandViewSet):
        """Another presentation of the same rows."""

    again = Router()
    again.register("Old_lands", OldLandViewSet, "old-land")
    again.check()
    assert (OldLandViewSet.plural(), LandViewSet.plural()) == ("Old_lands", "lands")
    assert OldLandViewSet.resource_type().scope_of("read") == "old-lands:read"
    assert {"old-lands:read", "old-lands:write", "lands:read"} <= every_scope()


@isolate_apps("resources.places")
def test_names_in_another_script_need_an_address_and_get_ids_of_the_model() -> None:
    class Strana(Country):
        class Meta:
            proxy = True
            app_label = "places"
            verbose_name, verbose_name_plural = "страна", "страны"

    class Unnamed(LandViewSet):
        queryset = Strana.objects.all()

    with pytest.raises(ImproperlyConfigured, match=r'Unnamed: there is no name .* router.register\("trips", Unnamed\)'):
        Router().register(Unnamed)
    unnamed = Unnamed()
    unnamed.action = "retrieve"
    assert operation_id(unnamed, "get") == "getStrana"
    with pytest.raises(ImproperlyConfigured, match=r"'lands/\(\?P<.* they are filtered, /v1/stops\?trip="):
        Router().register(r"lands/(?P<land>\d+)/cities", Unnamed)

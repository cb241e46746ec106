"""What moved in keeps the names that DRF's router gave it: addresses, routes, keys, and so its hyperlinks."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.urls import include, path, reverse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.answers import errors
from api.core.operations.index import Index
from api.core.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from openapi.core import urls as contract
from openapi.core.generation import document
from openapi.core.generation.names import operation_id
from resources.core.policy import anyone, read
from resources.places.models import Country, Currency


class MoneySerializer(serializers.HyperlinkedModelSerializer):
    countries = serializers.HyperlinkedRelatedField(many=True, view_name="land-detail", read_only=True)
    details = serializers.HyperlinkedIdentityField(view_name="money-details", lookup_field="name")

    class Meta:
        model = Currency
        fields = ("url", "name", "countries", "details")
        extra_kwargs = {"url": {"view_name": "money-detail", "lookup_field": "name"}}


class LandSerializer(serializers.HyperlinkedModelSerializer):
    currency = serializers.SlugRelatedField(slug_field="name", read_only=True)

    class Meta:
        model = Country
        fields = ("url", "name", "currency")
        extra_kwargs = {"url": {"view_name": "land-detail"}}


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
    assert land == {"url": "http://localhost/v1/lands/CH", "name": "Switzerland", "currency": "Swiss Franc"}
    money = shown("/v1/money/Swiss Franc")
    assert land["url"] in money["countries"]
    assert money["url"] == "http://localhost/v1/money/Swiss%20Franc"
    assert shown(money["details"]) == {"name": "Swiss Franc"}
    assert shown("/")["resources"] == {"lands": "http://localhost/v1/lands", "money": "http://localhost/v1/money"}
    assert reverse("land-detail", urlconf=__name__, kwargs={"pk": "CH"}) == "/v1/lands/CH"


def test_actions_take_the_key_by_the_name_they_have_for_it(shown: Any) -> None:
    assert shown("/v1/lands/CH/named") == {"pk": "CH", "in the view": "CH", "row": "Switzerland"}
    assert shown("/v1/lands/CH/called") == {"id": "CH"}
    assert shown("/v1/lands/CH/found") == {"pk": "CH"}


def test_the_contract_calls_the_key_id_unless_it_has_another_name() -> None:
    paths = document.generate(__name__)["paths"]
    assert {"/v1/lands/{id}", "/v1/lands/{id}/named", "/v1/money/{name}"} <= paths.keys()
    assert [each["name"] for each in paths["/v1/lands/{id}/named"]["get"]["parameters"]][:1] == ["id"]
    assert paths["/v1/lands"]["get"]["operationId"] == "listLands"


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

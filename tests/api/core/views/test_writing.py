"""Writing through viewsets that DRF users write: their own querysets, key names, nested members, and overrides."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Count, Q, QuerySet
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import serializers

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.actor import Actor
from resources.core.models import ApiKey
from resources.core.policy import Policy, Verb, anyone, authenticated
from resources.places.models import City, Country, Currency, Language, Subdivision
from tests.declarations import redeclare
from tests.world import World


class CurrencySerializer(serializers.ModelSerializer):
    """Another name for the key, a member that is never shown, one that nobody sends."""

    code = serializers.CharField(source="id", max_length=3)
    symbol = serializers.CharField(write_only=True)
    numeric = serializers.HiddenField(default="999")

    class Meta:
        model = Currency
        fields = ("code", "name", "symbol", "decimals", "numeric")


class CurrencyViewSet(ResourceViewSet):
    """Somebody else's key name, and rows grouped."""

    policy = anyone
    serializer_class = CurrencySerializer

    def get_queryset(self) -> QuerySet[Currency]:
        return Currency.objects.annotate(used=Count("countries")).order_by("-used")


class CityInside(serializers.ModelSerializer):
    class Meta:
        model = City
        fields = ("id", "name", "population", "latitude", "longitude", "timezone")


class CountrySerializer(serializers.ModelSerializer):
    """Nested members, references by another column, a sum of what was sent, a model's column by another name."""

    cities = CityInside(many=True, required=False)
    money = serializers.SlugRelatedField("numeric", source="currency", queryset=Currency.objects.all(), allow_null=True)
    title = serializers.CharField(source="name", max_length=100)

    class Meta:
        model = Country
        fields = ("id", "alpha_3", "title", "continent", "population", "money", "languages", "cities")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("population") == 13:
            raise serializers.ValidationError({"population": "Unlucky."}, code="unlucky")
        return attrs

    def create(self, validated: dict[str, Any]) -> Country:
        cities = validated.pop("cities", [])
        country = super().create(validated)
        City.objects.bulk_create(City(country=country, **city) for city in cities)
        return country

    def update(self, country: Country, validated: dict[str, Any]) -> Country:
        validated.pop("cities", None)
        return super().update(country, validated)


class CountryViewSet(ResourceViewSet):
    """Another lookup, and work of its own around saving."""

    policy = authenticated
    queryset = Country.objects.all()
    serializer_class = CountrySerializer
    lookup_field = "alpha_3"
    lookup_url_kwarg = "code"

    def perform_create(self, serializer: Any) -> None:
        serializer.save(capital=f"Made by {self.request.user.name}", area_km2=len(serializer.validated_data["name"]))

    def perform_destroy(self, instance: Country) -> None:
        instance.population = 0
        instance.save()


class Twice(Policy):
    """A condition across a to-many relation, so that a row is found once for each related row."""

    def rows(self, verb: Verb, actor: Actor) -> Q:
        return Q(cities__population__gt=100_000) if verb == "update" else ~Q(pk=None)


class SubdivisionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Subdivision
        fields = ("id", "name", "type", "country")


class SubdivisionViewSet(ResourceViewSet):
    policy = Twice()
    queryset = Subdivision.objects.all()
    serializer_class = SubdivisionSerializer


class Plain(serializers.Serializer):
    """No ModelSerializer."""

    id = serializers.CharField(max_length=3)
    name = serializers.CharField(max_length=100)
    alpha_3 = serializers.CharField(max_length=3, required=False)

    def create(self, validated: dict[str, Any]) -> Language:
        return Language.objects.create(**validated)

    def update(self, language: Language, validated: dict[str, Any]) -> Language:
        language.name = validated.get("name", language.name)
        language.save()
        return language


class LanguageViewSet(ResourceViewSet):
    policy = anyone
    queryset = Language.objects.all()
    serializer_class = Plain


router = Router()
for viewset in (CurrencyViewSet, CountryViewSet, SubdivisionViewSet, LanguageViewSet):
    router.register(viewset)
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]

COUNTRY = {"id": "IT", "alpha_3": "ITA", "title": "Italy", "continent": "EU", "population": 60431283, "money": "978"}
ROMA = {"id": 3169070, "name": "Roma", "population": 1, "latitude": 41.9, "longitude": 12.5, "timezone": "Europe/Rome"}


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    secret = ApiKey.objects.issue(world.owner)
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(headers={"Authorization": f"Bearer {secret}"})


def send(client: Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.generic(method, path, "" if body is None else json.dumps(body), "application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else answer


def faults(problem: Any) -> dict[str, str]:
    return {fault["pointer"]: fault["code"] for fault in problem["errors"]}


def test_a_key_under_another_name_is_brought_once_and_kept(client: Client) -> None:
    made = send(client, "POST", "/v1/currencies", {"code": "XTS", "name": "Test", "symbol": "T", "decimals": 2}, 201)
    assert made == {"code": "XTS", "name": "Test", "decimals": 2}
    assert Currency.objects.values_list("symbol", "numeric").get(id="XTS") == ("T", "999")
    refused = send(client, "PATCH", "/v1/currencies/XTS", {"code": "XTT"}, 400)
    assert faults(refused) == {"/code": "read_only"}
    assert send(client, "PATCH", "/v1/currencies/XTS", {"code": "XTS", "name": "New"})["name"] == "New"
    assert not Currency.objects.filter(id="XTT").exists()
    assert faults(send(client, "POST", "/v1/currencies", {"code": "a/b"}, 400))["/code"] == "not_addressable"


def test_rows_that_are_grouped_can_be_locked(client: Client) -> None:
    assert send(client, "PATCH", "/v1/currencies/EUR", {"name": "Euros"})["name"] == "Euros"


def test_hidden_members_are_not_known(client: Client) -> None:
    refused = send(client, "PATCH", "/v1/currencies/EUR", {"numeric": "1"}, 400)
    assert faults(refused) == {"/numeric": "unknown"}


def test_nested_members_and_work_of_ones_own(client: Client) -> None:
    answer = client.post(
        "/v1/countries", COUNTRY | {"cities": [ROMA], "languages": ["fr"]}, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == "http://testserver/v1/countries/ITA"
    assert answer.json() == COUNTRY | {"cities": [ROMA], "languages": ["fr"]}
    country = Country.objects.get(id="IT")
    assert (country.capital, country.area_km2, country.currency_id) == ("Made by Owner", 5, "EUR")


def test_faults_of_nested_members_have_pointers(client: Client) -> None:
    bad = [ROMA, ROMA | {"id": 2988507, "nme": "x", "population": "1"}, {"id": 1, "latitude": "north"}, 5]
    refused = send(client, "POST", "/v1/countries", COUNTRY | {"cities": bad, "title": "", "name": "x"}, 400)
    found = faults(refused)
    assert found["/cities/1/nme"] == "unknown"
    assert found["/cities/1/population"] == "invalid"
    assert found["/cities/2/latitude"] == "invalid"
    assert found["/cities/2/name"] == "required"
    assert found["/cities/3"] == "invalid"
    assert (found["/title"], found["/name"]) == ("blank", "unknown")


def test_references_by_another_column(client: Client) -> None:
    assert send(client, "PATCH", "/v1/countries/CHE", {"money": "840"})["money"] == "840"
    assert Country.objects.get(id="CH").currency_id == "USD"
    assert faults(send(client, "PATCH", "/v1/countries/CHE", {"money": "123"}, 400)) == {"/money": "does_not_exist"}
    assert faults(send(client, "PATCH", "/v1/countries/CHE", {"money": {"numeric": "840"}}, 400)) == {
        "/money": "invalid"
    }


def test_validation_of_ones_own(client: Client) -> None:
    assert faults(send(client, "PATCH", "/v1/countries/CHE", {"population": 13}, 400)) == {"/population": "unlucky"}


def test_what_a_put_leaves_out_under_another_name(client: Client) -> None:
    refused = send(client, "PUT", "/v1/countries/CHE", {"alpha_3": "CHE", "continent": "EU"}, 400)
    assert faults(refused) == {"/title": "required", "/population": "required", "/money": "required"}


def test_a_row_that_moves_to_another_address(client: Client) -> None:
    answer = client.patch("/v1/countries/CHE", {"alpha_3": "SUI"}, content_type="application/json")
    assert answer.json()["alpha_3"] == "SUI"
    assert client.get("/v1/countries/CHE").status_code == 404


def test_deleting_as_one_likes(client: Client) -> None:
    assert send(client, "DELETE", "/v1/countries/CHE", status=204).status_code == 204
    assert Country.objects.get(id="CH").population == 0


def test_a_policy_that_finds_rows_several_times_lets_none_slip_through(client: Client) -> None:
    City.objects.filter(subdivision="FR-IDF").update(population=200_000)
    assert City.objects.filter(subdivision="FR-IDF").count() > 1
    assert send(client, "PATCH", "/v1/subdivisions/FR-IDF", {"name": "Paris"})["name"] == "Paris"
    send(client, "PATCH", "/v1/subdivisions/FR-42", {"name": "Loire"}, 403)


def test_a_serializer_without_a_model(client: Client) -> None:
    assert send(client, "POST", "/v1/languages", {"id": "it", "name": "Italian", "alpha_3": "ita"}, 201)["id"] == "it"
    assert send(client, "PUT", "/v1/languages/it", {"id": "it", "name": "Italiano"})["name"] == "Italiano"
    assert send(client, "PATCH", "/v1/languages/it", {"name": "Italian"})["alpha_3"] == "ita"
    taken = send(client, "POST", "/v1/languages", {"id": "it", "name": "x", "alpha_3": "xxx"}, 409)
    assert faults(taken) == {"/id": "unique"}


def test_who_may_create_but_not_read_is_told_where_it_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box to drop things into: what was created is kept, and not shown."""

    class DropBox(Policy):
        def rows(self, verb: Verb, actor: Actor) -> Q:
            return ~Q(pk=None) if verb == "create" else Q(pk="none")

    redeclare(monkeypatch, CurrencyViewSet, policy=DropBox())
    body = {"code": "XTS", "name": "Test", "symbol": "T", "decimals": 2}
    answer = client.post("/v1/currencies", body, content_type="application/json")
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer["Location"] == "http://testserver/v1/currencies/XTS"
    Currency.objects.get(id="XTS").delete()
    many = client.post("/v1/currencies", [body], content_type="application/json")
    assert (many.status_code, many.content) == (201, b"")


def test_who_may_change_what_they_then_may_not_read_is_told_that_it_is_done(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hiding(Policy):
        def rows(self, verb: Verb, actor: Actor) -> Q:
            return Q(decimals__lt=5) if verb == "read" else ~Q(pk=None)

    redeclare(monkeypatch, CurrencyViewSet, policy=Hiding())
    answer = client.patch("/v1/currencies/EUR", {"decimals": 9}, content_type="application/json")
    assert (answer.status_code, answer.content) == (204, b"")
    assert Currency.objects.get(id="EUR").decimals == 9

"""An ordinary DRF viewset moves in for a change of base class and a line that says its policy."""

from typing import Any

import django_filters
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Lower
from django.test import Client, override_settings
from django.urls import include, path
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, permissions, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet, ResourceViewSet
from resources.core.policy import anyone, authenticated, read
from resources.places.models import Airport, City, Country
from tests.world import World


class CountrySerializer(serializers.ModelSerializer):
    """As a project may have written it: computed, renamed and nested members, `source` with dots."""

    label = serializers.SerializerMethodField()
    money = serializers.CharField(source="currency.name", read_only=True, default=None)
    cities_count = serializers.ReadOnlyField()

    class Meta:
        model = Country
        fields = ("id", "name", "label", "money", "cities_count", "languages")

    def get_label(self, country: Country) -> str:
        return f"{country.name} ({country.currency_id})"


class BigCountries(permissions.BasePermission):
    """One's own permission: an object rule, and one for the request as a whole."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.headers.get("X-Banned") is None

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return obj.id != "XK"


class Inhabited(filters.BaseFilterBackend):
    """One's own filter backend."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        return queryset.filter(population__gt=0)


class CountryViewSet(ResourceViewSet):
    policy = read(anyone)
    serializer_class = CountrySerializer
    permission_classes = (BigCountries,)
    filter_backends = (DjangoFilterBackend, filters.OrderingFilter, filters.SearchFilter, Inhabited)
    filterset_fields = {"name": ["exact", "istartswith"], "continent": ["exact"]}
    ordering_fields = ("name",)
    extra_parameters = ("minimum",)

    def get_queryset(self) -> QuerySet[Country]:
        rows = Country.objects.annotate(cities_count=Count("cities", distinct=True))
        minimum = self.request.query_params.get("minimum")
        return rows.filter(cities_count__gte=int(minimum)) if minimum else rows

    @action(detail=True)
    def biggest(self, request: Any, id: str) -> Response:
        city = self.get_object().cities.order_by("-population").first()
        return Response({"city": city.name if city else None})

    @action(detail=False, methods=["post"], url_path="count-them", verb="read")
    def count_them(self, request: Any) -> Response:
        return Response({"count": self.get_queryset().count(), "sent": request.data})


class AirportSerializer(serializers.ModelSerializer):
    class Meta:
        model = Airport
        fields = ("iata", "name", "elevation")


class AirportFilters(django_filters.FilterSet):
    """One's own FilterSet: stock filters, and one with a method."""

    high = django_filters.BooleanFilter(method="only_high")
    above = django_filters.NumberFilter(field_name="elevation", lookup_expr="gte")

    class Meta:
        model = Airport
        fields = ("country",)

    def only_high(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(elevation__gte=1000) if value else queryset.exclude(elevation__gte=1000)


class AirportViewSet(ReadOnlyResourceViewSet):
    """Another key name, read only."""

    policy = read(anyone)
    queryset = Airport.objects.exclude(iata=None)
    serializer_class = AirportSerializer
    lookup_field = "iata"
    lookup_url_kwarg = "code"
    filterset_class = AirportFilters


router = Router()
for viewset in (CountryViewSet, AirportViewSet):
    router.register(viewset)
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def client() -> Any:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(HTTP_HOST="localhost")


def shown(client: Client, url: str, status: int = 200, **headers: str) -> Any:
    answer = client.get(url, headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_it_works(client: Client) -> None:
    first = shown(client, "/v1/countries?name=Switzerland")["results"]
    assert first == [
        {
            "id": "CH",
            "name": "Switzerland",
            "label": "Switzerland (CHF)",
            "money": "Swiss Franc",
            "cities_count": City.objects.filter(country="CH").count(),
            "languages": ["de", "fr"],
        }
    ]
    assert shown(client, "/v1/countries/CH") == first[0]


def test_its_own_queryset_and_parameter(client: Client) -> None:
    found = shown(client, "/v1/countries?minimum=2")["results"]
    assert found
    assert all(row["cities_count"] >= 2 for row in found)


def test_its_own_filter_backend_still_filters(client: Client) -> None:
    assert "AQ" not in {row["id"] for row in shown(client, "/v1/countries")["results"]}
    assert shown(client, "/v1/countries/AQ", 404)["status"] == 404


def test_a_dict_offers_exactly_the_lookups_it_names(client: Client) -> None:
    assert {row["id"] for row in shown(client, "/v1/countries?name__istartswith=SWI")["results"]} == {"CH"}
    assert shown(client, "/v1/countries?name__icontains=swi", 400)["errors"][0]["parameter"] == "name__icontains"


def test_its_own_permissions_still_forbid(client: Client) -> None:
    assert shown(client, "/v1/countries/XK", 401)["status"] == 401  # nobody is known: an identity might help
    assert shown(client, "/v1/countries", 401, **{"X-Banned": "1"})["status"] == 401


def test_its_own_actions_are_routed(client: Client) -> None:
    assert shown(client, "/v1/countries/CH/biggest")["city"] == "Zürich"
    assert shown(client, "/v1/countries/XK/biggest", 401)["status"] == 401
    answer = client.post("/v1/countries/count-them", {"a": 1}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["sent"] == {"a": 1}


def test_a_policy_that_only_reads_refuses_writes(client: Client) -> None:
    answer = client.patch("/v1/countries/CH", {"name": "x"}, content_type="application/json")
    assert answer.status_code == 401
    assert Country.objects.get(id="CH").name == "Switzerland"


def test_another_key_name(client: Client) -> None:
    code = Airport.objects.exclude(iata=None).values_list("iata", flat=True)[0]
    assert shown(client, f"/v1/airports/{code}")["iata"] == code


def test_read_only_offers_no_writes(client: Client) -> None:
    answer = client.post("/v1/airports", {}, content_type="application/json")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_its_own_filterset_is_strict_and_can_be_negated(client: Client) -> None:
    everything = {row["iata"] for row in shown(client, "/v1/airports")["results"]}
    high = {row["iata"] for row in shown(client, "/v1/airports?high=true")["results"]}
    rest = {row["iata"] for row in shown(client, "/v1/airports?high__not=true")["results"]}
    assert high
    assert high | rest == everything
    assert not high & rest
    assert shown(client, "/v1/airports?high=banana", 400)["errors"][0]["parameter"] == "high"
    assert {row["iata"] for row in shown(client, "/v1/airports?above=1000")["results"]} == high


def test_without_a_policy_nothing_starts() -> None:
    class Open(ResourceViewSet):
        queryset = City.objects.all()

    with pytest.raises(ImproperlyConfigured, match=r"Open states no policy.*policy = read\(anyone\)"):
        Router().register(Open)


def test_a_policy_for_people_asks_for_an_identity(client: Client, world: World) -> None:
    class Private(ReadOnlyResourceViewSet):
        policy = read(authenticated)
        queryset = City.objects.all()
        serializer_class = CountrySerializer

    from rest_framework.test import APIRequestFactory

    factory = APIRequestFactory()
    answer = Private.as_view({"get": "list"})(factory.get("/v1/cities"))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("declared", "known"),
    [
        ("__all__", {"name", "population", "updated_at"}),
        ("population", {"population"}),
        ((("population", "How many"), "name"), {"name", "population"}),
    ],
)
def test_ordering_fields_in_any_of_drfs_forms(declared: Any, known: set[str]) -> None:
    class Ordered(ReadOnlyResourceViewSet):
        policy = anyone
        queryset = City.objects.all()
        serializer_class = AirportSerializer
        ordering_fields = declared

    assert known <= Ordered.grammar().orderings.keys()
    assert len(Ordered.grammar().orderings) == len(known) + 1 or declared == "__all__"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"ordering_fields": ("size",)}, "Ordered.ordering_fields: size is no column of City"),
        (
            {"ordering_fields": ("country__size",)},
            "country__size: size is no column of Country",
        ),
        ({"ordering": ("-size",)}, "Ordered.ordering: size is no column of City"),
        ({"ordering": (Lower("name"),)}, r"Ordered.ordering: Lower\(F\(name\)\) is no column of City"),
    ],
)
def test_an_ordering_that_cannot_be_is_told_in_words(attributes: Any, said: str) -> None:
    declared = {"policy": anyone, "queryset": City.objects.all(), "serializer_class": AirportSerializer} | attributes
    viewset: Any = type("Ordered", (ReadOnlyResourceViewSet,), declared)
    with pytest.raises(ImproperlyConfigured, match=said):
        viewset.grammar()


def test_an_order_of_expressions_that_name_columns_is_taken() -> None:
    class Ordered(ReadOnlyResourceViewSet):
        policy = anyone
        queryset = City.objects.all()
        serializer_class = AirportSerializer
        ordering = (F("population").desc(), F("name"))

    assert [(term.path, term.descending) for term in Ordered.grammar().order] == [
        ("population", True),
        ("name", False),
        ("id", False),
    ]


class ByMethod(ReadOnlyResourceViewSet):
    """What it shows depends on the request."""

    policy = anyone
    queryset = Airport.objects.all()

    def get_serializer_class(self) -> Any:
        return AirportSerializer if self.request.method == "GET" and self.request.user.is_anonymous else None


def test_its_serializer_may_depend_on_the_request() -> None:
    assert ByMethod.grammar().fields == ("iata", "name", "elevation")


def test_a_serializer_that_cannot_be_told_stops_the_start_up_in_words() -> None:
    class ByRole(ByMethod):
        def get_serializer_class(self) -> Any:
            return {"chief": AirportSerializer}[self.request.user.role]

    with pytest.raises(ImproperlyConfigured, match=r"ByRole: which members .* that fails: AttributeError: .*'role'"):
        ByRole.grammar()

"""What is going to go says so on every answer that shows it, and a new name of it is there beside it meanwhile."""

import csv
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.urls import include, path
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.http import errors
from api.core.query.grammar import grammar_of
from api.core.read.strategies import PLANS
from api.core.resource.registry import REGISTRY
from api.core.views import resource_view as views
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet, ResourceViewSet
from resources.core.policy import anyone, authenticated, read, write
from resources.places.models import City, Country
from resources.trips.models import Stop
from tests.client import Answer, Client
from tests.features.test_levels import at_every_level
from tests.short_cut import forget, hold_both_ways
from tests.world import World

NATION = {"deprecation": "@1796083200", "sunset": "Wed, 30 Jun 2027 23:59:59 GMT"}
INHABITANTS = {"deprecation": "@0", "sunset": "Sun, 31 Jan 2027 23:59:59 GMT"}
BOTH = {"deprecation": "@0", "sunset": "Sun, 31 Jan 2027 23:59:59 GMT"}
OLDEST = {"deprecation": "@0"}
PARIS = 2988507
TOWN = {"id": 1, "name": "Lyon", "latitude": 45.75, "longitude": 4.85, "timezone": "Europe/Paris"}


class TownSerializer(serializers.ModelSerializer[City]):
    """Had a `nation`, which is called `country` now, and `inhabitants` as a text, which are a number now."""

    nation = serializers.PrimaryKeyRelatedField(source="country", queryset=Country.objects.all())
    inhabitants = serializers.RegexField("^[0-9]+$", source="population")

    class Meta:
        model = City
        fields = ("id", "name", "country", "nation", "population", "inhabitants", "latitude", "longitude", "timezone")


class TownViewSet(ResourceViewSet):
    queryset = City.objects.all()
    serializer_class = TownSerializer
    policy = read(anyone) | write(authenticated)
    deprecated = {"nation": ("2026-12-01", "2027-06-30"), "inhabitants": "2027-01-31"}
    filterset_fields = ("country", "country__continent", "population", "name")
    ordering_fields = ("name", "country__name", "population")
    ordering = ("name", "id")
    expand = ("country",)


@extend_schema_serializer(deprecate_fields=["capital"])
class LandSerializer(serializers.ModelSerializer[Country]):
    class Meta:
        model = Country
        fields = ("id", "name", "capital")


class LandViewSet(ReadOnlyResourceViewSet):
    queryset = Country.objects.all()
    serializer_class = LandSerializer
    policy = read(anyone)
    filterset_fields = ("id", "capital")
    expand = ("cities",)


class HaltSerializer(serializers.ModelSerializer[Stop]):
    class Meta:
        model = Stop
        fields = ("id", "position", "city")


class HaltViewSet(ReadOnlyResourceViewSet):
    queryset = Stop.objects.all()
    serializer_class = HaltSerializer
    policy = read(anyone)
    filterset_fields = ("city__country__continent",)
    ordering_fields = ("city__population", "position")


VIEWSETS = {"towns": TownViewSet, "lands": LandViewSet, "halts": HaltViewSet}
router = Router()
for name, viewset in VIEWSETS.items():
    router.register(name, viewset, basename=name)
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture(autouse=True)
def resources(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve these resources, and let them stand for their models."""
    declare(monkeypatch)
    with override_settings(ROOT_URLCONF=__name__):
        yield
    PLANS.clear()


def declare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Declare the resources anew: what other tests have worked out of them was worked out beside other resources."""
    monkeypatch.setattr(views, "_type_of", cache(views._type_of.__wrapped__))
    for each in VIEWSETS.values():
        monkeypatch.setitem(REGISTRY.by_model, each.model(), each.resource_type())
    forget()
    PLANS.clear()


@pytest.fixture
def towns(world: World) -> Client:
    return Client(None)


@pytest.fixture
def clerk(towns: Client, world: World) -> Client:
    return towns.acting_for(world.owner)


def announced(answer: Answer) -> dict[str, str]:
    assert answer.status < 300, answer.text
    return {name: answer.headers[name] for name in ("deprecation", "sunset") if name in answer.headers}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", BOTH),
        ("?fields=id,nation", NATION),
        ("?fields=id,inhabitants", INHABITANTS),
        ("?fields=id,name,country", {}),
        ("?fields=id&nation=FR", NATION),
        ("?fields=id&nation__continent__not=AS", NATION),
        ('?fields=id&filter={"or":[{"nation__in":["FR"]},{"name":"Bern"}]}', NATION),
        ("?fields=id&country=FR&population__gt=5", {}),
        ("?fields=id&ordering=-nation__name", NATION),
        ("?fields=id&ordering=country__name,-population", {}),
        ("?fields=id&ordering=inhabitants", INHABITANTS),
        ("?fields=id,nation.name", NATION),
        ("?fields=id,country.name", {}),
        ("?fields=id,country.capital", OLDEST),
        ("?fields=id&expand=country", OLDEST),
    ],
)
def test_answers_that_show_it_say_so(towns: Client, query: str, expected: dict[str, str]) -> None:
    assert announced(towns.get(f"/v1/towns{query}")) == expected


def test_items_exports_and_304_say_so_as_well(towns: Client) -> None:
    item = towns.get(f"/v1/towns/{PARIS}")
    assert announced(item) == BOTH
    assert announced(towns.get(f"/v1/towns/{PARIS}?fields=name")) == {}
    assert announced(towns.get("/v1/towns?fields=nation", accept="text/csv")) == NATION
    assert announced(towns.get("/v1/towns?fields=name", accept="application/x-ndjson")) == {}
    again = towns.with_headers(If_None_Match=item.headers["etag"]).get(f"/v1/towns/{PARIS}")
    assert (again.status, again.headers["sunset"]) == (304, BOTH["sunset"])


def test_it_is_said_of_what_is_expanded(towns: Client) -> None:
    assert announced(towns.get("/v1/lands?fields=id")) == {}
    assert announced(towns.get("/v1/lands?fields=id&expand=cities")) == BOTH
    assert announced(towns.get("/v1/lands?fields=cities.nation")) == NATION
    assert announced(towns.get("/v1/lands/FR")) == OLDEST


@pytest.mark.parametrize(
    "url",
    [
        "/v1/lands",
        "/v1/lands/FR",
        "/v1/lands?fields=id",
        "/v1/towns?fields=id,nation",
        "/v1/towns?fields=id",
        "/v1/towns?fields=id&nation=FR&limit=1",
        f"/v1/towns/{PARIS}?fields=nation",
        "/v1/lands?fields=id,cities.nation",
    ],
)
def test_the_short_cut_says_so(towns: Client, url: str) -> None:
    other = "/v1/lands?fields=name" if "lands" in url else "/v1/towns?fields=name"
    for _ in range(2):  # what one of a kind has, another has not
        assert hold_both_ways(towns.get(url).response)
        assert hold_both_ways(towns.get(other).response)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nation=FR", "country=FR"),
        ("nation__in=FR,CH", "country__in=FR,CH"),
        ("nation__continent__not=EU", "country__continent__not=EU"),
        ("inhabitants__gte=500000", "population__gte=500000"),
        ("ordering=nation__name,-inhabitants", "ordering=country__name,-population"),
    ],
)
def test_the_old_name_asks_what_the_new_one_asks(towns: Client, old: str, new: str) -> None:
    first, second = (at_every_level(None, towns, f"/v1/towns?{query}&limit=3") for query in (old, new))
    assert first.json["results"] == second.json["results"] != []
    [following, other] = ([each.json["next"]] if each.json["next"] else [] for each in (first, second))
    assert [towns.get(url).json["results"] for url in following] == [towns.get(url).json["results"] for url in other]


def test_the_old_name_is_expanded_as_the_new_one_is(towns: Client) -> None:
    [old], [new] = (
        at_every_level(None, towns, f"/v1/towns?expand={name}&name=Bern").json["results"]
        for name in ("nation", "country")
    )
    assert old["nation"] == new["country"] == {"id": "CH", "name": "Switzerland", "capital": "Bern"}
    assert (old["country"], new["nation"]) == ("CH", "CH")


def test_one_relation_is_expanded_under_one_name_at_a_time(towns: Client) -> None:
    answer = towns.get("/v1/towns?expand=nation,country")
    assert answer.status == 400
    assert answer.json["errors"][0]["detail"] == "nation and country are one relation: expand one of them."


def test_old_names_are_known_across_relations(towns: Client) -> None:
    old = at_every_level(None, towns, "/v1/halts?city__nation__continent=EU&ordering=-city__inhabitants")
    new = towns.get("/v1/halts?city__country__continent=EU&ordering=-city__population")
    assert old.json["results"] == new.json["results"] != []
    assert (announced(old), announced(new)) == (BOTH, {})


@pytest.mark.parametrize(
    "names",
    [("country", "population"), ("nation", "inhabitants"), ("country", "inhabitants"), ("nation", "population")],
)
def test_a_new_row_may_be_told_by_either_name(clerk: Client, names: tuple[str, str]) -> None:
    values = {"country": "FR", "population": 7, "nation": "FR", "inhabitants": "7"}
    answer = clerk.post("/v1/towns", TOWN | {name: values[name] for name in names})
    assert answer.status == 201, answer.text
    assert {name: answer.json[name] for name in values} == values
    assert announced(answer) == BOTH


def test_both_names_may_say_the_same(clerk: Client) -> None:
    both = {"country": "FR", "nation": "FR", "population": 7, "inhabitants": "7"}
    old, mixed = {"id": 2, "nation": "CH", "population": 8}, {"id": 3, "country": "CH", "inhabitants": "9"}
    answer = clerk.post("/v1/towns", [TOWN | both, TOWN | old, TOWN | mixed])
    assert answer.status == 201, answer.text
    assert [(row["country"], row["population"]) for row in answer.json] == [("FR", 7), ("CH", 8), ("CH", 9)]
    read = clerk.get("/v1/towns/1").json
    assert clerk.put("/v1/towns/1", read).status == 200


def test_what_was_read_may_be_sent_back_though_the_old_name_says_less(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class RoundedSerializer(TownSerializer):
        nation = None  # type: ignore[assignment]  # as DRF has it: this field is gone
        inhabitants = serializers.IntegerField(source="latitude")

        class Meta(TownSerializer.Meta):
            fields = tuple(name for name in TownSerializer.Meta.fields if name != "nation")

    monkeypatch.setattr(TownViewSet, "serializer_class", RoundedSerializer)
    monkeypatch.setattr(TownViewSet, "deprecated", {"inhabitants": "2027-06-30"})
    declare(monkeypatch)
    row = clerk.get(f"/v1/towns/{PARIS}").json
    assert (row["latitude"], row["inhabitants"]) == (48.85341, 48)
    assert clerk.put(f"/v1/towns/{PARIS}", row).json == row
    assert clerk.put(f"/v1/towns/{PARIS}", row | {"inhabitants": 49}).status == 400
    assert clerk.patch(f"/v1/towns/{PARIS}", {"inhabitants": 49}).json["latitude"] == 49
    assert clerk.patch(f"/v1/towns/{PARIS}", {"latitude": 50.5, "inhabitants": 50}).json["latitude"] == 50.5


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"country": "FR", "nation": "CH"}, "/nation"),
        ({"country": "CH", "nation": "FR"}, "/nation"),
        ({"population": 7, "inhabitants": "8"}, "/inhabitants"),
    ],
)
def test_both_names_may_not_say_different_things(clerk: Client, change: dict[str, Any], pointer: str) -> None:
    row = TOWN | {"country": "FR", "population": 7} | change
    for answer in (
        clerk.post("/v1/towns", row),
        clerk.put(f"/v1/towns/{PARIS}", row | {"id": PARIS}),
        clerk.patch(f"/v1/towns/{PARIS}", change),
    ):
        assert answer.status == 400, answer.text
        assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, "contradiction")]


def test_one_of_both_is_required(clerk: Client) -> None:
    answer = clerk.post("/v1/towns", TOWN | {"inhabitants": "7"})
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [("/country", "required")]
    answer = clerk.post("/v1/towns", TOWN | {"nation": "FR", "inhabitants": "seven"})
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [("/inhabitants", "invalid")]
    answer = clerk.post("/v1/towns", TOWN | {"nation": "QQ", "country": "QQ", "population": 1})
    assert {each["pointer"] for each in answer.json["errors"]} == {"/country", "/nation"}


def test_a_row_is_changed_by_either_name(clerk: Client) -> None:
    for change, expected in (
        ({"nation": "CH"}, ("CH", 2138551)),
        ({"inhabitants": "5"}, ("CH", 5)),
        ({"country": "FR", "population": 6}, ("FR", 6)),
    ):
        answer = clerk.patch(f"/v1/towns/{PARIS}", change)
        assert answer.status == 200, answer.text
        assert (answer.json["nation"], answer.json["population"]) == expected
        assert announced(answer) == BOTH
    answer = clerk.put(f"/v1/towns/{PARIS}", TOWN | {"id": PARIS, "nation": "CH", "inhabitants": "9"})
    assert (answer.json["country"], answer.json["population"]) == ("CH", 9)


def test_columns_of_an_export_have_both_names(towns: Client) -> None:
    rows = csv.DictReader(towns.get("/v1/towns?fields=country,nation", accept="text/csv").text.splitlines())
    assert all(row["country"] == row["nation"] for row in rows)


def refused(**declared: Any) -> str:
    viewset = type("TownViewSet", (TownViewSet,), declared)
    with pytest.raises(ImproperlyConfigured) as refusal:
        grammar_of(viewset.resource_type())
    return str(refusal.value)


@pytest.mark.django_db
def test_what_is_not_there_cannot_be_deprecated() -> None:
    assert "TownViewSet.deprecated: there is no 'nations'." in refused(deprecated={"nations": "2027-06-30"})


@pytest.mark.parametrize("days", ["soon", "", "30.6.2027", ("2027-06-30",), ("2027-06-30", "2026-12-01"), None, 2027])
@pytest.mark.django_db
def test_a_last_day_is_a_day(days: Any) -> None:
    assert "'nation' needs the last day on which it is there" in refused(deprecated={"nation": days})

"""The contract says what is going to go, and the comparison lets it go when its last day is past."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from openapi_spec_validator import OpenAPIV31SpecValidator

import api.urls  # noqa: F401 - the API's own viewsets are the first to be registered
from api.core.resource.registry import REGISTRY
from api.core.views.router import Router
from openapi.core.diff import compare
from openapi.core.generation import document
from tests.declarations import redeclare
from tests.features.test_deprecated import VIEWSETS, HaltViewSet, LandViewSet, TownSerializer, TownViewSet

Json = dict[str, Any]
pytestmark = pytest.mark.django_db
AFTER = date(2027, 7, 1)


class OnlyNewSerializer(TownSerializer):
    nation = inhabitants = None  # type: ignore[assignment]  # as DRF has it: these fields are gone

    class Meta(TownSerializer.Meta):
        fields = tuple(name for name in TownSerializer.Meta.fields if name not in ("nation", "inhabitants"))


OnlyNewSerializer.__name__ = TownSerializer.__name__


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(REGISTRY, "every", dict(REGISTRY.every))
    for each in VIEWSETS.values():
        redeclare(monkeypatch, each)
    return


def contract(monkeypatch: pytest.MonkeyPatch, **declared: Any) -> Json:
    """Make the contract of these resources, of which `TownViewSet` declares something else."""
    with monkeypatch.context() as patched:
        for each in (TownViewSet, LandViewSet, HaltViewSet):
            redeclare(patched, each, **(declared if each is TownViewSet else {}))
        router = Router()
        for name, viewset in VIEWSETS.items():
            router.register(name, viewset, basename=name)
        reset_generator_stats()
        urls: Any = SimpleNamespace(urlpatterns=[path("v1/", include(router.urls))])
        made = document.generate(urls)
        assert not GENERATOR_STATS
        OpenAPIV31SpecValidator(made).validate()
        return made


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Json:
    """The contract while the old names live beside the new ones."""
    return contract(monkeypatch)


@pytest.fixture
def new(monkeypatch: pytest.MonkeyPatch) -> Json:
    """The contract of the new names alone."""
    return contract(monkeypatch, serializer_class=OnlyNewSerializer, deprecated={})


def marks(part: Json) -> Json:
    return {name: part[name] for name in ("deprecated", "x-sunset", "x-replaced-by") if name in part}


NATION = {"deprecated": True, "x-sunset": "2027-06-30", "x-replaced-by": "country"}
CONTINENT = NATION | {"x-replaced-by": "country__continent"}


def test_members_are_marked_wherever_they_are(both: Json) -> None:
    schemas = both["components"]["schemas"]
    for name in ("Town", "PartialTown", "TownCreate", "TownReplace", "TownUpdate"):
        assert marks(schemas[name]["properties"]["nation"]) == NATION, name
        assert marks(schemas[name]["properties"]["country"]) == {}
    assert marks(schemas["Land"]["properties"]["capital"]) == {"deprecated": True}
    assert "Another name of `country`, which takes its place." in schemas["Town"]["properties"]["nation"]["description"]


def test_a_body_needs_neither_name(both: Json, new: Json) -> None:
    names = {"country", "nation", "population", "inhabitants"}
    assert not names & set(both["components"]["schemas"]["TownCreate"]["required"])
    assert names & set(new["components"]["schemas"]["TownCreate"]["required"]) == {"country", "population"}
    assert names <= set(both["components"]["schemas"]["Town"]["required"])


def test_parameters_are_marked(both: Json) -> None:
    parameters = {each["name"]: each for each in both["paths"]["/v1/towns"]["get"]["parameters"] if "name" in each}
    assert marks(parameters["nation"]) == NATION
    assert marks(parameters["nation__continent__not"]) == CONTINENT | {"x-replaced-by": "country__continent__not"}
    assert marks(parameters["country"]) == {}
    assert marks(both["components"]["schemas"]["TownFilter"]["properties"]["nation__continent"]) == CONTINENT
    halts = {each["name"]: each for each in both["paths"]["/v1/halts"]["get"]["parameters"] if "name" in each}
    assert marks(halts["city__nation__continent"]) == NATION | {"x-replaced-by": "city__country__continent"}


def test_names_in_lists_are_marked(both: Json) -> None:
    ordering = next(each for each in both["paths"]["/v1/towns"]["get"]["parameters"] if each.get("name") == "ordering")
    assert ordering["schema"]["items"]["x-sunsets"] == {
        "nation__name": "2027-06-30",
        "-nation__name": "2027-06-30",
        "inhabitants": "2027-01-31",
        "-inhabitants": "2027-01-31",
    }
    parameters = both["components"]["parameters"]
    assert parameters["TownExpand"]["schema"]["items"]["x-sunsets"]["nation"] == "2027-06-30"
    below = parameters["LandFields"]["schema"]["items"]["x-sunsets"]
    assert (below["cities.nation"], below["cities.inhabitants"]) == ("2027-06-30", "2027-01-31")


def test_answers_have_the_headers(both: Json) -> None:
    for path_, method in (("/v1/towns", "get"), ("/v1/towns/{id}", "get"), ("/v1/towns/{id}", "patch")):
        assert {"Deprecation", "Sunset"} <= both["paths"][path_][method]["responses"]["200"]["headers"].keys()


def test_the_old_names_may_come_and_go(both: Json, new: Json) -> None:
    assert [each for each in compare(new, both) if each.breaking] == []
    assert [each for each in compare(both, new, day=AFTER) if each.breaking] == []


def test_the_old_names_may_not_go_before(both: Json, new: Json) -> None:
    early = compare(both, new, day=date(2027, 6, 30))
    assert {each.rule for each in early if each.breaking} == {
        "parameter-removed",
        "request-enum-narrowed",
        "request-property-became-required",
        "request-property-removed",
        "response-property-removed",
    }
    assert all("2027-06-30, which is not yet past" in each.sentence for each in early if each.breaking)


def test_a_parameter_goes_with_the_last_of_its_names(monkeypatch: pytest.MonkeyPatch, both: Json) -> None:
    last = contract(monkeypatch, deprecated={**TownViewSet.deprecated, "country": "2027-06-30"})
    gone = contract(monkeypatch, serializer_class=OnlyNewSerializer, deprecated={}, expand=())
    assert any(each.rule == "parameter-removed" for each in compare(both, gone, day=AFTER) if each.breaking)
    removed = [each for each in compare(last, gone, day=AFTER) if "expand" in each.sentence]
    assert removed
    assert not any(each.breaking for each in removed)

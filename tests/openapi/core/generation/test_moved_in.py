"""An ordinary DRF viewset that moved in has a contract, too, with its own actions, parameters and key."""

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from openapi_spec_validator import OpenAPIV31SpecValidator

import api.urls  # noqa: F401 - the API's own viewsets are the first to be registered
from openapi.core.generation import document
from tests.features import test_moved_in as moved


@pytest.fixture(scope="module")
def contract() -> Any:
    reset_generator_stats()
    return document.generate(moved.__name__)


def test_it_is_valid_and_made_without_a_warning(contract: Any) -> None:
    OpenAPIV31SpecValidator(contract).validate()
    assert not GENERATOR_STATS


def test_its_own_actions_are_there(contract: Any) -> None:
    biggest = contract["paths"]["/v1/countries/{id}/biggest"]["get"]
    assert (biggest["operationId"], biggest["tags"]) == ("getCountryBiggest", ["Countries"])
    assert {"400", "401", "404", "500"} <= biggest["responses"].keys()
    counted = contract["paths"]["/v1/countries/count-them"]["post"]
    assert (counted["operationId"], counted["summary"]) == ("countThemCountries", "Count them (countries)")


def test_its_own_parameters_filters_and_key_are_there(contract: Any) -> None:
    listed = [each.get("name") for each in contract["paths"]["/v1/countries"]["get"]["parameters"]]
    assert "minimum" in listed
    airports = {each.get("name"): each for each in contract["paths"]["/v1/airports"]["get"]["parameters"]}
    assert airports["high"]["schema"] == {"type": "boolean"}
    assert "above__not" in airports
    [key, *_] = contract["paths"]["/v1/airports/{code}"]["get"]["parameters"]
    assert (key["name"], key["schema"]["maxLength"]) == ("code", 3)


def test_computed_members_say_what_is_known_of_them(contract: Any) -> None:
    members = contract["components"]["schemas"]["Country"]["properties"]
    assert members["label"]["type"] == "string", "a method says so"
    assert members["money"]["type"] == ["string", "null"], "its default is null"
    assert members["cities_count"] == {}, "nothing tells what an annotation is"

"""Actions of one's own are in the contract: who may, which parameters and bodies they take, how they answer."""

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from openapi_spec_validator import OpenAPIV31SpecValidator

import api.urls  # noqa: F401 - the API's own viewsets are the first to be registered
from openapi.core.generation import contract_files, document
from tests.contract import Contract
from tests.contract.watch import exchange
from tests.features import test_own_actions as own
from tests.features.test_own_actions import client  # noqa: F401 - the fixture that serves them
from tests.world import World, key

TRIP = f"/v1/trips/{key(10)}"


@pytest.fixture(scope="module")
def contract() -> Any:
    reset_generator_stats()
    return document.generate(own.__name__)


def operation(contract: Any, method: str, path: str) -> Any:
    return contract["paths"][path][method]


def test_it_is_valid_and_made_without_a_warning(contract: Any) -> None:
    OpenAPIV31SpecValidator(contract).validate()
    assert not GENERATOR_STATS


@pytest.mark.parametrize(
    ("method", "path", "name", "who"),
    [
        ("get", "/v1/trips/{id}/days", "getTripDays", "its members or its owner"),
        ("post", "/v1/trips/{id}/rename", "renameTrip", "its members with the role editor or its owner"),
        ("delete", "/v1/trips/{id}/rename", "unnameTrip", "its members with the role editor or its owner"),
        ("post", "/v1/trips/{id}/shut", "shutTrip", "its owner"),
        ("post", "/v1/trips/{id}/first", "firstTrip", "its members or its owner"),
        ("post", "/v1/trips/several", "severalTrips", "anyone with a key"),
        ("post", "/v1/stops/{id}/skip", "skipStop", "the owner of its trip"),
    ],
)
def test_names_and_who_may(contract: Any, method: str, path: str, name: str, who: str) -> None:
    found = operation(contract, method, path)
    assert (found["operationId"], found["x-who-may"]) == (name, who)
    assert {} not in found["security"]
    assert f"Who may: {who}." in found["description"]


def test_every_operation_has_a_line(contract: Any) -> None:
    lines = contract_files.as_routes(contract).splitlines()
    assert any(line.split()[:3] == ["POST", "/v1/trips/{id}/shut", "shutTrip"] for line in lines)


def test_parameters_are_those_declared(contract: Any) -> None:
    assert [each["name"] for each in operation(contract, "get", "/v1/trips/names")["parameters"]] == ["most"]
    key, *common = operation(contract, "post", "/v1/trips/{id}/shut")["parameters"]
    assert key["name"] == "id"
    assert [each["$ref"].rpartition("/")[2] for each in common] == ["IfMatch", "IdempotencyKey"]


def test_bodies_have_no_other_members(contract: Any) -> None:
    content = operation(contract, "post", "/v1/trips/{id}/rename")["requestBody"]["content"]["application/json"]
    schema = contract["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert (schema["required"], schema["additionalProperties"]) == (["name"], False)
    assert schema["properties"]["name"]["maxLength"] == 20


def test_every_refusal_is_told(contract: Any) -> None:
    assert {"400", "401", "403", "404", "409", "413", "415", "429", "503"} <= operation(
        contract, "post", "/v1/trips/{id}/rename"
    )["responses"].keys()
    assert not {"409", "413", "415"} & operation(contract, "get", "/v1/trips/{id}/days")["responses"].keys()


@pytest.mark.parametrize(
    ("person", "method", "url", "body"),
    [
        ("viewer", "GET", f"{TRIP}/days", None),
        ("owner", "DELETE", f"{TRIP}/rename", None),
        ("owner", "POST", f"{TRIP}/rename", {"name": "x"}),
        ("viewer", "POST", f"{TRIP}/rename", {"name": "x"}),
        ("owner", "POST", f"{TRIP}/rename", {"name": 5}),
        ("stranger", "POST", f"{TRIP}/shut", None),
        (None, "GET", "/v1/trips/names", None),
        ("owner", "GET", "/v1/trips/names?mots=1", None),
    ],
)
def test_answers_keep_to_it(
    contract: Any,
    client: Any,  # noqa: F811 - the fixture
    world: World,
    person: str | None,
    method: str,
    url: str,
    body: Any,
) -> None:
    answer = own.send(client, getattr(world, person) if person else None, method, url, body)
    Contract(contract).check(exchange(answer.request, answer))

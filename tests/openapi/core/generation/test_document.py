"""The contract as a whole: valid, the same each time, complete, and of what is committed."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.urls import router
from openapi.core.generation import contract_files, document

METHODS = contract_files.METHODS


@pytest.fixture(scope="module")
def contract() -> Any:
    return document.generate()


def operations(contract: Any) -> list[Any]:
    return [item[method] for item in contract["paths"].values() for method in METHODS if method in item]


def test_it_is_valid(contract: Any) -> None:
    OpenAPIV31SpecValidator(contract).validate()


def test_it_is_the_same_each_time(contract: Any) -> None:
    assert contract_files.as_yaml(document.generate()) == contract_files.as_yaml(contract)


def test_it_is_what_is_committed(contract: Any) -> None:
    assert contract_files.difference(contract_files.SCHEMA, contract_files.as_yaml(contract)) == ""
    assert contract_files.difference(contract_files.ROUTES, contract_files.as_routes(contract)) == ""


WITHHELD = {"members": {"post"}, "invitations": {"put", "patch"}}
"""What a viewset leaves out of its `http_method_names`."""


def test_every_resource_has_its_six_operations(contract: Any) -> None:
    for name in router.names():
        withheld = WITHHELD.get(name, set())
        assert contract["paths"][f"/v1/{name}"].keys() == {"get", "post"} - withheld
        assert contract["paths"][f"/v1/{name}/{{id}}"].keys() == {"get", "put", "patch", "delete"} - withheld


def test_operation_ids_are_words_of_the_resource(contract: Any) -> None:
    found = {operation["operationId"] for operation in operations(contract)}
    assert len(found) == len(operations(contract))
    assert {"listCities", "createCity", "getCity", "replaceCity", "updateCity", "deleteCity"} <= found


def test_tags_stand_in_the_order_of_registration_and_say_what_the_viewset_says(contract: Any) -> None:
    tags = contract["tags"]
    assert [tag["name"].lower() for tag in tags] == [*router.names(), "changes", "logging in", "account", "service"]
    assert tags[0]["description"] == "Countries and territories, by their ISO 3166-1 code."
    assert {tag for operation in operations(contract) for tag in operation["tags"]} == {tag["name"] for tag in tags}


def test_every_operation_says_what_it_does_and_whether_it_needs_a_key(contract: Any) -> None:
    for operation in operations(contract):
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"]


def test_who_may_read_without_a_key(contract: Any) -> None:
    ways = [{"key": []}, {"accessToken": []}, {"sessionToken": []}]
    assert contract["paths"]["/v1/cities"]["get"]["security"] == [{}, *ways, {"sessionCookie": []}]
    assert contract["paths"]["/v1/cities"]["post"]["security"] == [*ways, {"sessionCookie": [], "csrfToken": []}]
    assert contract["paths"]["/v1/trips"]["get"]["security"] == [*ways, {"sessionCookie": []}]


def test_no_component_is_left_over(contract: Any) -> None:
    used = document.referenced(contract["paths"], contract["components"])
    for kind, part in contract["components"].items():
        if kind != "securitySchemes":
            assert {f"{kind}/{name}" for name in part} <= used


def test_nothing_of_openapi_3_0_is_in_it(contract: Any) -> None:
    text = contract_files.as_yaml(contract)
    assert "nullable:" not in text
    assert "exclusiveMinimum: true" not in text


def test_every_error_is_a_problem_of_its_status(contract: Any) -> None:
    for operation in operations(contract):
        for status, response in operation["responses"].items():
            if status >= "400":
                component = contract["components"]["responses"][response["$ref"].rpartition("/")[2]]
                [(media_type, content)] = component["content"].items()
                assert media_type == "application/problem+json"
                assert {str(example["value"]["status"]) for example in content["examples"].values()} == {status}
                assert list(content["examples"]) == component["x-problem-types"]

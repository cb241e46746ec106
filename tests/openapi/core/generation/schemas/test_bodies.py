"""What a client may send: the members that are read, as strictly as they are read."""

from typing import Any

import pytest

from openapi.core.generation import document


@pytest.fixture(scope="module")
def schemas() -> Any:
    return document.generate()["components"]["schemas"]


def writable(schema: Any) -> set[str]:
    return {name for name, member in schema["properties"].items() if not member.get("readOnly")}


@pytest.mark.parametrize("verb", ["Create", "Replace", "Update"])
def test_no_other_members_are_read(schemas: Any, verb: str) -> None:
    assert schemas[f"City{verb}"]["additionalProperties"] is False


def test_a_natural_key_is_given_with_a_new_row_and_never_changed(schemas: Any) -> None:
    assert "id" in schemas["CountryCreate"]["required"]
    assert schemas["CountryReplace"]["properties"]["id"]["readOnly"] is True


def test_a_made_key_may_be_brought(schemas: Any) -> None:
    made = schemas["TripCreate"]
    assert "id" not in made["required"]
    assert "-7[0-9a-fA-F]{3}-" in made["properties"]["id"]["pattern"]


def test_what_is_only_read_may_be_sent_back_but_not_made_up(schemas: Any) -> None:
    assert not {"owner", "created_at", "revision"} & schemas["TripCreate"]["properties"].keys()
    assert {"owner", "created_at", "revision"} & writable(schemas["TripReplace"]) == set()
    assert schemas["Trip"]["properties"].keys() - {"stops", "members"} == schemas["TripReplace"]["properties"].keys()


def test_only_a_patch_requires_nothing_and_has_no_defaults(schemas: Any) -> None:
    assert schemas["CityReplace"]["required"] == ["name", "country", "population", "latitude", "longitude", "timezone"]
    assert schemas["CityReplace"]["properties"]["is_capital"]["default"] is False
    assert "required" not in schemas["CityUpdate"]
    assert not any("default" in member for member in schemas["CityUpdate"]["properties"].values())


def test_members_are_bounded_as_their_columns(schemas: Any) -> None:
    members = schemas["CityCreate"]["properties"]
    assert members["name"]["maxLength"] == 200
    assert (members["latitude"]["minimum"], members["latitude"]["maximum"]) == (-90, 90)
    assert members["subdivision"]["type"] == ["string", "null"]

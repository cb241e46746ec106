"""Examples are real: the API answers them, and takes them."""

from typing import Any

import jsonschema_rs
import pytest

from api.urls import router
from openapi.core.generation import contract_files, document, examples
from tests.world import World

VIEWSETS = {prefix: viewset for prefix, viewset, _ in router.registry}
STAMPS = ("created_at", "updated_at", "revision")


@pytest.mark.parametrize("name", VIEWSETS)
def test_every_resource_has_one_and_answers_it(api: Any, world: World, name: str) -> None:
    shown = examples.row(VIEWSETS[name]())
    assert shown is not None
    answer = api.acting_for(world.owner).get(f"/v1/{name}/{shown['id']}")
    assert {**answer.json, **{stamp: shown[stamp] for stamp in STAMPS}} == shown


def test_every_example_fits_its_schema() -> None:
    contract = document.generate()
    count = 0
    for content in contents(contract["paths"]):
        if "example" in content:
            schema = {"allOf": [content["schema"]], "components": contract["components"]}
            jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(content["example"])
            count += 1
    assert count > len(VIEWSETS) * 8


def contents(value: Any) -> Any:
    if isinstance(value, dict):
        if "schema" in value:
            yield value
        for inner in value.values():
            yield from contents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from contents(inner)


def test_a_body_without_what_is_only_read_is_taken(api: Any, world: World) -> None:
    contract = document.generate()
    body = contract["paths"]["/v1/trips"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert api.acting_for(world.owner).post("/v1/trips", body).status == 201
    patch = contract["paths"]["/v1/trips/{id}"]["patch"]["requestBody"]["content"]["application/json"]["example"]
    assert api.acting_for(world.owner).patch(f"/v1/trips/{world.trip.id}", patch).status == 200


def test_a_resource_without_the_file_has_none(tmp_path: Any) -> None:
    assert examples.row(VIEWSETS["cities"](), tmp_path) is None
    (tmp_path / "cities.json").write_text('{"id": 1}')
    assert examples.row(VIEWSETS["cities"](), tmp_path) is None, "it has not all of the members"


def test_files_are_laid_out_alike() -> None:
    assert sorted(file.stem for file in (contract_files.FOLDER / "examples").iterdir()) == sorted(VIEWSETS)

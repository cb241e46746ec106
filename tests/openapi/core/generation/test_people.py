"""What the contract says of /auth is what is served there, and what django-allauth documents of itself."""

from pathlib import Path
from typing import Any

import allauth.headless.spec
import pytest
import yaml
from django.urls import resolve

from api.core.people.input_checks import members, methods
from openapi.core.generation import people

DOCUMENTED = Path(allauth.headless.spec.__file__).parent / "doc" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
OURS = people.operations()
OPERATIONS = [
    (path, method, operation)
    for path, item in OURS["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]
IDS = [operation["operationId"] for _, _, operation in OPERATIONS]


def view_of(path: str, client: str = "app") -> Any:
    return resolve(path.replace("{client}", client)).func.view_class


def body_of(operation: Any) -> dict[str, Any]:
    if "requestBody" not in operation:
        return {}
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return dict(OURS["schemas"][reference.rpartition("/")[2]])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=IDS)
def test_an_operation_is_served_and_its_body_is_the_one_that_is_read(path: str, method: str, operation: Any) -> None:
    view = view_of(path)
    assert method.upper() in methods(view)
    assert set(body_of(operation).get("properties", {})) == set(members(view, method.upper()))


@pytest.mark.parametrize("client", ["app", "browser"])
def test_both_flavours_serve_all(client: str) -> None:
    for path in OURS["paths"]:
        if "{client}" in path:
            assert view_of(path, client)


def test_what_allauth_documents_and_is_served_is_in_the_contract() -> None:
    document = yaml.safe_load(DOCUMENTED.read_text())
    missing = []
    for documented, item in document["paths"].items():
        path = documented.replace("/_allauth/", "/auth/")
        if hasattr(resolve(path.replace("{client}", "app")).func, "view_class"):  # and is not the view of a 404
            known = OURS["paths"].get(path, {})
            missing += [f"{method} {path}" for method in METHODS if method in item and method not in known]
    assert missing == []


def test_what_is_served_is_in_the_contract() -> None:
    for path, item in OURS["paths"].items():
        offered = {method.lower() for method in methods(view_of(path))} - {"head"}
        assert offered == set(item) & set(METHODS)

"""The whole document: what drf-spectacular gathered, completed with what no single operation knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from api.core.resource.registry import REGISTRY
from api.core.views.resource_view import ResourceView
from openapi.core.generation import changes, headers, names, people, problems, reserved, security
from openapi.core.generation.common_parameters import COMMON
from openapi.core.generation.schemas.registry import described_by, remember, two_of
from openapi.core.yaml_text import parse_yaml

HERE = Path(__file__).parent
INTRODUCTION = HERE / "introduction.md"

Json = dict[str, Any]


def generate(urlconf: str | None = None) -> Json:
    """Make the contract of a URL configuration; by default the one that is served."""
    generator = SchemaGenerator(urlconf=urlconf)  # type: ignore[no-untyped-call]
    generator._initialise_endpoints()  # type: ignore[no-untyped-call]
    endpoints: Any = generator.endpoints  # as `named` gives them
    views = {callback.cls for _, _, _, callback in endpoints}
    served = {view.resource_type() for view in views if issubclass(view, ResourceView)}
    remember(generator.registry, (resource for resource in REGISTRY.every if resource in served))
    document: Json = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return document


def named(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Name every path as the contract does: `{id}` for the key, no closing slash, with which the answer is the same."""
    return [
        (path.rstrip("/").replace("{pk}", "{id}") or "/", regex, method, callback)
        for path, regex, method, callback in endpoints
    ]


def complete(result: Json, generator: Any, **options: Any) -> Json:
    """Add what stands once for all operations: the service's own routes, errors, headers, tags and the introduction."""
    service = parse_yaml(reserved.SERVICE.read_text(encoding="utf-8"))
    auth = people.operations()
    components = result["components"]
    refuse_own_names(generator.registry)
    refuse_same_ids(result["paths"])
    schemas = {**service["components"]["schemas"], **auth["schemas"], **problems.SCHEMAS}
    parts = {
        "headers": headers.components(),
        "parameters": {
            "IfNoneMatch": COMMON["IfNoneMatch"],
            **auth["parameters"],
            **components.get("parameters", {}),
        },
        "responses": problems.components(),
        "schemas": {**components.get("schemas", {}), **schemas},
        "securitySchemes": {**components.get("securitySchemes", {}), **security.SCHEMES},
    }
    paths = {**service["paths"], **auth["paths"], **result["paths"]}
    events = changes.events(paths, parts["schemas"])
    if events:
        paths["/v1/changes"] = {"get": changes.operation(events)}
    used = referenced(paths, parts)
    for item in paths.values():
        item.update({method: _in_order(operation) for method, operation in item.items()})
    return {
        "openapi": result["openapi"],
        "info": {**result["info"], "description": _introduction(), "license": LICENSE},
        "servers": [{"url": "/", "description": "The server that answers this."}],
        "tags": [*_tags(generator), changes.TAG, *auth["tags"], *service["tags"]],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {kind: _components(kind, part, used) for kind, part in parts.items()},
    }


def refuse_own_names(registry: ComponentRegistry) -> None:
    """Refuse a schema by the name of one of Headwater's own, which would stand in its place.

    Raises:
        ImproperlyConfigured: there is one.
    """
    for (name, kind), component in registry._components.items():
        if kind == ResolvedComponent.SCHEMA and name in reserved.own_names():
            raise two_of(name, described_by(component), reserved.own_names()[name])


def refuse_same_ids(paths: Json) -> None:
    """Refuse two operations of one id, after which generated clients name their functions.

    Raises:
        ImproperlyConfigured: there are two.
    """
    found: dict[str, str] = {}
    for path, item in paths.items():
        for method, operation in item.items():
            here, id_ = f"{method.upper()} {path}", operation["operationId"]
            if id_ in found:
                raise ImproperlyConfigured(
                    f"The contract would call two operations {id_}: {found[id_]} and {here}. Name one of the actions "
                    'otherwise, or write above it  @extend_schema(operation_id="...")'
                )
            found[id_] = here


def referenced(paths: Json, parts: Json) -> set[str]:
    """Return what the paths refer to, however far: `schemas/City`."""
    names: set[str] = set()
    waiting: list[Any] = [paths]
    while waiting:
        for name in set(_references(waiting.pop())) - names:
            names.add(name)
            kind, component = name.split("/")
            waiting.append(parts[kind][component])
    return names


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix("#/components/")
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _references(inner)


def _components(kind: str, part: Json, used: set[str]) -> Json:
    """Return the components that something refers to, by name; security schemes are named without a reference."""
    return {name: part[name] for name in sorted(part) if kind == "securitySchemes" or f"{kind}/{name}" in used}


ORDER = ("operationId", "summary", "description", "tags", "x-who-may", "security", "parameters", "requestBody")


def _in_order(operation: Json) -> Json:
    """Write what an operation is before what goes in, and what goes in before what comes out."""
    first = {name: operation[name] for name in ORDER if name in operation}
    return first | operation


LICENSE = {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"}


def _introduction() -> str:
    return INTRODUCTION.read_text(encoding="utf-8").replace("NAME", settings.NAME).strip()


def _tags(generator: Any) -> list[Json]:
    """List the resources in the order in which they were registered, each with what its viewset says of it."""
    descriptions: dict[str, str] = {}
    for _, _, _, callback in generator.inspector._get_api_endpoints(None, ""):
        if issubclass(callback.cls, ResourceView):
            descriptions.setdefault(
                names.tag(callback.cls), (callback.cls.__doc__ or f"{names.tag(callback.cls)}.").strip()
            )
    return [{"name": name, "description": about} for name, about in descriptions.items()]

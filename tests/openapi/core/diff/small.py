"""Small contracts to be compared: one operation, its parameter, its body and its answer."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

BASE: Json = {
    "openapi": "3.1.1",
    "info": {"title": "Small", "version": "1"},
    "servers": [{"url": "https://example.org"}, {"url": "https://example.net"}],
    "security": [{"key": []}],
    "paths": {
        "/cities/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "cities_read",
                "tags": ["places"],
                "parameters": [{"name": "fields", "in": "query", "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "A city.",
                        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/City"}},
                            "text/csv": {"schema": {"type": "string"}},
                        },
                    },
                    "404": {"description": "None."},
                },
            },
            "put": {
                "operationId": "cities_replace",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/CityRequest"}},
                        "text/csv": {"schema": {"type": "string"}},
                    }
                },
                "responses": {"204": {"description": "Done."}},
            },
        },
        "/towns": {"get": {"operationId": "towns_list", "responses": {"204": {"description": "None."}}}},
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "header", "name": "X-Session-Token"},
        },
        "schemas": {
            "City": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "name": {"type": "string"},
                    "kind": {"$ref": "#/components/schemas/Kind"},
                },
            },
            "CityRequest": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 1}},
            },
            "Kind": {"enum": ["town", "village"]},
        },
    },
}

GONE = object()


def changed(*path: Any, to: Any = GONE, root: Json = BASE) -> Json:
    """Return a copy of a document with one member replaced, added or, without `to`, removed."""
    copy = deepcopy(root)
    part: Any = copy
    for name in path[:-1]:
        part = part[name]
    if to is GONE:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return copy


def answering(schema: Any, **components: Any) -> Json:
    """Return a contract with one answer of a schema."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "", "content": content}}
    return _document({"get": {"responses": responses}}, components)


def accepting(schema: Any, **components: Any) -> Json:
    """Return a contract with one body of a schema."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return _document({"post": {"requestBody": body, "responses": {}}}, components)


def _document(item: Json, components: Json) -> Json:
    return {"openapi": "3.1.1", "paths": {"/x": item}, "components": {"schemas": components}}

"""The operations at /auth, written out from `people.yaml`: parameters, security, envelopes and errors."""

from pathlib import Path
from typing import Any

from openapi.core.generation import security
from openapi.core.generation.headers import named
from openapi.core.generation.problems import responses
from openapi.core.yaml_text import parse_yaml

Json = dict[str, Any]
FILE = Path(__file__).with_name("people.yaml")
SAFE = ("GET",)

CLIENT: Json = {
    "name": "client",
    "in": "path",
    "required": True,
    "description": "`app` for tokens in headers, `browser` for cookies.",
    "schema": {"type": "string", "enum": ["app", "browser"]},
}
USUAL = ("SessionGone", "TooManyRequests", "InternalError", "Unavailable")
OF_READING = ("InvalidRequest", *USUAL)
OF_WRITING = ("InvalidBody", "Forbidden", "ContentTooLarge", "RequestTimeout", "UnsupportedMediaType", *USUAL)
"""The errors that every operation has."""
WHO = {"anyone": "anyone", "pending": "who has begun to log in", "person": "who is logged in"}


def operations() -> Json:
    """Return the tags, the paths, the parameters and the schemas of /auth."""
    read = parse_yaml(FILE.read_text(encoding="utf-8"))
    paths: Json = {}
    for line, operation in read["operations"].items():
        method, path = line.split()
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, operation)
    return {"tags": read["tags"], "paths": paths, "schemas": read["schemas"], "parameters": {"Client": CLIENT}}


def _operation(method: str, path: str, operation: Json) -> Json:
    body = {"requestBody": _body(operation["body"])} if "body" in operation else {}
    parameters = [*_client(path), *_parameters(operation)]
    return {
        "operationId": operation["id"],
        "summary": operation["summary"],
        "description": operation["about"].strip(),
        "tags": [operation["tag"]],
        "x-who-may": WHO[operation["as"]],
        "security": security.of_people(path, method, is_optional=operation["as"] == "anyone"),
        **({"parameters": parameters} if parameters else {}),
        **body,
        "responses": _answers(operation) | responses(*_refusals(method, path, operation)),
    }


def _client(path: str) -> list[Json]:
    return [{"$ref": "#/components/parameters/Client"}] if "{client}" in path else []


def _parameters(operation: Json) -> list[Json]:
    parameters = []
    if "header" in operation:
        text = {"schema": {"type": "string"}, "required": True}
        parameters.append(
            {"name": operation["header"]["name"], "in": "header", "description": operation["header"]["about"], **text}
        )
    if "query" in operation:
        query = operation["query"]
        about = {"name": query["name"], "in": "query", "description": query["about"], "allowEmptyValue": True}
        parameters.append({**about, "schema": query["schema"]})
    return parameters


def _body(name: str) -> Json:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


def _answers(operation: Json) -> Json:
    """Return the success."""
    if operation.get("status") == 204:
        return {"204": {"description": "It is done.", "headers": named("NotStored")}}
    content = {"application/json": {"schema": _envelope(operation)}}
    return {"200": {"description": "It is done.", "headers": named("NotStored"), "content": content}}


def _envelope(operation: Json) -> Json:
    status = {"type": "integer", "const": 200, "description": "The status of the answer."}
    data = {"data": {"$ref": f"#/components/schemas/{operation['data']}"}} if "data" in operation else {}
    meta: Json = {"$ref": "#/components/schemas/AuthenticationMeta"}
    if "meta" in operation:
        meta = {"allOf": [meta, {"type": "object", "properties": operation["meta"]}]}
    required = ["status", *data, *(["meta"] if "meta" in operation else [])]
    return {"type": "object", "required": required, "properties": {"status": status, **data, "meta": meta}}


def _refusals(method: str, path: str, operation: Json) -> list[str]:
    """Return the error responses; of two with one status the last counts."""
    usual = OF_READING if method in SAFE else OF_WRITING
    elsewhere = ["NotFound"] if "{client}" in path else []  # another client than the two
    needed = ["Authentication"] if operation["as"] == "person" else []
    return list(dict.fromkeys([*usual, *elsewhere, *needed, *operation.get("refuses", ())]))

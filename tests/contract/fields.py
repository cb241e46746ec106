"""Reads header fields and query parameters, which are text, as the values that their schemas speak of."""

from typing import Any

from tests.contract.document import Document, Json, Part


def _integer(text: str) -> Any:
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdecimal() else text


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _array(text: str) -> Any:
    return [item.strip() for item in text.split(",")]


READERS = {"integer": _integer, "number": _number, "boolean": _boolean, "array": _array}


def read(document: Document, schema: Part, text: str) -> Any:
    """Read a text as its schema's type; what cannot be read stays text, and the schema refuses it."""
    types = document.follow(schema).value.get("type", "string")
    for name in types if isinstance(types, list) else [types]:
        if name in READERS:
            return READERS[name](text)
    return text


def is_documented(document: Document, parameters: list[Part], name: str) -> bool:
    """Whether a query parameter is among those documented, or a member of one that is an exploded object."""
    query = [part for part in parameters if part.value.get("in") == "query"]
    return any(part.value["name"] == name or _is_member(document, part, name) for part in query)


def _is_member(document: Document, parameter: Part, name: str) -> bool:
    schema = document.child(parameter, "schema")
    if schema is None or not _is_exploded_object(parameter.value, schema.value):
        return False
    return name in schema.value.get("properties", {}) or schema.value.get("additionalProperties", True) is not False


def _is_exploded_object(parameter: Json, schema: Json) -> bool:
    form = parameter.get("style", "form") == "form" and parameter.get("explode", True)
    return bool(form) and schema.get("type") == "object"

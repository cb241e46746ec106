"""Holds a body of any media type against the schema documented for it."""

from collections.abc import Callable, Iterator

from openapi.core.diff import DocumentError, loads
from tests.contract.document import Part
from tests.contract.exchange import strict_json
from tests.contract.schemas import Schemas

Check = Callable[[Schemas, Part | None, bytes], Iterator[str]]


def _json(schemas: Schemas, schema: Part | None, body: bytes) -> Iterator[str]:
    try:
        value = strict_json(body)
    except ValueError as error:
        yield f"is not JSON: {error}"
        return
    if schema is not None:
        yield from schemas.errors(schema, value)


def _yaml(schemas: Schemas, schema: Part | None, body: bytes) -> Iterator[str]:
    try:
        value = loads(body)
    except DocumentError as error:
        yield f"is not YAML: {error}"
        return
    if schema is not None:
        yield from schemas.errors(schema, value)


def _lines(schemas: Schemas, schema: Part | None, body: bytes) -> Iterator[str]:
    """Check NDJSON: a schema of an object is that of a line; a schema of a string says nothing of the lines."""
    line_schema = None if schema is None or schema.value.get("type") == "string" else schema
    if body and not body.endswith(b"\n"):
        yield "does not end with a line feed"
    for number, line in enumerate(body.splitlines()):
        yield from (f"line {number + 1} {error}" for error in _json(schemas, line_schema, line))


def _text(schemas: Schemas, schema: Part | None, body: bytes) -> Iterator[str]:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        yield f"is not UTF-8: {error}"
        return
    if schema is not None:
        yield from schemas.errors(schema, text)


def _anything(schemas: Schemas, schema: Part | None, body: bytes) -> Iterator[str]:
    return iter(())


def reader(media_type: str) -> Check:
    """Return the check for a media type."""
    if media_type == "application/json" or media_type.endswith("+json"):
        return _json
    if media_type.startswith("text/"):
        return _text
    return {"application/x-ndjson": _lines, "application/yaml": _yaml}.get(media_type, _anything)

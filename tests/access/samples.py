"""Bodies that make a row of each resource: those written here, the contract's examples, or made up from its schema."""

from collections.abc import Mapping
from typing import Any

from tests.access.operations import Operation, document, operations
from tests.contract.document import Part
from tests.world import key

COUNTRY = {"id": "IT", "alpha_3": "ITA", "name": "Italy", "continent": "EU", "population": 60431283}

CREATED: Mapping[str, dict[str, Any]] = {
    "airports": {"id": "LIRF", "name": "Fiumicino", "country": "CH", "latitude": 41.8, "longitude": 12.2,
                 "timezone": "Europe/Rome"},
    "cities": {"id": 3169070, "name": "Rome", "country": "CH", "population": 2318895, "latitude": 41.9,
               "longitude": 12.5, "timezone": "Europe/Rome"},
    "countries": COUNTRY,
    "currencies": {"id": "XTS", "name": "Test", "symbol": "T", "numeric": "963", "decimals": 2},
    "languages": {"id": "it", "alpha_3": "ita", "name": "Italian"},
    "subdivisions": {"id": "IT-62", "name": "Lazio", "type": "Region", "country": "CH"},
    "trips": {"name": "Lakes", "begins_on": "2027-05-01", "ends_on": "2027-05-09"},
    "stops": {"trip": str(key(10)), "position": 9, "city": 2988507},
    "members": {"role": "viewer"},
    "invitations": {"trip": str(key(10)), "email": "new@example.org"},
    "keys": {"name": "Telephone", "scopes": ["languages:read"]},
}  # fmt: skip
"""What creates a row in the small world, by resource."""

ROWS: Mapping[str, Any] = {
    "airports": "YYWA",
    "cities": 4717560,
    "countries": "XK",
    "currencies": "XAU",
    "languages": "de",
    "subdivisions": "FR-42",
    "trips": key(10),
    "stops": key(20),
    "members": key(31),
    "invitations": key(50),
    "keys": key(40),
}
"""The row of the small world that is asked for by its key, by resource: the owner's, or reference data that may go."""

VALUES: Mapping[str, Any] = {
    "string": "Sample",
    "date": "2027-05-02",
    "date-time": "2027-05-02T09:00:00Z",
    "email": "sample@example.org",
    "integer": 1,
    "int64": 1,
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
}
"""A value of each type, or format, of the contract."""


def created(resource: str) -> dict[str, Any]:
    """Return a body that creates a row."""
    return CREATED.get(resource) or made_up(creation(resource))


def replaced(resource: str) -> dict[str, Any]:
    """Return a body that replaces the row that is asked for."""
    body = created(resource)
    return body | {name: ROWS[resource] for name in ("id",) if name in body}


def changed(resource: str) -> dict[str, Any]:
    """Return a body that changes one member of a row, to what is right in any row."""
    body = created(resource)
    name = next(name for name in ("name", "role", "position", *body) if name in body)
    return {name: body[name]}


def creation(resource: str) -> Operation:
    """Return the operation that creates a row."""
    return next(each for each in operations() if each.method == "POST" and each.path == f"/v1/{resource}")


def made_up(operation: Operation) -> dict[str, Any]:
    """Make a body from a schema: what is required, each member of its type."""
    properties, required = members(operation)
    return {name: value_of(properties[name]) for name in required}


def members(operation: Operation) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the members that a body of one row may have, and those that it must have."""
    schema = operation.body.value if operation.body else {}
    shape = document().follow(Part(schema.get("anyOf", [schema])[0], "")).value
    return shape.get("properties", {}), tuple(shape.get("required", ()))


def value_of(schema: dict[str, Any]) -> Any:
    """Return a value that a schema takes."""
    schema = document().follow(Part(schema, "")).value
    choices = schema.get("enum") or [VALUES[schema.get("format") or schema["type"]]]
    return choices[0]

"""Requests of one stranger's that name what is another's: in addresses, filters, orderings, pages, bodies, headers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.access.operations import Operation, operations
from tests.access.samples import changed, members
from tests.access.strangers import Stranger, own_body, schema_of
from tests.client import NOTHING

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STREAMS = ("application/x-ndjson", "text/csv")
MOST_VALUES = 3
"""Values of the other's that are tried in one filter, unless they are keys."""


@dataclass(frozen=True)
class Ask:
    """A request.

    Attributes:
        place: where in it the other's is named, for whoever reads of a fault.
        query: parameters, as `Client.send` takes them.
        flavour: of /auth; empty elsewhere.
        as_guest: whether it comes from who has shown nothing.
    """

    operation: Operation
    place: str
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = NOTHING
    headers: dict[str, str] = field(default_factory=dict)
    flavour: str = ""
    as_guest: bool = False

    def __str__(self) -> str:
        body = "" if self.body is NOTHING else f" {self.body}"
        return f"{self.operation.id}, {self.place}: {self.method} {self.path} {self.query} {self.headers}{body}"


def everything(mine: Stranger, theirs: Stranger) -> Iterator[Ask]:
    """Yield a request for every place of every operation that can name what is another's."""
    for operation in operations():
        for way in WAYS:
            yield from way(operation, mine, theirs)


def items(operation: Operation, mine: Stranger, theirs: Stranger) -> Iterator[Ask]:
    """Ask for the other's row by its key: by every method, with its ETag, whole and in part."""
    if not operation.resource or "{id}" not in operation.path:
        return
    for row in theirs.rows.get(operation.resource, ()):
        path = operation.path.format(id=row["id"])
        etag = theirs.etags[f"/v1/{operation.resource}/{row['id']}"]
        ask = Ask(operation, "key", operation.method, path, {}, body_for(operation, mine))
        yield ask
        for name in ("If-Match", "If-None-Match"):
            yield Ask(operation, f"key and {name}", ask.method, path, {}, ask.body, {name: etag})
        if operation.method == "GET":
            yield from (Ask(operation, "key", method, path) for method in ("HEAD", "OPTIONS", "POST"))
            yield from (
                Ask(operation, "shape of the row", "GET", path, {name: word}) for name, word in shapes(operation)
            )
    for kind, number in theirs.ids.items() if operation.resource in theirs.rows else ():
        path = operation.path.format(id=number)
        yield Ask(operation, f"key of {kind}", operation.method, path, {}, body_for(operation, mine))


def body_for(operation: Operation, mine: Stranger) -> Any:
    """Return a body that is right but for what it is sent to."""
    if operation.body is None:
        return NOTHING
    if operation.method == "PATCH" and operation.resource:
        return changed(operation.resource)
    return own_body(mine, operation, 3) if operation.resource in mine.rows else operation.example


def shapes(operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield each member to show, and each relation to expand."""
    for part in operation.parameters:
        if part.value["name"] in ("fields", "expand"):
            yield from ((part.value["name"], word) for word in choices(part.value["schema"]))


def choices(schema: dict[str, Any]) -> list[str]:
    """Return the words that a list of words takes, as far as they are listed."""
    items = schema_of(schema.get("items", schema))
    listed = next((each for each in items.get("anyOf", [items]) if "enum" in each), {})
    return list(listed.get("enum", ()))


def filters(operation: Operation, mine: Stranger, theirs: Stranger) -> Iterator[Ask]:
    """Filter by everything that stands in the other's rows, plainly and in a group, along with the negation."""
    if not operation.is_list:
        return
    known = {part.value["name"]: part.value.get("schema", {}) for part in operation.parameters}
    for name in known:
        for kind, value in fitting(known[name], theirs) if f"{name}__not" in known else ():
            one = [value] if schema_of(known[name]).get("type") == "array" else value
            yield Ask(operation, f"{name} {kind}", "GET", operation.path, {name: one, "count": "exact"})
            tree = {"or": [{name: one}, {"not": {f"{name}__not": one}}]}
            yield Ask(operation, f"{name} in a group", "GET", operation.path, {"filter": tree})


def fitting(schema: dict[str, Any], theirs: Stranger) -> list[tuple[str, Any]]:
    """Return values of the other's that a filter or a member takes, each with what it is: the key of something."""
    schema = schema_of(schema)
    schema = schema_of(schema.get("items", schema))
    if schema.get("format") == "uuid":
        return list(theirs.ids.items())
    types = schema.get("type", "")
    fits = FITS.get(schema.get("format") or (types if isinstance(types, str) else types[0]), lambda value: False)
    found = [value for value in (*theirs.values, True, False) if fits(value)]
    return [("", value) for value in found if value in schema.get("enum", [value])][:MOST_VALUES]


FITS: dict[str, Callable[[Any], bool]] = {
    "date-time": lambda value: isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) is not None,
    "date": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None,
    "string": lambda value: isinstance(value, str) and "," not in value and not UUID.fullmatch(value),
    "email": lambda value: isinstance(value, str) and "@" in value,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: not isinstance(value, bool) and re.fullmatch(r"\d+(\.\d+)?", str(value)) is not None,
}
"""Which values a filter takes, by the format or the type of its schema."""


def pages(operation: Operation, mine: Stranger, theirs: Stranger) -> Iterator[Ask]:
    """Read a list in every order and form, from where the other's goes on, and search it for the other's words."""
    if not operation.is_list:
        return
    path, parameters = operation.path, {part.value["name"]: part.value for part in operation.parameters}
    for order in choices(parameters["ordering"]["schema"]):
        yield Ask(operation, "ordering", "GET", path, {"ordering": order, "limit": 1})
    yield from (Ask(operation, name, "GET", path, {name: word}) for name, word in shapes(operation))
    yield from (Ask(operation, "count", "GET", path, {"count": kind}) for kind in ("exact", "estimated"))
    yield from (Ask(operation, "stream", "GET", path, {}, headers={"Accept": kind}) for kind in STREAMS)
    yield from (Ask(operation, "page", method, path, {"page": 1}) for method in ("GET", "HEAD", "OPTIONS"))
    if "search" in parameters:
        for word in (theirs.word, theirs.word[:6], theirs.who.email):
            yield Ask(operation, "search", "GET", path, {"search": word, "count": "exact"})
    for resource, url in theirs.cursors.items():
        cursor = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        yield Ask(operation, f"cursor of {resource}", "GET", path, cursor)
    for address, etag in theirs.etags.items():
        if address == path:
            yield Ask(operation, "ETag of the page", "GET", path, {"limit": 1}, headers={"If-None-Match": etag})


def bodies(operation: Operation, mine: Stranger, theirs: Stranger) -> Iterator[Ask]:
    """Refer in a body to what is the other's, alone and among one's own, and take the other's texts and keys."""
    if operation.resource not in mine.rows or operation.method not in ("POST", "PUT", "PATCH"):
        return
    path = operation.path.format(id=mine.rows[operation.resource][0]["id"])
    for name, said in members(operation)[0].items():
        for kind, value in fitting(said, theirs):
            swapped = own_body(mine, operation, 4) | {name: value}
            yield Ask(operation, f"/{name} {kind}", operation.method, path, {}, swapped)
            if "{" not in operation.path:
                yield Ask(operation, f"/1/{name} {kind}", "POST", path, {}, [own_body(mine, operation, 3), swapped])


def accounts(operation: Operation, mine: Stranger, theirs: Stranger) -> Iterator[Ask]:
    """Name the other's address, session or passkey at /auth."""
    taken = {"email": theirs.who.email, "sessions": [theirs.actor.more["session"]], "id": theirs.actor.more["passkey"],
             "authenticators": [theirs.actor.more["passkey"]], "refresh_token": "theirs"}  # fmt: skip
    given = members(operation)[0]
    if not taken.keys() & given.keys() or not operation.path.startswith("/auth"):
        return
    body = {name: taken.get(name, GIVEN.get(name, "AAAA-AAAA")) for name in given}
    for flavour in operation.flavours:
        for as_guest in (True, False):
            path = operation.path.format(client=flavour)
            yield Ask(operation, "body", operation.method, path, {}, body, {}, flavour, as_guest)


GIVEN = {"password": "twelve other ferries", "primary": True, "name": "Telephone"}
WAYS = (items, filters, pages, bodies, accounts)

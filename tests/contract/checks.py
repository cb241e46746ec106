"""The rules by which an answer keeps to the contract; each yields what is wrong, in a few words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.contract.bodies import reader
from tests.contract.document import Document, Json, Part
from tests.contract.exchange import Exchange, media_type
from tests.contract.fields import is_documented, read
from tests.contract.schemas import Schemas

PROBLEM = "application/problem+json"
SHOWN = 5


class ContractError(AssertionError):
    """An answer which the published contract does not allow."""


@dataclass(frozen=True)
class Meeting:
    """An exchange beside what the contract says of it."""

    exchange: Exchange
    item: Part
    operation: Part
    response: Part


@dataclass(frozen=True)
class Contract:
    """A published contract.

    Attributes:
        root: an OpenAPI 3.1 document, all references inside.
        outside: the beginnings of paths which are no part of the API (pages for people, static files).
    """

    root: Json
    outside: tuple[str, ...] = ()

    def check(self, exchange: Exchange) -> None:
        """Hold an exchange against the contract.

        What the contract does not know must be refused, and as a problem: an unknown path with 404 or another
        4xx, an unknown method with 405.

        Raises:
            ContractError: the exchange is not as documented.
        """
        wrong = list(self.violations(exchange))
        if wrong:
            more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
            raise ContractError("\n  ".join([f"{exchange} breaks the contract:", *wrong[:SHOWN], *more]))

    def violations(self, exchange: Exchange) -> Iterator[str]:
        """Yield everything in which an exchange is not as documented."""
        if self.outside and exchange.path.startswith(self.outside):
            return
        item = self.document.path(exchange.path)
        if item is None:
            yield from self._refused(exchange, "path", range(400, 500))
            return
        methods = self.document.methods(item)
        if exchange.method not in methods:
            yield from self._other_method(exchange, methods)
            return
        yield from self._documented(exchange, item, methods[exchange.method])

    def _documented(self, exchange: Exchange, item: Part, operation: Part) -> Iterator[str]:
        response = self.document.response(operation, exchange.status)
        if response is None:
            yield f"status {exchange.status} is not documented; the body begins {(exchange.body or b'')[:300]!r}"
            return
        meeting = Meeting(exchange, item, operation, response)
        for rule in RULES:
            yield from rule(self, meeting)

    def _refused(self, exchange: Exchange, what: str, statuses: range) -> Iterator[str]:
        if exchange.status not in statuses:
            yield f"the {what} is not documented, and the answer is no refusal"
        elif exchange.method != "HEAD":
            yield from self._problem(exchange)

    def _other_method(self, exchange: Exchange, methods: dict[str, Part]) -> Iterator[str]:
        if exchange.method == "OPTIONS" and exchange.status in (200, 204):
            if "access-control-allow-methods" not in exchange.headers:
                yield from _allow(exchange, methods)
            return
        yield from self._refused(exchange, "method", range(400, 500))
        if exchange.status == 405:
            yield from _allow(exchange, methods)

    def _problem(self, exchange: Exchange) -> Iterator[str]:
        if exchange.media_type != PROBLEM:
            yield f"an error is {exchange.media_type or 'without a type'} and not {PROBLEM}"
            return
        schemas = self.root.get("components", {}).get("schemas", {})
        schema = self.document.get("components", "schemas", "Problem") if "Problem" in schemas else None
        yield from (f"body {error}" for error in reader(PROBLEM)(self.schemas, schema, exchange.body or b""))

    @cached_property
    def document(self) -> Document:
        """The document, ready to be searched."""
        return Document(self.root)

    @cached_property
    def schemas(self) -> Schemas:
        """The document's compiled schemas."""
        return Schemas(self.document)

    @cached_property
    def whole_schemas(self) -> Schemas:
        """The same for answers without `fields`, whose rows have all of their members: `PartialCity` does not do."""
        components = self.root.get("components", {})
        whole = {
            name: False if name.startswith("Partial") else schema
            for name, schema in components.get("schemas", {}).items()
        }
        return Schemas(Document(self.root | {"components": components | {"schemas": whole}}))


def _allow(exchange: Exchange, methods: dict[str, Part]) -> Iterator[str]:
    allowed = {name.strip() for name in exchange.headers.get("allow", "").split(",")}
    missing = sorted(methods.keys() - allowed)
    if missing:
        yield f"Allow does not name {', '.join(missing)}"


def _content(contract: Contract, meeting: Meeting) -> Iterator[str]:
    """The body has a documented media type and obeys its schema."""
    exchange = meeting.exchange
    content = {media_type(name): name for name in meeting.response.value.get("content", {})}
    if exchange.body == b"" and _may_be_empty(exchange, bool(content)):
        return
    if not content:
        yield f"the body should be empty and begins {(exchange.body or b'')[:60]!r}"
    elif exchange.media_type not in content:
        yield f"{exchange.media_type or 'no media type'} is not documented; documented: {', '.join(content)}"
    elif exchange.body is not None:
        schema = contract.document.child(meeting.response, "content", content[exchange.media_type], "schema")
        schemas = contract.schemas if "fields" in dict(exchange.query) else contract.whole_schemas
        yield from (f"body {error}" for error in reader(exchange.media_type)(schemas, schema, exchange.body))


def _may_be_empty(exchange: Exchange, has_content: bool) -> bool:
    minimal = "return=minimal" in exchange.headers.get("preference-applied", "")
    empty_text = exchange.media_type in ("application/x-ndjson", "text/csv")
    return not has_content or exchange.method == "HEAD" or minimal or empty_text


def _headers(contract: Contract, meeting: Meeting) -> Iterator[str]:
    """Documented headers are there when required, and obey their schemas."""
    document, exchange = contract.document, meeting.exchange
    for name in meeting.response.value.get("headers", {}):
        header = document.child(meeting.response, "headers", name)
        if header is None or name.lower() == "content-type":
            continue
        schema = document.child(header, "schema")
        if name not in exchange.headers:
            yield from [f"header {name} is required and missing"] * bool(header.value.get("required"))
        elif schema is not None:
            value = read(document, schema, exchange.headers[name])
            yield from (f"header {name} {error}" for error in contract.schemas.errors(schema, value))


def _error(contract: Contract, meeting: Meeting) -> Iterator[str]:
    """Every error is a problem whose `status` repeats the status line (RFC 9457 section 3.1.2)."""
    exchange = meeting.exchange
    if exchange.status < 400 or exchange.method == "HEAD":
        return
    if exchange.media_type != PROBLEM:
        yield f"an error is {exchange.media_type or 'without a type'} and not {PROBLEM}"
    elif exchange.json.get("status") != exchange.status:
        yield f"the problem's status is {exchange.json.get('status')}"


def _query(contract: Contract, meeting: Meeting) -> Iterator[str]:
    """What was accepted is documented: each parameter of the query."""
    if meeting.exchange.status >= 300:
        return
    parameters = contract.document.parameters(meeting.item, meeting.operation)
    for name, _ in meeting.exchange.query:
        if not is_documented(contract.document, parameters, name):
            yield f"parameter {name} was accepted and is not documented"


def _request_body(contract: Contract, meeting: Meeting) -> Iterator[str]:
    """What was accepted is documented: the body and its media type."""
    exchange = meeting.exchange
    if exchange.status >= 300 or not exchange.sent:
        return
    content = (contract.document.child(meeting.operation, "requestBody", "content") or Part({}, "")).value
    names = {media_type(name): name for name in content}
    sent_type = media_type(exchange.sent_type)
    if sent_type not in names:
        yield f"a body of {sent_type or 'no media type'} was accepted and is not documented"
        return
    schema = contract.document.child(meeting.operation, "requestBody", "content", names[sent_type], "schema")
    check = reader(sent_type)(contract.schemas, schema, exchange.sent)
    yield from (f"the request's body was accepted, and {error}" for error in check)


Rule = Callable[[Contract, Meeting], Iterator[str]]
RULES: tuple[Rule, ...] = (_content, _headers, _error, _query, _request_body)

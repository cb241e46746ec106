"""The client of the tests: speaks as a client would, and holds every answer to the published contract.

api.get("/v1/cities", country="FR", limit=10).json["results"]
api.with_key(secret).post("/v1/trips", {"name": "Alps"})
api.get("/v1/cities", accept="text/csv").text
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

import zstandard
from django.http import HttpResponseBase
from django.test import Client as DjangoClient

from tests import short_cut
from tests.contract import Contract, Exchange
from tests.contract.exchange import Headers
from tests.contract.watch import CHECKED

if TYPE_CHECKING:
    from resources.accounts.models import Person

NOTHING = object()
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}


@dataclass(frozen=True)
class Answer:
    """What came back. `response` is Django's own, for what only a test of the inside asks."""

    exchange: Exchange
    response: HttpResponseBase = field(repr=False)

    @property
    def status(self) -> int:
        """The status code."""
        return self.exchange.status

    @property
    def headers(self) -> Headers:
        """The header fields, by name in any case."""
        return self.exchange.headers

    @property
    def content(self) -> bytes:
        """The body, unpacked; `response.getvalue()` is what travelled."""
        return self.exchange.body or b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    @property
    def json(self) -> Any:
        """The body as a JSON value."""
        return self.exchange.json

    @property
    def lines(self) -> list[Any]:
        """The values of an NDJSON body."""
        return [json.loads(line) for line in self.content.splitlines()]

    @cached_property
    def links(self) -> dict[str, str]:
        """The targets in `Link`, by relation (RFC 8288)."""
        return {rel: url for url, rel in re.findall(r'<([^>]*)>; rel="?([^",;]+)"?', self.headers.get("link", ""))}


@dataclass(frozen=True)
class Client:
    """Sends requests to the API in this process. A frozen value: `with_key` and its like return another client.

    Attributes:
        contract: what every answer is held to; None for none.
        headers: sent with every request.
    """

    contract: Contract | None
    headers: dict[str, str] = field(default_factory=dict)

    def with_key(self, secret: str) -> "Client":
        """Return a client that shows an API key."""
        return self.with_headers(Authorization=f"Bearer {secret}")

    def acting_for(self, person: "Person", *scopes: str) -> "Client":
        """Return a client that shows a new key of a person's, with all scopes unless some are given."""
        from resources.core.api_keys.models import ApiKey

        return self.with_key(ApiKey.objects.issue(person, scopes=scopes or ("*",)))

    def with_headers(self, **headers: str) -> "Client":
        """Return a client that sends further headers; `_` stands for `-` in their names."""
        return replace(self, headers=self.headers | {name.replace("_", "-"): text for name, text in headers.items()})

    def anonymous(self) -> "Client":
        """Return a client that shows no key."""
        return replace(self, headers={name: text for name, text in self.headers.items() if name != "Authorization"})

    def unchecked(self) -> "Client":
        """Return a client that does not hold answers to the contract; say beside its use why."""
        return replace(self, contract=None)

    def get(self, url: str, /, **words: Any) -> Answer:
        """Send a GET; see `send`."""
        return self.send("GET", url, **words)

    def head(self, url: str, /, **words: Any) -> Answer:
        """Send a HEAD; see `send`."""
        return self.send("HEAD", url, **words)

    def options(self, url: str, /, **words: Any) -> Answer:
        """Send an OPTIONS; see `send`."""
        return self.send("OPTIONS", url, **words)

    def post(self, url: str, /, body: Any = NOTHING, **words: Any) -> Answer:
        """Send a POST; see `send`."""
        return self.send("POST", url, body, **words)

    def put(self, url: str, /, body: Any = NOTHING, **words: Any) -> Answer:
        """Send a PUT; see `send`."""
        return self.send("PUT", url, body, **words)

    def patch(self, url: str, /, body: Any = NOTHING, **words: Any) -> Answer:
        """Send a PATCH; see `send`."""
        return self.send("PATCH", url, body, **words)

    def delete(self, url: str, /, **words: Any) -> Answer:
        """Send a DELETE; see `send`."""
        return self.send("DELETE", url, **words)

    def walk(self, url: str, /, **query: Any) -> Iterator[Any]:
        """Yield the rows of a list, page after page."""
        page = self.get(url, **query)
        while True:
            assert page.status == 200, page.text
            yield from page.json["results"]
            if page.json["next"] is None:
                return
            page = self.get(page.json["next"])

    def send(
        self,
        method: str,
        url: str,
        /,
        body: Any = NOTHING,
        *,
        headers: dict[str, str] | None = None,
        accept: str = "",
        content_type: str = "application/json",
        read: bool = True,
        **query: Any,
    ) -> Answer:
        """Send a request and hold its answer to the contract.

        Args:
            method: in capitals.
            url: a path, or a whole URL such as a `next` link; percent-encoded.
            body: sent as JSON, or as it is where it is `bytes`.
            headers: of this request only.
            accept: the `Accept` header.
            content_type: of the body.
            read: False leaves a streamed answer unread (`answer.response`), and its body unchecked.
            query: parameters; true and false, dates, lists (joined by commas) and objects (as JSON) are written
                as the contract has them.

        Raises:
            ContractError: the answer is not as documented.
        """
        sent = self.headers | ({"Accept": accept} if accept else {}) | (headers or {})
        target = _with_query(url, query)
        data = b"" if body is NOTHING else body if isinstance(body, bytes) else json.dumps(body, default=_text).encode()
        sent_type = "" if body is NOTHING else content_type
        client = DjangoClient(enforce_csrf_checks=True, raise_request_exception=False)
        response = client.generic(method, target, data, sent_type, headers=sent, **{CHECKED: True})
        exchange = Exchange(
            method, target, response.status_code, Headers(_fields(response)), _body(response, read), data, sent_type
        )
        if self.contract is not None:
            self.contract.check(exchange)
            short_cut.note(method, target, response)
        return Answer(exchange, response)


def _body(response: Any, read: bool) -> bytes | None:
    """Return the body as it was before it was compressed."""
    if response.streaming and not read:
        return None
    body = response.getvalue()
    return UNPACK[response.get("Content-Encoding", "identity")](body) if body else body


def _fields(response: HttpResponseBase) -> list[tuple[str, str]]:
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return [*response.items(), *cookies]


def _with_query(url: str, query: dict[str, Any]) -> str:
    if not query:
        return url
    return url + ("&" if "?" in url else "?") + urlencode({name: _text(value) for name, value in query.items()})


def _text(value: Any) -> str:
    """Write a value as the contract has it in a query or as a JSON string."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return json.dumps(value, default=_text)
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(_text, value))
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID | Decimal | int | float | str):
        return str(value)
    raise TypeError(f"{value!r} has no form in a query")

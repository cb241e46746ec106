"""One request and its answer, as a value, whatever client sent it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx


class Headers(Mapping[str, str]):
    """Header fields by name in any case; repeated fields are joined by a comma (RFC 9110 section 5.3)."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            name = name.lower()
            self._fields[name] = f"{self._fields[name]}, {value}" if name in self._fields else value

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(self._fields)


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    Attributes:
        method: in capitals.
        url: path and query as sent, percent-encoded; an origin before them is allowed and ignored.
        body: the answer's bytes; None where the answer was a stream that nobody read.
        sent: the request's bytes.
        sent_type: the request's Content-Type, empty where there was none.
    """

    method: str
    url: str
    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = b""
    sent: bytes = b""
    sent_type: str = ""

    @classmethod
    def of_httpx(cls, response: httpx.Response) -> "Exchange":
        """Read an answer of httpx, from a real server."""
        request = response.request
        fields = response.headers.multi_items()
        sent_type = request.headers.get("content-type", "")
        return cls(
            method=request.method,
            url=str(request.url),
            status=response.status_code,
            headers=Headers(fields),
            body=response.content,
            sent=request.content,
            sent_type=sent_type,
        )

    @property
    def path(self) -> str:
        """The path as sent, without query and without a closing slash."""
        return urlsplit(self.url).path.rstrip("/") or "/"

    @property
    def query(self) -> list[tuple[str, str]]:
        """The names and values of the query."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def media_type(self) -> str:
        """The answer's media type in lower case, without parameters; empty where it has none."""
        return media_type(self.headers.get("content-type", ""))

    @cached_property
    def json(self) -> Any:
        """The answer's body read as JSON.

        Raises:
            ValueError: it is no JSON, or holds NaN or an infinity.
        """
        return strict_json(self.body or b"")

    def __str__(self) -> str:
        target = urlsplit(self.url)
        query = f"?{target.query}" if target.query else ""
        return f"{self.method} {target.path}{query} -> {self.status}"


def media_type(content_type: str) -> str:
    """Strip the parameters of a Content-Type."""
    return content_type.partition(";")[0].strip().lower()


def strict_json(body: bytes) -> Any:
    """Read JSON as RFC 8259 has it, which knows no NaN.

    Raises:
        ValueError: it is not JSON in UTF-8.
    """

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    return json.loads(body.decode(), parse_constant=refuse)

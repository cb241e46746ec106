"""What a server answers to every scenario."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tests.servers.processes import Server
from tests.servers.scenarios import ASKS, Ask

REQUEST_ID = "the-same-for-every-server"
# What belongs to one connection or one server (RFC 9110, section 7.6.1), and is not the API's to say.
CONNECTION = frozenset({"connection", "date", "keep-alive", "server", "server-timing", "transfer-encoding", "via"})
PASSING = re.compile(rb'"\d{4}-\d\d-\d\dT[\d:.]+Z"|"[0-9a-f-]{36}"')
"""Times and keys that are new in every database."""


@dataclass(frozen=True)
class Answer:
    """An answer, without what must differ between two servers."""

    status: int
    headers: dict[str, str]
    body: bytes
    version: str


def ask_all(server: Server, key: str, *, http2: bool) -> dict[str, Answer]:
    """Ask a server everything, in order."""
    with httpx.Client(base_url=server.url, timeout=60, http1=not http2, http2=http2) as client:
        return {name: _ask(client, ask, key) for name, ask in ASKS.items()}


def _ask(client: httpx.Client, ask: Ask, key: str) -> Answer:
    fixed = {"Host": "api.example.org", "Accept-Encoding": "identity", "X-Request-ID": REQUEST_ID}
    shown = {"Authorization": f"Bearer {key}"} if ask.keyed else {}
    content = _pieces(ask.content) if ask.chunked else ask.content
    request = client.build_request(ask.method, ask.path, headers=fixed | shown | ask.headers, content=content)
    answer = client.send(request, stream=True)
    body = b"".join(answer.iter_raw())
    return Answer(answer.status_code, _headers(answer, ask), _lasting(body, ask), answer.http_version)


def _pieces(content: bytes | None) -> Iterator[bytes]:
    content = content or b""
    for start in range(0, len(content), 2**16):
        yield content[start : start + 2**16]


def _headers(answer: httpx.Response, ask: Ask) -> dict[str, str]:
    headers = {name: text for name, text in answer.headers.items() if name not in CONNECTION}
    if ask.keyed and "etag" in headers:
        headers["etag"] = "a digest of times"
    return headers


def _lasting(body: bytes, ask: Ask) -> bytes:
    return PASSING.sub(b'"passing"', body) if ask.keyed else body

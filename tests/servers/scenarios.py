"""What is asked of every server, in this order; the answers must be the same, byte by byte."""

import json
from dataclasses import dataclass, field
from typing import Any

JSON = {"Content-Type": "application/json"}
TRIP = "019b0000-0000-7000-8000-000000000001"
DRAFT = {"id": TRIP, "name": "Traversée des Alpes", "begins_on": "2027-06-01", "ends_on": "2027-06-12"}
LIMIT = 10 * 2**20


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        keyed: whether an API key is shown.
        status: what it is answered with; the rest is compared with the reference.
        chunked: whether the body is sent without its length.
    """

    method: str
    path: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    keyed: bool = False
    chunked: bool = False

    @property
    def content(self) -> bytes | None:
        return self.body if self.body is None or isinstance(self.body, bytes) else json.dumps(self.body).encode()


ASKS = {
    "index": Ask("GET", "/"),
    "index for a browser": Ask("GET", "/", 302, {"Accept": "text/html"}),
    "list": Ask("GET", "/v1/cities?limit=2"),
    "list, 500 rows": Ask("GET", "/v1/cities?limit=500"),
    "list, compressed": Ask("GET", "/v1/cities?limit=50", 200, {"Accept-Encoding": "gzip"}),
    "list, filtered and expanded": Ask("GET", "/v1/cities?country=FR&name__icontains=saint&expand=country&limit=3"),
    "list, names in UTF-8": Ask("GET", "/v1/cities?name=Saint-%C3%89tienne"),
    "item": Ask("GET", "/v1/cities/2988507"),
    "item, with a slash": Ask("GET", "/v1/cities/2988507/"),
    "head of an item": Ask("HEAD", "/v1/cities/2988507"),
    "head of a list": Ask("HEAD", "/v1/countries"),
    "options": Ask("OPTIONS", "/v1/cities", 204),
    "preflight": Ask(
        "OPTIONS",
        "/v1/cities",
        200,
        {"Origin": "https://app.example.org", "Access-Control-Request-Method": "POST"},
    ),
    "cross-origin": Ask("GET", "/v1/countries/FR", 200, {"Origin": "https://app.example.org"}),
    "export, CSV": Ask("GET", "/v1/cities?country=US", 200, {"Accept": "text/csv"}),
    "export, NDJSON": Ask("GET", "/v1/cities?country=DE", 200, {"Accept": "application/x-ndjson"}),
    "export, compressed": Ask("GET", "/v1/cities?country=FR", 200, {"Accept": "text/csv", "Accept-Encoding": "gzip"}),
    "head of an export": Ask("HEAD", "/v1/airports", 200, {"Accept": "text/csv"}),
    "contract": Ask("GET", "/openapi.json"),
    "alive": Ask("GET", "/livez"),
    "ready": Ask("GET", "/readyz"),
    "no route": Ask("GET", "/v1/nowhere", 404),
    "no route, percent-encoded": Ask("GET", "/v1/caf%C3%A9%2F", 404),
    "no route, not UTF-8": Ask("GET", "/v1/caf%E9", 404),
    "no row": Ask("GET", "/v1/cities/1", 404),
    "method not allowed": Ask("PUT", "/v1/cities", 405),
    "unknown parameter": Ask("GET", "/v1/cities?limt=2", 400),
    "bad value": Ask("GET", "/v1/cities?population__gte=many", 400),
    "query that is not UTF-8": Ask("GET", "/v1/cities?name=%E9", 400),
    "NUL in the query": Ask("GET", "/v1/cities?name=%00", 400),
    "NUL in the path": Ask("GET", "/v1/cities/%00", 400),
    "unknown host": Ask("GET", "/v1/cities?limit=1", 400, {"Host": "evil.example.com"}),
    "not acceptable": Ask("GET", "/v1/cities", 406, {"Accept": "image/png"}),
    "no key": Ask("POST", "/v1/trips", 401, JSON, DRAFT),
    "wrong key": Ask("GET", "/v1/trips", 401, {"Authorization": "Bearer hw_wrong"}),
    "create": Ask("POST", "/v1/trips", 201, JSON, DRAFT, keyed=True),
    "read what was created": Ask("GET", f"/v1/trips/{TRIP}", 200, keyed=True),
    "change": Ask("PATCH", f"/v1/trips/{TRIP}", 200, JSON, {"notes": "é" * 1000}, keyed=True),
    "change, chunked": Ask("PATCH", f"/v1/trips/{TRIP}", 200, JSON, {"notes": "ü" * 1000}, keyed=True, chunked=True),
    "change, nothing sent back": Ask(
        "PATCH", f"/v1/trips/{TRIP}", 204, JSON | {"Prefer": "return=minimal"}, {"notes": ""}, keyed=True
    ),
    "large upload": Ask("PATCH", f"/v1/trips/{TRIP}", 400, JSON, b'{"notes": "' + b"x" * (LIMIT - 50), keyed=True),
    "large upload, chunked": Ask(
        "PATCH", f"/v1/trips/{TRIP}", 400, JSON, b'{"notes": "' + b"x" * (LIMIT - 50), keyed=True, chunked=True
    ),
    "too large": Ask("POST", "/v1/trips", 413, JSON, b"x" * (LIMIT + 1), keyed=True),
    "too large, chunked": Ask("POST", "/v1/trips", 413, JSON, b"x" * (2 * LIMIT), keyed=True, chunked=True),
    "too large, no key": Ask("POST", "/v1/trips", 401, JSON, b"x" * (LIMIT + 1)),
    "not JSON": Ask("POST", "/v1/trips", 400, JSON, b"{", keyed=True),
    "not understood": Ask("POST", "/v1/trips", 415, {"Content-Type": "text/plain"}, b"trip", keyed=True),
    "many things wrong": Ask("POST", "/v1/trips", 400, JSON, {"name": "", "ends_on": "soon", "what": 1}, keyed=True),
    "delete": Ask("DELETE", f"/v1/trips/{TRIP}", 204, keyed=True),
    "gone": Ask("GET", f"/v1/trips/{TRIP}", 404, keyed=True),
}

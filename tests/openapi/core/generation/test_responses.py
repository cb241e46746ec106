"""Answers have the headers that the contract names, and no others."""

from typing import Any

import pytest

from openapi.core.generation import document
from tests.world import World

OF_EVERY_SERVER = {
    "content-type", "content-length", "content-encoding", "x-content-type-options", "referrer-policy",
    "cross-origin-opener-policy", "x-accel-buffering", "content-security-policy",
}  # fmt: skip
TRIP = {"name": "Sea", "begins_on": "2027-08-01", "ends_on": "2027-08-02"}
MINIMAL = {"Prefer": "return=minimal"}


@pytest.fixture(scope="module")
def contract() -> Any:
    return document.generate()


@pytest.mark.parametrize(
    ("method", "path", "url", "status", "sent"),
    [
        ("get", "/v1/cities", "/v1/cities?limit=1", 200, {}),
        ("get", "/v1/cities", "/v1/cities", 200, {"accept": "text/csv"}),
        ("get", "/v1/cities", "/v1/cities", 200, {"accept": "application/x-ndjson"}),
        ("get", "/v1/cities", "/v1/cities", 304, {"headers": {"If-None-Match": "*"}}),
        ("get", "/v1/cities", "/v1/cities?limit=0", 400, {}),
        ("get", "/v1/cities", "/v1/cities?page=99", 404, {}),
        ("get", "/v1/cities", "/v1/cities", 406, {"accept": "image/png"}),
        ("get", "/v1/cities/{id}", "/v1/cities/2988507", 200, {}),
        ("get", "/v1/cities/{id}", "/v1/cities/2988507", 304, {"headers": {"If-None-Match": "*"}}),
        ("get", "/v1/cities/{id}", "/v1/cities/1", 404, {}),
        ("get", "/v1/trips", "/v1/trips", 401, {"headers": {"Authorization": "Bearer hw_no"}}),
        ("post", "/v1/trips", "/v1/trips", 201, {"body": TRIP}),
        ("post", "/v1/trips", "/v1/trips", 201, {"body": [TRIP, TRIP]}),
        ("post", "/v1/trips", "/v1/trips", 201, {"body": TRIP, "headers": MINIMAL}),
        ("post", "/v1/trips", "/v1/trips", 201, {"body": [TRIP], "headers": MINIMAL}),
        ("post", "/v1/trips", "/v1/trips", 400, {"body": {}}),
        ("post", "/v1/cities", "/v1/cities", 403, {"body": {}}),
        ("post", "/v1/trips", "/v1/trips", 413, {"body": [TRIP] * 1001}),
        ("post", "/v1/trips", "/v1/trips", 415, {"body": b"a", "content_type": "text/plain"}),
        ("patch", "/v1/trips/{id}", "/v1/trips/{trip}", 200, {"body": {}}),
        ("patch", "/v1/trips/{id}", "/v1/trips/{trip}", 204, {"body": {}, "headers": MINIMAL}),
        ("patch", "/v1/trips/{id}", "/v1/trips/{trip}", 415, {"body": b"a", "content_type": "text/plain"}),
        ("delete", "/v1/trips/{id}", "/v1/trips/{trip}", 204, {}),
        ("get", "/", "/", 200, {}),
        ("get", "/", "/", 302, {"accept": "text/html"}),
        ("get", "/livez", "/livez", 200, {}),
        ("get", "/metrics", "/metrics", 200, {}),
        ("get", "/openapi.json", "/openapi.json", 200, {}),
        ("get", "/openapi.yaml", "/openapi.yaml", 304, {"headers": {"If-None-Match": "*"}}),
        ("get", "/problems", "/problems", 200, {}),
    ],
)
def test_every_header_is_documented(
    api: Any, world: World, contract: Any, method: str, path: str, url: str, status: int, sent: Any
) -> None:
    answer = api.acting_for(world.owner).send(method.upper(), url.format(trip=world.trip.id), **sent)
    response = contract["paths"][path][method]["responses"][str(status)]
    if "$ref" in response:
        response = contract["components"]["responses"][response["$ref"].rpartition("/")[2]]
    assert answer.status == status
    assert set(answer.headers) - OF_EVERY_SERVER <= {name.lower() for name in response["headers"]}


def test_public_reads_are_never_forbidden(contract: Any) -> None:
    assert "403" not in contract["paths"]["/v1/cities"]["get"]["responses"]
    assert "403" in contract["paths"]["/v1/trips"]["get"]["responses"]

"""The amendments change requests that are meant to be valid, as their reasons say, and no others."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fuzz.amendments import before_call


def case(*, positive: bool = True, method: str = "GET", query: Any = None, headers: Any = None) -> Any:
    mode = SimpleNamespace(is_positive=positive)
    meta = SimpleNamespace(generation=SimpleNamespace(mode=mode))
    return SimpleNamespace(meta=meta, method=method, query=query, headers=headers)


def nested(levels: int) -> Any:
    """Make a filter of groups inside one another."""
    return {"id": 1} if levels == 1 else {"not": nested(levels - 1)}


@pytest.mark.parametrize(
    ("made_up", "sent"),
    [
        ({"cursor": "x", "limit": 3}, {"limit": 3}),
        ({"since": "1-a", "ticket": "x", "watch": "/v1/trips", "resource": "trips"}, {"resource": "trips"}),
        ({"page": 2, "page_size": 5, "limit": 3}, {"limit": 3}),
        ({"page": 2, "page_size": 5}, {"page": 2, "page_size": 5}),
        ({"page_size": 5, "count": "estimated"}, {"page_size": 5}),
        ({"page": 23_827}, {"page": 2_000}),
        ({"page": 23_827, "page_size": 4}, {"page": 23_827, "page_size": 4}),
        ({"limit": 5, "count": "estimated"}, {"limit": 5, "count": "estimated"}),
        ({"ordering": ["-name", "id", "name"]}, {"ordering": "-name,id"}),
        ({"ordering": "id,-id"}, {"ordering": "id"}),
        ({"filter": {"id": 1, "or": [{"id": 1}] * 99}}, {"filter": {"id": 1, "or": [{"id": 1}] * 99}}),
        ({"filter": {"id": 1, "or": [{"id": 1}] * 100}}, {}),
        ({"filter": {"or": [{"name__icontains": "x"}] * 20}}, {"filter": {"or": [{"name__icontains": "x"}] * 20}}),
        ({"filter": {"or": [{"name__icontains__not": "x"}] * 20, "name__contains": "y"}}, {}),
        ({"filter": nested(8)}, {"filter": nested(8)}),
        ({"filter": nested(9)}, {}),
        ({"id__in": ["x" * 1000] * 11}, {"id__in": ["x" * 1000] * 11}),
        ({"id__in": ["x" * 1000] * 99}, {"id__in": ["x" * 1000] * 10}),
        ({"id": "1", "filter": json.dumps({"id__in": ["x" * 60_000]})}, {"id": "1"}),
        (None, {}),
    ],
)
def test_queries(made_up: Any, sent: Any) -> None:
    request = case(query=made_up)
    before_call(None, request, {})
    assert request.query == sent


@pytest.mark.parametrize(("method", "left"), [("POST", {}), ("PATCH", {"Prefer": "return=minimal"})])
def test_a_row_is_created_with_its_body(method: str, left: Any) -> None:
    request = case(method=method, headers={"Prefer": "return=minimal"})
    before_call(None, request, {})
    assert request.headers == left


def test_what_is_meant_to_be_refused_stays_as_it_is() -> None:
    request = case(positive=False, query={"cursor": "x", "page": 1, "limit": 2}, headers={"Prefer": "return=minimal"})
    before_call(None, request, {})
    assert request.query == {"cursor": "x", "page": 1, "limit": 2}


def test_a_key_is_of_one_request_and_no_version_is_made_up() -> None:
    request = case(method="PUT", headers={"Idempotency-Key": "x", "If-Match": '"1-0"'})
    before_call(None, request, {})
    assert request.headers.keys() == {"Idempotency-Key"}
    assert request.headers["Idempotency-Key"] != "x"

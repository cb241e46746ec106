"""Whatever is raised where a request is answered, the client is told a problem, and nothing of the inside."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import exceptions as django
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework import status

from api.core.http import middleware
from api.core.http.compression import Compression
from api.trips import TripViewSet
from tests.client import Client
from tests.features.problems import ITEM, check

SECRET = "hunter2"


class Teapot(drf.APIException):
    status_code = status.HTTP_418_IM_A_TEAPOT
    default_detail = "Short and stout."


RAISED: list[tuple[Callable[[], BaseException], int, str]] = [
    (lambda: Http404(SECRET), 404, "not-found"),
    (lambda: django.PermissionDenied(SECRET), 403, "forbidden"),
    (lambda: django.ValidationError({"name": ["Bad."]}), 400, "invalid-body"),
    (lambda: django.ValidationError("Bad."), 400, "invalid-body"),
    (lambda: django.SuspiciousOperation(SECRET), 400, "malformed-request"),
    (lambda: django.DisallowedHost(SECRET), 400, "malformed-request"),
    (lambda: django.BadRequest("Bad."), 400, "malformed-request"),
    (lambda: django.RequestDataTooBig(SECRET), 413, "content-too-large"),
    (lambda: UnreadablePostError(SECRET), 400, "malformed-request"),
    (lambda: UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), 400, "malformed-request"),
    (lambda: DataError(SECRET), 400, "malformed-request"),
    (lambda: OperationalError(SECRET), 503, "unavailable"),
    (lambda: InterfaceError(SECRET), 503, "unavailable"),
    (lambda: drf.PermissionDenied(), 403, "forbidden"),
    (lambda: drf.NotFound(), 404, "not-found"),
    (lambda: drf.NotAuthenticated(), 401, "not-authenticated"),
    (lambda: drf.ParseError(), 400, "malformed-request"),
    (lambda: drf.ValidationError({"name": ["Bad."]}), 400, "invalid-body"),
    (lambda: drf.ValidationError([]), 400, "invalid-body"),
    (lambda: drf.APIException(), 500, "internal-error"),
    (lambda: RuntimeError(SECRET), 500, "internal-error"),
    (lambda: AssertionError(SECRET), 500, "internal-error"),
    (lambda: RecursionError(SECRET), 500, "internal-error"),
    (lambda: KeyError(SECRET), 500, "internal-error"),
]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(("make", "status", "slug"), RAISED)
def test_what_a_view_raises(
    owner: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, make: Any, status: int, slug: str, debug: bool
) -> None:
    def raise_it(*args: Any, **options: Any) -> Any:
        raise make()

    settings.DEBUG = debug
    monkeypatch.setattr(TripViewSet, "refuse_nobody", raise_it)
    answer = owner.patch(ITEM, {"name": "x"})
    check(answer, status, slug)
    assert SECRET not in answer.text
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_faults_have_pointers_also_where_they_are_raised_late(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise drf.ValidationError({"stops": [{}, {"city": ["Too far."]}], "non_field_errors": ["Too long."]})

    monkeypatch.setattr(TripViewSet, "perform_update", refuse)
    errors = owner.patch(ITEM, {"name": "x"}).json["errors"]
    assert [(fault["pointer"], fault["detail"]) for fault in errors] == [
        ("/stops/1/city", "Too far."),
        ("", "Too long."),
    ]


@pytest.mark.parametrize(
    ("error", "status", "retry", "slug"),
    [
        (Teapot(), 418, None, None),
        (drf.Throttled(wait=2.1), 429, "3", "too-many-requests"),
        (drf.Throttled(), 429, None, "too-many-requests"),
    ],
)
def test_errors_of_drf_that_headwater_does_not_raise(
    owner: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, retry: str | None, slug: str | None
) -> None:
    def raise_it(*args: Any) -> None:
        raise error

    monkeypatch.setattr(TripViewSet, "refuse_nobody", raise_it)
    answer = owner.unchecked().get(ITEM)  # a teapot is no part of the contract, nor is a 429 that says no time
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    expected = f"http://testserver/problems/{slug}" if slug else "about:blank"
    assert (answer.json["type"], answer.json["status"]) == (expected, status)
    assert answer.headers.get("Retry-After") == retry


def test_a_fault_is_logged_under_the_id_that_the_client_is_told(
    owner: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_it(*args: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(TripViewSet, "refuse_nobody", break_it)
    answer = owner.get(ITEM, headers={"X-Request-ID": "checkout-4711"})
    assert answer.json.keys() == {"type", "title", "status", "detail", "instance"}
    assert answer.json["instance"] == "checkout-4711"
    assert "checkout-4711" in caplog.text
    assert SECRET in caplog.text


@pytest.mark.parametrize("layer", [middleware.CleanInput, Compression])
def test_a_fault_of_a_layer_around_the_views(api: Client, monkeypatch: pytest.MonkeyPatch, layer: Any) -> None:
    def break_it(*args: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(layer, "__call__", break_it)
    answer = api.get("/v1/cities")
    check(answer, 500, "internal-error")
    assert SECRET not in answer.text

"""No answer in the suite goes unchecked: Django's own test client is watched, too."""

import sys
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path

from tests.contract import Contract, ContractError
from tests.contract.watch import CHECKED, watching

CONTRACT = Contract(
    {"paths": {"/known/{name}": {"get": {"responses": {"200": {"content": {"application/json": {}}}}}}}}
)


def answer(request: HttpRequest, name: str) -> HttpResponse:
    return JsonResponse({"name": name})


urlpatterns = [path("known/<name>", answer), path("unknown/<name>", answer)]


@pytest.fixture
def client(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Serve the views above as if they were the API."""
    monkeypatch.setitem(sys.modules, "api.urls", sys.modules[__name__])
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = "api.urls"
    return Client()


def test_what_is_documented_passes(client: Client) -> None:
    with watching(CONTRACT):
        assert client.get("/known/Zürich").json() == {"name": "Zürich"}


def test_what_is_not_fails_the_test(client: Client) -> None:
    with watching(CONTRACT), pytest.raises(ContractError, match="GET /unknown/x -> 200"):
        client.get("/unknown/x")


def test_who_checks_for_himself_is_left_alone(client: Client) -> None:
    with watching(CONTRACT):
        assert client.get("/unknown/x", **{CHECKED: True}).status_code == 200


def test_other_sites_are_left_alone(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    with watching(CONTRACT):
        assert client.get("/unknown/x").status_code == 200


def test_it_comes_to_an_end(client: Client) -> None:
    before = Client.request
    with watching(CONTRACT):
        assert Client.request is not before
    assert Client.request is before

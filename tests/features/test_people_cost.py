"""What identities cost: a key no query, a session two; nobody who shows none pays for those of others."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.accounts.models import Person
from resources.core.api_keys.models import ApiKey
from tests.client import Client
from tests.people import App, device, logged_in, signed_up

ADA = "ada@example.org"


@pytest.fixture
def queries() -> Any:
    return lambda: CaptureQueriesContext(connection)


def about_sessions(captured: Any) -> list[str]:
    """The statements that ask about sessions and people."""
    tables = ("django_session", "accounts_person", "account_", "usersessions_")
    return [query["sql"] for query in captured if any(table in query["sql"] for table in tables)]


def test_a_key_asks_about_no_session_and_no_person(api: Client, queries: Any) -> None:
    keyed = api.with_key(ApiKey.objects.issue(Person.objects.create_user(ADA)))
    keyed.get("/v1/cities")
    stale = keyed.with_headers(Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345; csrftoken=a")
    for client in (keyed, stale):
        with queries() as captured:
            assert client.get("/v1/cities").status == 200
        assert about_sessions(captured) == []


def test_nobody_asks_about_no_session(api: Client, queries: Any) -> None:
    with queries() as captured:
        assert api.get("/v1/cities").status == 200
    assert about_sessions(captured) == []


def test_a_session_and_its_person_are_asked_about_once(api: Client, queries: Any) -> None:
    app = App(api)
    signed_up(app, ADA)
    browser = device(api, "browser")
    logged_in(browser, ADA)
    for client in (app.client(), api.with_key(app.access), browser.client()):
        with queries() as captured:
            assert client.get("/v1/cities").status == 200
        assert len(about_sessions(captured)) == 2
        assert not [sql for sql in about_sessions(captured) if sql.startswith(("UPDATE", "INSERT"))]

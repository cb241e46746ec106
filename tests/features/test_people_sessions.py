"""Sessions: who is logged in where, tokens and their refresh, and what happens when a session ends."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from resources.accounts.models import Person
from resources.core.api_keys.models import ApiKey
from tests.client import Answer, Client
from tests.people import App, Browser, Device, device, faults, logged_in, signed_up
from tests.threads import together

ADA = "ada@example.org"
TRIP = {"name": "Sea", "begins_on": "2027-08-01", "ends_on": "2027-08-02"}


@pytest.fixture
def app(api: Client) -> App:
    app = App(api)
    signed_up(app, ADA)
    return app


@pytest.fixture
def browser(api: Client) -> Browser:
    browser = device(api, "browser")
    signed_up(browser, ADA)
    return browser


def refreshed(api: Client, token: str | None) -> Answer:
    return api.post("/auth/app/v1/tokens/refresh", {"refresh_token": token})


def test_three_ways_to_show_who_asks(api: Client, app: App) -> None:
    browser = device(api, "browser")
    logged_in(browser, ADA)
    for client in (app.client(), api.with_key(app.access), browser.client()):
        trip = client.post("/v1/trips", TRIP)
        assert (trip.status, trip.json["owner"]) == (201, str(Person.objects.get().id))
        assert client.get(f"/v1/trips/{trip.json['id']}").status == 200
    assert api.get("/v1/trips").status == 401


def test_a_cookie_writes_only_with_the_csrf_token(api: Client, browser: Browser) -> None:
    bare = api.with_headers(Cookie=f"sessionid={browser.cookies['sessionid']}")
    assert bare.get("/v1/trips").status == 200
    for client in (bare, browser.client().with_headers(X_CSRFToken="a" * 32)):
        answer = client.post("/v1/trips", TRIP)
        assert (answer.status, answer.json["type"].rpartition("/")[2]) == (403, "forbidden")
        assert "X-CSRFToken" in answer.json["detail"]
    assert bare.delete("/auth/browser/v1/auth/session").status == 403
    assert browser.client().post("/v1/trips", TRIP).status == 201


def test_tokens_need_no_csrf_token(api: Client, app: App) -> None:
    assert app.client().post("/v1/trips", TRIP).status == 201
    assert api.with_key(app.access).post("/v1/trips", TRIP).status == 201


def test_a_cookie_that_means_nothing_is_nobody(api: Client) -> None:
    stale = api.with_headers(Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345")
    assert stale.get("/v1/cities").status == 200
    assert stale.get("/v1/trips").status == 401


@pytest.mark.parametrize("token", ["a.b.c", "..", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "a." * 3000])
def test_a_token_that_is_none_is_refused(api: Client, token: str) -> None:
    assert api.with_key(token).get("/v1/cities").status == 401
    assert api.with_headers(X_Session_Token=token).get("/v1/cities").status == 401
    assert refreshed(api, token).status == 400


def test_an_access_token_of_another_server_is_refused(api: Client, app: App) -> None:
    payload = jwt.decode(app.access, options={"verify_signature": False})
    for key in ("", "another server's key, which is long enough"):
        forged = jwt.encode(payload, key, algorithm="HS256" if key else "none")
        assert api.with_key(forged).get("/v1/trips").status == 401


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(api: Client, app: App) -> None:
    assert api.with_key(app.refresh).get("/v1/trips").status == 401
    assert refreshed(api, app.access).status == 400


def test_an_access_token_works_for_five_minutes(api: Client, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = jwt.decode(app.access, options={"verify_signature": False})
    assert payload["exp"] - payload["iat"] == 300
    long_ago = time.time() - 301
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: long_ago)
        old = refreshed(api, app.refresh).json["data"]
    assert api.with_key(old["access_token"]).get("/v1/trips").status == 401
    fresh = refreshed(api, old["refresh_token"]).json["data"]
    assert api.with_key(fresh["access_token"]).get("/v1/trips").status == 200


def test_a_refresh_token_works_once(api: Client, app: App) -> None:
    first = refreshed(api, app.refresh)
    assert (first.status, first.headers["Cache-Control"]) == (200, "no-store")
    again = refreshed(api, app.refresh)
    assert (again.status, again.json["type"].rpartition("/")[2]) == (400, "invalid-body")


def test_a_refresh_token_that_comes_a_second_time_ends_its_session(api: Client, app: App) -> None:
    """Somebody has copied it: neither of the two goes on."""
    other = App(api)
    logged_in(other, ADA)
    second = refreshed(api, app.refresh).json["data"]
    third = refreshed(api, second["refresh_token"]).json["data"]
    assert api.with_key(third["access_token"]).get("/v1/trips").status == 200
    assert refreshed(api, app.refresh).status == 400
    assert refreshed(api, third["refresh_token"]).status == 400
    assert api.with_key(third["access_token"]).get("/v1/trips").status == 401
    assert app.client().get("/v1/trips").status == 401
    assert len(other.send("GET", "auth/sessions").json["data"]) == 1
    assert refreshed(api, other.refresh).status == 200


def test_a_refresh_token_that_was_never_used_ends_nothing(api: Client, app: App) -> None:
    """Such as one of a session that another request has saved over."""
    payload = jwt.decode(app.refresh, options={"verify_signature": False})
    unknown = jwt.encode(payload | {"jti": "unknown"}, settings.HEADLESS_JWT_PRIVATE_KEY, algorithm="HS256")
    assert refreshed(api, unknown).status == 400
    assert refreshed(api, app.refresh).status == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_refresh_at_once_one_is_refused(api: Client) -> None:
    app = App(api)
    signed_up(app, ADA)
    answers: Any = together(lambda: refreshed(api, app.refresh), lambda: refreshed(api, app.refresh))
    assert sorted(answer.status for answer in answers) == [200, 400]


def test_logging_out_ends_the_tokens_of_the_session(api: Client, app: App) -> None:
    other = App(api)
    logged_in(other, ADA)
    assert app.send("DELETE", "auth/session").status == 204
    assert app.client().get("/v1/trips").status == 401
    assert api.with_key(app.access).get("/v1/trips").status == 401
    assert refreshed(api, app.refresh).status == 400
    assert app.send("GET", "auth/session").status == 410
    assert other.client().get("/v1/trips").status == 200


def test_sessions_are_listed_and_ended(api: Client, app: App) -> None:
    browser = device(api.with_headers(User_Agent="Lynx"), "browser")
    logged_in(browser, ADA)
    listed = app.send("GET", "auth/sessions").json["data"]
    assert [(one["is_current"], one["user_agent"]) for one in listed] == [(True, ""), (False, "Lynx")]
    left = app.send("DELETE", "auth/sessions", {"sessions": [listed[1]["id"]]})
    assert [one["id"] for one in left.json["data"]] == [listed[0]["id"]]
    assert browser.client().get("/v1/trips").status == 401
    assert app.client().get("/v1/trips").status == 200
    assert app.send("DELETE", "auth/sessions", {"sessions": [listed[0]["id"]]}).status == 401
    assert app.client().get("/v1/trips").status == 401


def test_nobody_ends_the_sessions_of_others(api: Client, app: App) -> None:
    (own,) = app.send("GET", "auth/sessions").json["data"]
    other = App(api)
    signed_up(other, "eve@example.org")
    answer = other.send("DELETE", "auth/sessions", {"sessions": [own["id"]]})
    assert (answer.status, faults(answer)) == (400, [("/sessions", "invalid_choice")])
    assert app.client().get("/v1/trips").status == 200


def test_a_session_ends_after_two_weeks(app: App) -> None:
    session = Session.objects.get()
    assert timedelta(days=13) < session.expire_date - timezone.now() < timedelta(days=15)
    Session.objects.update(expire_date=timezone.now())
    assert app.client().get("/v1/trips").status == 401
    assert app.send("GET", "auth/session").status == 410


@pytest.mark.parametrize("way", ["inactive", "gone"])
def test_who_is_sent_away_is_out_at_once(api: Client, app: App, way: str) -> None:
    person = Person.objects.get()
    browser = device(api, "browser")
    logged_in(browser, ADA)
    clients = [app.client(), api.with_key(app.access), browser.client()]
    assert [client.get("/v1/trips").status for client in clients] == [200, 200, 200]
    if way == "inactive":
        Person.objects.update(is_active=False)
    else:
        person.delete()
    assert [client.get("/v1/trips").status for client in clients] == [401, 401, 401]
    assert refreshed(api, app.refresh).status == 400
    assert app.send("GET", "auth/session").status == 401
    assert logged_in(App(api), ADA).status in (400, 401)
    cache.clear()
    codes = App(api)
    codes.send("POST", "auth/code/request", {"email": ADA})
    assert codes.client().get("/v1/trips").status == 401


def test_staff_is_staff_with_the_next_request(app: App) -> None:
    currency = {"id": "XTS", "name": "Test", "symbol": "T", "numeric": "963", "decimals": 2}
    assert app.client().post("/v1/currencies", currency).status == 403
    Person.objects.update(is_staff=True)
    assert app.client().post("/v1/currencies", currency).status == 201


@pytest.mark.parametrize("flavour", ["app", "browser"])
def test_a_key_is_nobody_at_auth(api: Client, app: App, flavour: str) -> None:
    secret = ApiKey.objects.issue(Person.objects.get())
    answer = api.with_key(secret).get(f"/auth/{flavour}/v1/auth/session")
    assert (answer.status, answer.json["meta"]["is_authenticated"]) == (401, False)


def test_cookies_are_flagged(api: Client) -> None:
    browser: Device = device(api, "browser")
    answer = browser.send("POST", "auth/signup", {"email": ADA, "password": "seven sleepy lighthouses"})
    session = browser.cookie(answer, "sessionid")
    assert (session["httponly"], session["samesite"], session["secure"]) == (True, "Lax", "")
    answer = api.get("/auth/browser/v1/config", headers={"X-Forwarded-Proto": "https"})
    assert browser.cookie(answer, "csrftoken")["samesite"] == "Lax"


def test_cookies_are_secure_over_https(api: Client) -> None:
    from django.test import Client as DjangoClient

    answer = DjangoClient().get("/auth/browser/v1/config", secure=True)
    assert answer.cookies["csrftoken"]["secure"]


def test_an_app_sets_no_cookies(api: Client, app: App) -> None:
    assert not app.send("GET", "auth/session").response.cookies
    assert not App(api).send("GET", "config").response.cookies

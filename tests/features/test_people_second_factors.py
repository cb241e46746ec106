"""Second factors: an authenticator app, recovery codes and passkeys are set up, asked for, and taken away."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Stored
from django.core import mail
from django.core.cache import cache

from resources.accounts.models import Person
from tests.authenticator import Authenticator, totp
from tests.client import Client
from tests.people import PASSWORD, App, Device, device, faults, logged_in, mailed_code, pending, signed_up

ADA = "ada@example.org"
TOTP, RECOVERY, PASSKEYS = (f"account/authenticators/{name}" for name in ("totp", "recovery-codes", "webauthn"))


@pytest.fixture(params=["app", "browser"])
def ours(request: pytest.FixtureRequest, api: Client) -> Device:
    """Somebody who has signed up, and has just shown who they are."""
    found = device(api, request.param)
    signed_up(found, ADA)
    assert found.send("POST", "auth/reauthenticate", {"password": PASSWORD}).status == 200
    return found


def with_app(ours: Device) -> str:
    """Set up an authenticator app and return its secret."""
    secret = ours.send("GET", TOTP).json["meta"]["secret"]
    assert ours.send("POST", TOTP, {"code": totp(secret)}).status == 200
    cache.clear()
    return str(secret)


def stored() -> str:
    """Everything that is kept of second factors."""
    return str(list(Stored.objects.values_list("data", flat=True)))


def test_secrets_are_stored_sealed(ours: Device) -> None:
    secret = with_app(ours)
    codes = ours.send("GET", RECOVERY).json["data"]["unused_codes"]
    assert stored().count("sealed:") == 2
    assert not [known for known in (secret, *codes) if known in stored()]


def test_what_was_sealed_with_an_earlier_key_is_read_still(ours: Device, settings: Any) -> None:
    secret = with_app(ours)
    earlier, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key, of 32 characters"
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert second_step(ours.api, totp(secret)) == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert second_step(ours.api, totp(secret)) == 400, "nobody knows the code"


def test_what_was_stored_as_it_is_is_read_still(ours: Device) -> None:
    secret = with_app(ours)
    factor = Stored.objects.get(type=Stored.Type.TOTP)
    factor.data = {"secret": secret}
    factor.save()
    assert second_step(ours.api, totp(secret)) == 200


def second_step(api: Client, code: str) -> int:
    """Log in with a password and a code, and return the status of the second step."""
    cache.clear()
    app = App(api)
    assert pending(logged_in(app, ADA)) == ["mfa_authenticate"]
    return app.send("POST", "auth/2fa/authenticate", {"code": code}).status


def with_passkey(ours: Device) -> Authenticator:
    """Set up a passkey that logs in by itself."""
    passkey = Authenticator()
    options = ours.send("GET", f"{PASSKEYS}?passwordless").json["data"]["creation_options"]
    sent = {"name": "Telephone", "passwordless": True, "credential": passkey.create(options)}
    made = ours.send("POST", PASSKEYS, sent)
    assert made.status == 200
    return passkey


def test_who_has_not_just_shown_who_they_are_sets_up_nothing(api: Client) -> None:
    app = App(api)
    signed_up(app, ADA)
    for method, path, body in (("GET", PASSKEYS, None), ("POST", "account/email", {"email": "a@b.org"})):
        answer = app.send(method, path, body)
        assert answer.status == 401
        assert answer.json["type"].endswith("/problems/reauthentication-required")
        assert answer.json["data"]["flows"][0]["id"] == "reauthenticate"
    assert faults(app.send("POST", "auth/reauthenticate", {"password": "wrong"})) == [
        ("/password", "incorrect_password")
    ]


def test_an_authenticator_app_is_asked_for(ours: Device) -> None:
    missing = ours.send("GET", TOTP)
    assert missing.status == 404
    assert missing.json["meta"]["totp_url"].startswith("otpauth://totp/")
    assert "issuer=Headwater" in missing.json["meta"]["totp_url"]
    assert faults(ours.send("POST", TOTP, {"code": "000000"})) == [("/code", "incorrect_code")]
    secret = with_app(ours)
    assert ours.send("GET", TOTP).json["data"]["type"] == "totp"
    other = device(ours.api, ours.flavour)
    answer = logged_in(other, ADA)
    assert (answer.status, pending(answer)) == (401, ["mfa_authenticate"])
    assert other.client().get("/v1/trips").status == 401
    assert faults(other.send("POST", "auth/2fa/authenticate", {"code": "000000"})) == [("/code", "incorrect_code")]
    cache.clear()
    assert other.send("POST", "auth/2fa/authenticate", {"code": totp(secret)}).status == 200
    assert other.client().get("/v1/trips").status == 200


@pytest.mark.parametrize("later", [0, 31])
def test_a_code_works_once(ours: Device, monkeypatch: pytest.MonkeyPatch, later: int) -> None:
    secret = with_app(ours)
    shown, clock = totp(secret), time.time
    statuses = []
    for seconds in (0, later):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: clock() + seconds)
        other = device(ours.api, ours.flavour)
        logged_in(other, ADA)
        statuses.append(other.send("POST", "auth/2fa/authenticate", {"code": shown}).status)
    assert statuses == [200, 400]


def test_the_code_that_set_up_the_app_does_not_log_in_as_well(ours: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = ours.send("GET", TOTP).json["meta"]["secret"]
    shown, clock = totp(secret), time.time
    assert ours.send("POST", TOTP, {"code": shown}).status == 200
    other = device(ours.api, ours.flavour)
    logged_in(other, ADA)
    spaced = f"{shown[:3]} {shown[3:]}"  # people copy it as the app shows it
    refused = other.send("POST", "auth/2fa/authenticate", {"code": spaced})
    assert (refused.status, faults(refused)) == (400, [("/code", "incorrect_code")])
    monkeypatch.setattr(time, "time", lambda: clock() + 30)
    assert other.send("POST", "auth/2fa/authenticate", {"code": totp(secret)}).status == 200


def test_a_code_by_mail_does_not_go_round_the_second_factor(ours: Device) -> None:
    with_app(ours)
    other = device(ours.api, ours.flavour)
    other.send("POST", "auth/code/request", {"email": ADA})
    answer = other.send("POST", "auth/code/confirm", {"code": mailed_code(ADA)})
    assert (answer.status, pending(answer)) == (401, ["mfa_authenticate"])


def test_recovery_codes_stand_in_once_each(ours: Device) -> None:
    assert ours.send("GET", RECOVERY).status == 404
    with_app(ours)
    codes = ours.send("GET", RECOVERY).json["data"]["unused_codes"]
    assert len(set(codes)) == 10
    statuses = []
    for _ in range(2):
        other = device(ours.api, ours.flavour)
        logged_in(other, ADA)
        statuses.append(other.send("POST", "auth/2fa/authenticate", {"code": codes[0]}).status)
        cache.clear()
    assert statuses == [200, 400]
    assert ours.send("GET", RECOVERY).json["data"]["unused_code_count"] == 9
    fresh = ours.send("POST", RECOVERY).json["data"]["unused_codes"]
    assert not set(fresh) & set(codes)


def test_it_is_you_by_a_code(ours: Device) -> None:
    with_app(ours)
    assert ours.send("POST", "auth/2fa/reauthenticate", {"code": "000000"}).status == 400
    cache.clear()
    codes = ours.send("GET", RECOVERY).json["data"]["unused_codes"]
    assert ours.send("POST", "auth/2fa/reauthenticate", {"code": codes[0]}).status == 200


def test_an_authenticator_app_is_taken_away(ours: Device) -> None:
    with_app(ours)
    assert ours.send("DELETE", TOTP).status == 200
    assert ours.send("GET", "account/authenticators").json["data"] == []
    assert logged_in(device(ours.api, ours.flavour), ADA).status == 200
    assert "deactivated" in mail.outbox[-1].subject.lower()


def test_a_passkey_logs_in_by_itself(ours: Device) -> None:
    passkey = with_passkey(ours)
    (listed,) = [one for one in ours.send("GET", "account/authenticators").json["data"] if one["type"] == "webauthn"]
    assert (listed["name"], listed["is_passwordless"], listed["last_used_at"]) == ("Telephone", True, None)
    other = device(ours.api, ours.flavour)
    options = other.send("GET", "auth/webauthn/login").json["data"]["request_options"]
    answer = other.send("POST", "auth/webauthn/login", {"credential": passkey.get(options)})
    assert (answer.status, answer.json["data"]["user"]["email"]) == (200, ADA)
    assert other.client().get("/v1/trips").status == 200


def test_a_passkey_is_a_second_factor(ours: Device) -> None:
    passkey = with_passkey(ours)
    other = device(ours.api, ours.flavour)
    answer = logged_in(other, ADA)
    assert (answer.status, pending(answer)) == (401, ["mfa_authenticate"])
    options = other.send("GET", "auth/webauthn/authenticate").json["data"]["request_options"]
    assert other.send("POST", "auth/webauthn/authenticate", {"credential": passkey.get(options)}).status == 200


def test_it_is_you_by_a_passkey(ours: Device) -> None:
    passkey = with_passkey(ours)
    options = ours.send("GET", "auth/webauthn/reauthenticate").json["data"]["request_options"]
    assert ours.send("POST", "auth/webauthn/reauthenticate", {"credential": passkey.get(options)}).status == 200


def test_a_passkey_is_renamed_and_removed(ours: Device) -> None:
    with_passkey(ours)
    (listed,) = [one for one in ours.send("GET", "account/authenticators").json["data"] if one["type"] == "webauthn"]
    renamed = ours.send("PUT", PASSKEYS, {"id": listed["id"], "name": "Key ring"})
    assert (renamed.status, renamed.json["data"]["name"]) == (200, "Key ring")
    assert faults(ours.send("DELETE", PASSKEYS, {"authenticators": [listed["id"] + 1]})) == [
        ("/authenticators", "invalid_choice")
    ]
    assert ours.send("DELETE", PASSKEYS, {"authenticators": [listed["id"]]}).status == 200
    assert ours.send("GET", "account/authenticators").json["data"] == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("origin", "incorrect_code"),
        ("key", "incorrect_code"),
        ("challenge", "incorrect_code"),
        ("user", "invalid"),
        ("shape", "invalid"),
    ],
)
def test_a_passkey_that_is_not_right_is_refused(api: Client, wrong: str, code: str) -> None:
    app = App(api)
    signed_up(app, ADA)
    app.send("POST", "auth/reauthenticate", {"password": PASSWORD})
    passkey = with_passkey(app)
    other = App(api)
    options = other.send("GET", "auth/webauthn/login").json["data"]["request_options"]
    if wrong == "origin":
        passkey.origin = "https://evil.example.com"
    elif wrong == "key":
        passkey.key = Authenticator().key
    elif wrong == "user":
        passkey.user = "MTIz"
    elif wrong == "challenge":
        options = App(api).send("GET", "auth/webauthn/login").json["data"]["request_options"]
    credential = {"id": "x"} if wrong == "shape" else passkey.get(options)
    answer = other.send("POST", "auth/webauthn/login", {"credential": credential})
    assert (answer.status, faults(answer)) == (400, [("/credential", code)])
    assert other.client().get("/v1/trips").status == 401


@pytest.mark.parametrize(
    "odd", [{}, {"id": 1}, {"response": 3}, {"response": {"userHandle": 3}}, {"rawId": "é", "id": []}]
)
@pytest.mark.parametrize("path", ["auth/webauthn/login", PASSKEYS])
def test_credentials_that_are_none_are_never_a_fault(api: Client, path: str, odd: object) -> None:
    app = App(api)
    signed_up(app, ADA)
    app.send("POST", "auth/reauthenticate", {"password": PASSWORD})
    app.send("GET", path)
    assert app.send("POST", path, {"credential": odd}).status == 400


def test_second_factors_go_with_their_person(ours: Device) -> None:
    with_app(ours)
    Person.objects.all().delete()
    assert ours.send("GET", "account/authenticators").status == 401

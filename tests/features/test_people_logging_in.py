"""People sign up with their address, show that it is theirs by a code, log in and log out: apps and browsers alike."""

import json
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache

from api.core.people.input_checks import MOST_BYTES
from resources.accounts.models import Person
from tests.client import Client
from tests.people import PASSWORD, App, Device, device, faults, logged_in, mailed_code, pending, signed_up

ADA = "ada@example.org"


@pytest.fixture(params=["app", "browser"])
def ours(request: pytest.FixtureRequest, api: Client) -> Device:
    return device(api, request.param)


def test_signing_up_waits_for_the_code_that_was_mailed(ours: Device) -> None:
    answer = ours.send("POST", "auth/signup", {"email": ADA, "password": PASSWORD})
    assert (answer.status, pending(answer)) == (401, ["verify_email"])
    assert answer.json["type"].endswith("/problems/authentication-pending")
    assert Person.objects.get().is_active
    assert ours.client().get("/v1/trips").status == 401
    cache.clear()  # as if ten seconds had passed: a log-in mails a code, too
    assert pending(logged_in(device(ours.api, ours.flavour), ADA)) == ["verify_email"]
    mail.outbox.pop()
    answer = ours.send("POST", "auth/email/verify", {"key": mailed_code(ADA)})
    assert (answer.status, answer.json["data"]["user"]["email"]) == (200, ADA)
    assert ours.client().get("/v1/trips").status == 200


def test_a_wrong_code_is_refused_and_the_third_ends_it(ours: Device) -> None:
    ours.send("POST", "auth/signup", {"email": ADA, "password": PASSWORD})
    code = mailed_code(ADA)
    for _ in range(3):
        answer = ours.send("POST", "auth/email/verify", {"key": "XXXX-XXXX"})
        assert (answer.status, faults(answer)) == (400, [("/key", "incorrect_code")])
    answer = ours.send("POST", "auth/email/verify", {"key": code})
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (409, "conflict")


def test_a_code_can_be_looked_at_and_mailed_again(ours: Device) -> None:
    ours.send("POST", "auth/signup", {"email": ADA, "password": PASSWORD})
    header = {"X-Email-Verification-Key": mailed_code(ADA)}
    shown = ours.send("GET", "auth/email/verify", headers=header)
    assert (shown.json["data"]["email"], shown.json["meta"]["is_authenticating"]) == (ADA, True)
    answer = ours.send("POST", "auth/email/verify/resend")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")


def test_logging_in_and_out(ours: Device) -> None:
    signed_up(ours, ADA)
    assert ours.send("DELETE", "auth/session").status == 204
    assert ours.client().get("/v1/trips").status == 401
    ours = device(ours.api, ours.flavour)
    answer = logged_in(ours, ADA)
    assert answer.status == 200
    assert [method["method"] for method in answer.json["data"]["methods"]] == ["password"]
    assert ours.send("GET", "auth/session").json["data"]["user"]["id"] == str(Person.objects.get().id)
    assert ours.client().get("/v1/trips").status == 200
    assert logged_in(ours, ADA).status == 409


def test_the_address_is_one_in_any_case(ours: Device) -> None:
    signed_up(ours, "Ada@Example.ORG")
    assert logged_in(device(ours.api, ours.flavour), "aDA@example.org").status == 200


def test_who_was_made_by_an_operator_logs_in_after_showing_the_address(ours: Device) -> None:
    Person.objects.create_user(ADA, PASSWORD)
    answer = logged_in(ours, ADA)
    assert (answer.status, pending(answer)) == (401, ["verify_email"])
    assert ours.send("POST", "auth/email/verify", {"key": mailed_code(ADA)}).status == 200


def test_a_code_by_mail_logs_in(ours: Device) -> None:
    signed_up(ours, ADA)
    ours = device(ours.api, ours.flavour)
    answer = ours.send("POST", "auth/code/request", {"email": ADA})
    assert (answer.status, pending(answer)) == (401, ["login_by_code"])
    assert faults(ours.send("POST", "auth/code/confirm", {"code": "XXXX-XXXX"})) == [("/code", "incorrect_code")]
    assert ours.send("POST", "auth/code/resend").status == 200
    assert ours.send("POST", "auth/code/confirm", {"code": mailed_code(ADA)}).status == 200
    assert ours.client().get("/v1/trips").status == 200


def test_a_code_is_no_use_to_another_device(ours: Device) -> None:
    signed_up(ours, ADA)
    device(ours.api, ours.flavour).send("POST", "auth/code/request", {"email": ADA})
    other = device(ours.api, ours.flavour)
    assert other.send("POST", "auth/code/confirm", {"code": mailed_code(ADA)}).status == 409


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": ADA}, [("/password", "required")]),
        ({"email": "nobody", "password": PASSWORD}, [("/email", "invalid")]),
        ({"email": ADA, "password": "short"}, [("/password", "password_too_short")]),
        ({"email": ADA, "password": "8305618274650"}, [("/password", "password_entirely_numeric")]),
        ({"email": ADA, "password": PASSWORD, "name": "Ada"}, [("/name", "unknown")]),
        ({"email": ADA, "password": PASSWORD, "username": "ada"}, [("/username", "unknown")]),
        ({"email": ADA, "password": PASSWORD, "is_staff": True}, [("/is_staff", "unknown")]),
        ({"email": [ADA], "password": 12345678901234}, [("/email", "invalid"), ("/password", "invalid")]),
        ({"email": None, "password": PASSWORD}, [("/email", "invalid")]),
        ([], [("", "invalid")]),
        ("ada", [("", "invalid")]),
    ],
)
def test_what_is_wrong_is_said_as_everywhere(ours: Device, body: Any, expected: list[tuple[str, str]]) -> None:
    answer = ours.send("POST", "auth/signup", body)
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (400, "invalid-body")
    assert faults(answer) == expected
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("POST", "auth/login", {"body": b"{"}, 400),
        ("POST", "auth/login", {"body": b'{"email": "\\u0000"}'}, 400),
        ("POST", "auth/login", {"body": b"email=ada", "content_type": "application/x-www-form-urlencoded"}, 415),
        ("POST", "auth/login?next=/", {"body": {"email": ADA, "password": PASSWORD}}, 400),
        ("GET", "auth/session?x=1", {}, 400),
        ("GET", "auth/login", {}, 405),
        ("PATCH", "auth/session", {"body": {}}, 405),
        ("GET", "account/phone", {}, 404),
        ("POST", "auth/phone/verify", {"body": {}}, 404),
        ("GET", "auth/provider/redirect", {}, 404),
        ("POST", "auth/code/confirm", {"body": {"code": "A"}}, 409),
        ("POST", "auth/2fa/authenticate", {"body": {"code": "123456"}}, 401),
        ("DELETE", "auth/sessions", {"body": {"sessions": ["a"]}}, 400),
        ("DELETE", "auth/sessions", {"body": {"sessions": [1]}}, 401),
    ],
)
def test_nothing_is_passed_over(ours: Device, method: str, path: str, sent: Any, status: int) -> None:
    assert ours.send(method, path, **sent).status == status


@pytest.mark.parametrize(("path", "allowed"), [("auth/login", "POST"), ("auth/session", "GET, HEAD, DELETE")])
def test_head_and_options_work_as_everywhere(ours: Device, path: str, allowed: str) -> None:
    answer = ours.send("OPTIONS", path)
    assert (answer.status, answer.headers["Allow"]) == (204, f"{allowed}, OPTIONS")
    assert ours.send("HEAD", "auth/session").status == 401
    assert ours.send("HEAD", "config").status == 200


def test_a_session_token_that_is_unknown_is_gone(api: Client) -> None:
    for token in ("x", "", "a" * 5000, "\x7f"):
        answer = App(api, token).send("GET", "auth/session")
        assert answer.status == (401 if token == "" else 410)


def test_mail_goes_to_who_is_meant_and_names_the_server(ours: Device) -> None:
    ours.send("POST", "auth/signup", {"email": ADA, "password": PASSWORD})
    (letter,) = mail.outbox
    assert (letter.to, letter.from_email) == ([ADA], "no-reply@localhost")
    assert letter.subject.startswith("[Headwater] ")
    assert PASSWORD not in letter.body


def test_a_body_has_a_few_kilobytes(ours: Device) -> None:
    body = json.dumps({"email": ADA, "password": PASSWORD}).encode()
    signed_up(device(ours.api, ours.flavour), ADA)
    assert ours.send("POST", "auth/login", body + b" " * (MOST_BYTES - len(body))).status == 200
    answer = ours.send("POST", "auth/code/request", body + b" " * (MOST_BYTES - len(body) + 1))
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (413, "content-too-large")
    assert str(MOST_BYTES) in answer.json["detail"]


def test_faults_are_told_up_to_a_thousand(ours: Device) -> None:
    body = {f"{number:x}": 1 for number in range(1200)}
    answer = ours.send("POST", "auth/login", body)
    assert (answer.status, len(answer.json["errors"])) == (400, 1000)


def test_the_nearest_name_is_looked_for_a_few_times(ours: Device) -> None:
    answer = ours.send("POST", "auth/login", {f"passwor{number:x}": 1 for number in range(20)})
    assert sum("Did you mean 'password'?" in fault["detail"] for fault in answer.json["errors"]) == 10

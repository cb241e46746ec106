"""Nobody learns whether an address has an account: not from an answer, and not from how long it takes."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache

from api.core.settings import passwords
from resources.accounts.models import Person
from tests.client import Answer, Client
from tests.people import PASSWORD, App, Device, device, pending, signed_up

KNOWN, UNKNOWN = "ada@example.org", "nobody@example.org"
WAYS: dict[str, Callable[[Device, str], Answer]] = {
    "login": lambda ours, email: ours.send("POST", "auth/login", {"email": email, "password": "wrong password"}),
    "signup": lambda ours, email: ours.send("POST", "auth/signup", {"email": email, "password": PASSWORD}),
    "code": lambda ours, email: ours.send("POST", "auth/code/request", {"email": email}),
    "reset": lambda ours, email: ours.send("POST", "auth/password/request", {"email": email}),
}


def told(answer: Answer) -> Any:
    """What an answer says, but for what differs each time."""
    said = answer.json | {"instance": None}
    said["meta"] = sorted(said.get("meta", ()))
    return answer.status, said


@pytest.mark.parametrize("flavour", ["app", "browser"])
@pytest.mark.parametrize("way", WAYS)
def test_the_answer_is_the_same(api: Client, flavour: str, way: str) -> None:
    signed_up(App(api), KNOWN)
    answers = []
    for email in (KNOWN, UNKNOWN):
        cache.clear()
        answers.append(told(WAYS[way](device(api, flavour), email)))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("way", WAYS)
def test_the_time_is_about_the_same(api: Client, way: str, settings: Any) -> None:
    """Argon2 takes tens of milliseconds: an answer that leaves it out, or does it twice, would be told by that."""
    settings.PASSWORD_HASHERS = passwords.HASHERS
    signed_up(App(api), KNOWN)
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for turn in range(7):
        for email in (KNOWN, UNKNOWN):
            cache.clear()
            asked = f"{turn}{email}" if email == UNKNOWN else email
            begun = time.process_time()
            WAYS[way](App(api.unchecked()), asked)  # checking would take its own time
            took[email].append(time.process_time() - begun)
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown, 0.02), took


def test_the_owner_of_the_address_is_told_by_mail(api: Client) -> None:
    signed_up(App(api), KNOWN)
    cache.clear()
    answer = WAYS["signup"](App(api), KNOWN)
    assert pending(answer) == ["verify_email"]
    assert Person.objects.count() == 1
    assert mail.outbox[-1].to == [KNOWN]
    assert "already exists" in mail.outbox[-1].body


def test_nobody_is_verified_by_signing_up_again(api: Client) -> None:
    signed_up(App(api), KNOWN)
    cache.clear()
    thief = App(api)
    WAYS["signup"](thief, KNOWN)
    for key in ("", "0", "XXXX-XXXX"):  # a third wrong one ends it
        assert thief.send("POST", "auth/email/verify", {"key": key}).status == 400
    assert thief.client().get("/v1/trips").status == 401


def test_tries_are_limited_for_each_account(api: Client) -> None:
    signed_up(App(api), KNOWN)
    statuses = [WAYS["login"](App(api), KNOWN).status for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    answer = App(api).send("POST", "auth/login", {"email": KNOWN, "password": PASSWORD})
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (429, "too-many-requests")
    assert int(answer.headers["Retry-After"]) > 0
    cache.clear()
    assert App(api).send("POST", "auth/login", {"email": KNOWN, "password": PASSWORD}).status == 200


def test_an_unknown_address_is_limited_alike(api: Client) -> None:
    assert [WAYS["login"](App(api), UNKNOWN).status for _ in range(6)] == [400] * 5 + [429]


def test_somebody_without_a_password_is_no_other(api: Client) -> None:
    Person.objects.create_user(KNOWN)
    answers = [told(WAYS["login"](App(api), email)) for email in (KNOWN, UNKNOWN)]
    assert answers[0] == answers[1]

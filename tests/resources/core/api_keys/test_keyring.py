"""The keyring: valid keys without a query, whatever has changed within a second."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from resources.accounts.models import Person
from resources.core.api_keys import keyring
from resources.core.api_keys.keyring import TRUSTED_FOR, Keyring
from resources.core.api_keys.models import digest, new_secret
from resources.core.models import ApiKey


@pytest.fixture
def owner(db):
    return Person.objects.create_user("ada@example.org")


@pytest.fixture
def secret(owner):
    return ApiKey.objects.issue(owner)


class Clock:
    """Stands in the place of `time` for the keyring: only what a test lets pass goes by, however busy the machine.

    Attributes:
        passed: seconds that have gone by.
        later: seconds by which the date is another.
    """

    def __init__(self) -> None:
        self.passed, self.later = time.monotonic(), 0.0

    def monotonic(self) -> float:
        self.passed += 1e-6  # what happens later, happens later
        return self.passed

    def time(self) -> float:
        return time.time() + self.later

    def let_trust_pass(self) -> None:
        self.passed += TRUSTED_FOR + 0.01


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keyring, "time", clock)
    return clock


def test_the_first_use_is_a_query_and_those_after_it_are_none(secret, django_assert_num_queries):
    ring = Keyring()
    assert ring.recall(secret) is None
    with django_assert_num_queries(1):
        actor = ring.actor(secret)
    with django_assert_num_queries(0):
        assert ring.actor(secret) is ring.recall(secret) is actor


def test_an_unknown_key_is_asked_about_each_time_and_not_kept(db, django_assert_num_queries):
    ring, secret = Keyring(), new_secret()
    with django_assert_num_queries(2):
        assert ring.actor(secret) is ring.actor(secret) is None
    assert not ring._keys


def test_all_keys_in_use_are_asked_about_at_once(owner, clock, django_assert_num_queries):
    ring, secrets = Keyring(), [ApiKey.objects.issue(owner) for _ in range(20)]
    for secret in secrets:
        assert ring.actor(secret)
    clock.let_trust_pass()
    with django_assert_num_queries(1):
        assert all(ring.actor(secret) for secret in secrets)


CHANGES = {
    "its key is deleted": "DELETE FROM headwater_apikey WHERE digest = %s",
    "its owner is kept out": "UPDATE accounts_person SET is_active = false WHERE %s <> ''",
    "its key has run out": "UPDATE headwater_apikey SET expires_at = '2020-01-01 00:00:00+00:00' WHERE digest = %s",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_another_program_has_changed_is_known_within_a_second(secret, clock, change):
    ring = Keyring()
    assert ring.actor(secret)
    with connection.cursor() as cursor:
        cursor.execute(change, [digest(secret)])
    clock.let_trust_pass()
    assert ring.actor(secret) is None


def test_a_change_of_what_the_owner_is_counts_too(secret, owner, clock):
    ring = Keyring()
    assert not ring.actor(secret).is_staff
    Person.objects.filter(pk=owner.pk).update(is_staff=True)
    clock.let_trust_pass()
    assert ring.actor(secret).is_staff


@pytest.mark.parametrize("change", ["delete", "deactivate", "narrow"])
def test_what_this_process_saves_counts_at_once(secret, owner, change):
    assert keyring.KEYRING.actor(secret).scopes == {"*"}
    if change == "delete":
        owner.api_keys.all().delete()
    elif change == "deactivate":
        owner.is_active = False
        owner.save()
    else:
        owner.api_keys.get().delete()
        ApiKey.objects.create(owner=owner, digest=digest(secret), scopes=["trips:read"])
    actor = keyring.KEYRING.actor(secret)
    assert actor is None if change != "narrow" else actor.scopes == {"trips:read"}


def test_a_change_while_the_database_is_asked_refuses_nobody(secret, monkeypatch):
    """The answer counts for the request that asked, though the next one asks again."""
    ring, ask = Keyring(), Keyring._ask

    def asked_and_changed(self, names):
        found = ask(self, names)
        self.forget()
        return found

    monkeypatch.setattr(Keyring, "_ask", asked_and_changed)
    assert ring.actor(secret)
    assert ring.recall(secret) is None


@pytest.mark.parametrize(("seconds", "works"), [(-3600, False), (0, False), (3600, True), (None, True)])
def test_a_key_runs_out(owner, seconds, works):
    expiry = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    secret = ApiKey.objects.issue(owner, expires_at=expiry)
    assert (Keyring().actor(secret) is not None) == works


def test_a_key_runs_out_in_memory_too(owner, clock, django_assert_num_queries):
    secret, ring = ApiKey.objects.issue(owner, expires_at=timezone.now() + timedelta(hours=1)), Keyring()
    assert ring.actor(secret)
    clock.later += 3600
    with django_assert_num_queries(0):
        assert ring.recall(secret) is None
    assert ring.actor(secret) is None


def test_it_is_bounded(owner, monkeypatch):
    monkeypatch.setattr(keyring, "MOST_KEYS", 3)
    ring, secrets = Keyring(), [ApiKey.objects.issue(owner) for _ in range(5)]
    assert all(ring.actor(secret) for secret in secrets)
    assert len(ring._keys) == 3


@pytest.mark.django_db(transaction=True)
def test_threads_share_it(clock):
    owner = Person.objects.create_user("ada@example.org")
    ring, secrets, wrong = Keyring(), [ApiKey.objects.issue(owner) for _ in range(4)], []

    def use(number: int) -> None:
        for turn in range(200):
            wrong.extend(secret for secret in secrets if ring.actor(secret) is None)
            if number == 0:
                ring.forget() if turn % 2 else clock.let_trust_pass()
        connection.close()

    threads = [threading.Thread(target=use, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_it_is_renewed_before_anybody_has_to_wait(owner, clock, django_assert_num_queries):
    ring, secrets = Keyring(), [ApiKey.objects.issue(owner) for _ in range(3)]
    assert all(ring.actor(secret) for secret in secrets)
    with django_assert_num_queries(1):
        ring.renew()
        ring.renew()
    asked = ring._keys[digest(secrets[0])].checked_at
    clock.passed += TRUSTED_FOR / 2
    with django_assert_num_queries(1):
        ring.renew()
    clock.passed += TRUSTED_FOR / 2
    with django_assert_num_queries(0):
        assert all(ring.recall(secret) for secret in secrets)
    assert ring._keys[digest(secrets[0])].checked_at > asked


def test_a_database_that_is_away_is_met_by_whoever_must_ask(secret, monkeypatch):
    ring = Keyring()
    assert ring.actor(secret)

    def away(self, names):
        raise OperationalError("away")

    monkeypatch.setattr(Keyring, "_ask", away)
    ring.renew()
    assert ring.recall(secret)

"""API keys: recognisable, stored as a hash, and good only while they and their owner are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from resources.accounts.models import Person
from resources.core.apikeys import digest, is_well_formed, new_secret
from resources.core.models import ApiKey

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def owner(db):
    return Person.objects.create_user("ada@example.org")


def test_a_secret_says_what_it_is():
    secret = new_secret()
    assert secret.startswith("hw_")
    assert len(secret) == 52
    assert set(secret[3:]) <= set(LETTERS)
    assert is_well_formed(secret)


def test_secrets_differ():
    assert len({new_secret() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: "",
        lambda secret: "hw_",
        lambda secret: secret[:-1],
        lambda secret: secret + "0",
        lambda secret: secret.replace("hw_", "ab_"),
        lambda secret: secret.swapcase(),
        lambda secret: secret[:10] + ("A" if secret[10] != "A" else "B") + secret[11:],
        lambda secret: secret[:10] + "é" + secret[11:],
        lambda secret: secret[:10] + "\0" + secret[11:],
        lambda secret: secret[:10] + secret[11] + secret[10] + secret[12:] if secret[10] != secret[11] else "",
    ],
)
def test_a_mistyped_secret_is_refused_without_a_query(change, django_assert_num_queries, owner):
    secret = change(ApiKey.objects.issue(owner))
    assert not is_well_formed(secret)
    with django_assert_num_queries(0):
        assert ApiKey.objects.find(secret) is None


def test_a_key_acts_for_its_owner(owner):
    key = ApiKey.objects.find(ApiKey.objects.issue(owner, name="laptop", scopes=["trips:read"]))
    assert key.actor.id == owner.id
    assert key.actor.key == key.id
    assert key.actor.has_scope("trips:read")
    assert not key.actor.has_scope("trips:write")
    assert not key.actor.is_staff
    assert not key.actor.anonymous
    assert str(key) == "laptop"


def test_finding_a_key_is_one_query(owner, django_assert_num_queries):
    secret = ApiKey.objects.issue(owner)
    with django_assert_num_queries(1):
        assert ApiKey.objects.find(secret).owner == owner


def test_the_secret_is_stored_nowhere(owner):
    secret = ApiKey.objects.issue(owner, name="laptop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_apikey")
        row = str(cursor.fetchone())
    assert digest(secret) in row
    assert secret not in row
    assert secret[3:-6] not in row


def test_an_unknown_key_is_none(owner):
    assert ApiKey.objects.find(new_secret()) is None


@pytest.mark.parametrize(("hours", "works"), [(-1, False), (0, False), (1, True), (None, True)])
def test_a_key_runs_out(owner, hours, works):
    expiry = None if hours is None else timezone.now() + timedelta(hours=hours)
    secret = ApiKey.objects.issue(owner, expires_at=expiry)
    assert (ApiKey.objects.find(secret) is not None) == works


def test_the_keys_of_an_inactive_person_stop_working(owner):
    secret = ApiKey.objects.issue(owner)
    owner.is_active = False
    owner.save()
    assert ApiKey.objects.find(secret) is None


def test_a_revoked_key_stops_working(owner):
    secret = ApiKey.objects.issue(owner)
    owner.api_keys.all().delete()
    assert ApiKey.objects.find(secret) is None


@pytest.mark.parametrize("scopes", [[], ["trips"], ["trips:read", "all"], [""]])
def test_scopes_that_are_none_are_refused(owner, scopes):
    with pytest.raises(ValueError, match="are not scopes; write them as `trips:read`"):
        ApiKey.objects.issue(owner, scopes=scopes)
    assert not ApiKey.objects.exists()

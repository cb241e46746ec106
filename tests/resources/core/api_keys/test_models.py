"""API keys: recognisable, stored as a hash, and good only while they and their owner are."""

import pytest
from django.db import connection

from resources.accounts.models import Person
from resources.core.api_keys.keyring import Keyring
from resources.core.api_keys.models import digest, is_well_formed, new_secret
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
        assert Keyring().actor(secret) is None


def test_a_key_acts_for_its_owner(owner):
    actor = Keyring().actor(ApiKey.objects.issue(owner, name="laptop", scopes=["trips:read"]))
    key = ApiKey.objects.get()
    assert actor == key.actor
    assert actor.id == owner.id
    assert actor.key == key.id
    assert actor.has_scope("trips:read")
    assert not actor.has_scope("trips:write")
    assert not actor.is_staff
    assert not actor.anonymous
    assert str(key) == "laptop"


def test_the_secret_is_stored_nowhere(owner):
    secret = ApiKey.objects.issue(owner, name="laptop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM headwater_apikey")
        row = str(cursor.fetchone())
    assert digest(secret) in row
    assert secret not in row
    assert secret[3:-6] not in row


@pytest.mark.parametrize("scopes", [[], ["trips"], ["trips:read", "all"], [""]])
def test_scopes_that_are_none_are_refused(owner, scopes):
    with pytest.raises(ValueError, match="are not scopes; write them as `trips:read`"):
        ApiKey.objects.issue(owner, scopes=scopes)
    assert not ApiKey.objects.exists()

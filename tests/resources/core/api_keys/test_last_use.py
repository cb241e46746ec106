"""When a key was last used: noted by every use, written all at once, never lost."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from resources.accounts.models import Person
from resources.core.api_keys import last_use
from resources.core.api_keys.keyring import KEYRING
from resources.core.api_keys.last_use import LAST_USES, LastUses
from resources.core.api_keys.models import ApiKey


@pytest.fixture
def key(db):
    owner = Person.objects.create_user("ada@example.org")
    ApiKey.objects.issue(owner)
    return ApiKey.objects.get()


def test_it_works(key):
    secret, before = ApiKey.objects.issue(key.owner), timezone.now()
    KEYRING.actor(secret)
    other = ApiKey.objects.exclude(pk=key.pk)
    assert other.get().last_used_at is None
    LAST_USES.write()
    assert before <= other.get().last_used_at <= timezone.now()
    assert ApiKey.objects.get(pk=key.pk).last_used_at is None


def test_a_use_is_no_change_of_the_row(key):
    uses = LastUses()
    uses.note(key.pk)
    uses.write()
    after = ApiKey.objects.get()
    assert (after.revision, after.updated_at) == (key.revision, key.updated_at)


def test_many_uses_are_one_write(key, django_assert_max_num_queries):
    uses = LastUses()
    for _ in range(1000):
        uses.note(key.pk)
    with django_assert_max_num_queries(3):  # the update, between a savepoint and its release
        uses.write()
    with django_assert_max_num_queries(0):
        uses.write()


def test_a_later_use_that_another_process_wrote_stays(key):
    later = timezone.now() + timedelta(minutes=5)
    ApiKey.objects.update(last_used_at=later)
    uses = LastUses()
    uses.note(key.pk)
    uses.write()
    assert ApiKey.objects.get().last_used_at == later


def test_what_cannot_be_written_is_written_later(key, monkeypatch):
    uses = LastUses()
    uses.note(key.pk)
    noted = time.time()

    def fail(noted):
        raise DatabaseError("away")

    with monkeypatch.context() as patch:
        patch.setattr(last_use, "_write", fail)
        with pytest.raises(DatabaseError):
            uses.write()
    uses.write()
    assert ApiKey.objects.get().last_used_at <= datetime.fromtimestamp(noted, UTC)


def test_a_key_that_is_gone_is_no_fault(key):
    uses = LastUses()
    uses.note(key.pk)
    key.delete()
    uses.write()

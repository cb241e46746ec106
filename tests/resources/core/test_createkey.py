"""`manage.py createkey`: a key on standard output, and nothing else."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from resources.accounts.models import Person
from resources.core.api_keys.keyring import Keyring
from resources.core.api_keys.models import digest, is_well_formed
from resources.core.models import ApiKey
from tests.databases import ROOT, manage

pytestmark = pytest.mark.django_db
EMAIL = "ada@example.org"


@pytest.fixture
def createkey(capsys):
    def run(*arguments):
        call_command("createkey", *arguments)
        out, err = capsys.readouterr()
        assert err == ""
        assert out.endswith("\n")
        return out.removesuffix("\n")

    return run


def test_it_works(createkey):
    secret = createkey(EMAIL)
    assert is_well_formed(secret)
    person = Person.objects.get(email=EMAIL)
    assert Keyring().actor(secret).id == person.id
    assert not person.has_usable_password()
    assert not person.is_staff


def test_it_works_as_a_process(new_database):
    assert is_well_formed(manage(new_database(), "createkey", EMAIL).removesuffix("\n"))


def test_everything_is_allowed_when_no_scope_is_given(createkey):
    assert Keyring().actor(createkey(EMAIL)).scopes == {"*"}


def test_scopes_are_those_given(createkey):
    secret = createkey(EMAIL, "--scope", "trips:read", "--scope", "trips:write", "--scope", "trips:read")
    assert Keyring().actor(secret).scopes == {"trips:read", "trips:write"}


def test_a_key_runs_out_when_it_is_told_to(createkey):
    createkey(EMAIL, "--days", "90")
    key = ApiKey.objects.get()
    assert abs(key.expires_at - key.created_at - timedelta(days=90)) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "0", "-1", "soon", "1.5", "36501", "9" * 30])
def test_days_that_are_none_are_refused(createkey, text):
    with pytest.raises(CommandError, match="is not a number of days"):
        createkey(EMAIL, f"--days={text}")


@pytest.mark.parametrize("text", ["", "trips", "trips:", ":read", "trips:Delete", "Trips:read", "trips:read ", "**"])
def test_a_scope_that_is_none_is_refused(createkey, text):
    with pytest.raises(CommandError, match="is not a scope; write one as trips:read"):
        createkey(EMAIL, "--scope", text)
    assert not Person.objects.exists()


@pytest.mark.parametrize("text", ["", "ada", "ada@", "ada@example.org\0"])
def test_an_address_that_is_none_is_refused(createkey, text):
    with pytest.raises(CommandError, match="is not an e-mail address"):
        createkey(text)


def test_the_person_is_found_in_any_case(createkey):
    person = Person.objects.create_user(EMAIL, "secret")
    assert Keyring().actor(createkey("ADA@Example.org")).id == person.id
    person.refresh_from_db()
    assert person.has_usable_password()


def test_staff_is_made_and_never_unmade(createkey):
    assert Keyring().actor(createkey(EMAIL, "--staff")).is_staff
    assert Keyring().actor(createkey(EMAIL)).is_staff


def test_an_existing_person_becomes_staff(createkey):
    Person.objects.create_user(EMAIL)
    assert Keyring().actor(createkey(EMAIL, "--staff")).is_staff


def test_an_inactive_person_gets_none(createkey):
    Person.objects.create_user(EMAIL, is_active=False)
    with pytest.raises(CommandError, match="is not active"):
        createkey(EMAIL)


def test_keys_add_up(createkey):
    first, second = createkey(EMAIL), createkey(EMAIL)
    assert Keyring().actor(first)
    assert Keyring().actor(second)


def test_a_replaced_key_stops_working(createkey):
    other = createkey(EMAIL)
    first, second = createkey(EMAIL, "--replace", "admin"), createkey(EMAIL, "--replace", "admin")
    assert Keyring().actor(first) is None
    assert ApiKey.objects.get(digest=digest(second)).name == "admin"
    assert Keyring().actor(other)


def test_a_key_of_that_name_of_somebody_else_stays(createkey):
    theirs = createkey("bob@example.org", "--replace", "admin")
    createkey(EMAIL, "--replace", "admin")
    assert Keyring().actor(theirs)


WITH_USER_NAMES = """
import django
from django.core.management import CommandError, call_command

django.setup()
call_command("migrate", verbosity=0, skip_checks=True)
from django.contrib.auth.models import User
from resources.core.models import ApiKey

ada = User.objects.create_user("ada", "ada@example.org")
for address in ("ADA@example.org", "bob@example.org", "bob@example.org"):
    call_command("createkey", address)
owners = ApiKey.objects.order_by("created_at").values_list("owner__username", flat=True)
assert list(owners) == ["ada", "bob@example.org", "bob@example.org"]
assert User.objects.get(username="bob@example.org").email == "bob@example.org"
User.objects.create_user("eve", "ada@example.org")
try:
    call_command("createkey", "ada@example.org")
except CommandError as error:
    print(error)
"""


def test_where_people_log_in_by_a_user_name_they_are_found_by_their_address(tmp_path):
    own = {"DJANGO_SETTINGS_MODULE": "tests.specimens.usernames", "DATABASE_URL": f"sqlite:///{tmp_path}/own.sqlite3"}
    done = subprocess.run(
        [sys.executable, "-c", WITH_USER_NAMES], env=os.environ | own, capture_output=True, text=True, cwd=ROOT
    )
    assert "Several people have the address ada@example.org" in done.stdout, done.stderr

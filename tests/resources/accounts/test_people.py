"""People: one address is one person's, in whatever case it is written."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from resources.accounts.models import Person
from tests.threads import together

pytestmark = pytest.mark.django_db


def test_it_works():
    person = Person.objects.create_user("Ada@Example.ORG", "correct horse", name="Ada")
    assert (person.email, str(person)) == ("ada@example.org", "ada@example.org")
    assert person.id.version == 7
    assert person.revision == 1
    assert authenticate(username="Ada@example.org", password="correct horse") == person


def test_a_person_logs_in_with_the_address_in_any_case():
    person = Person.objects.create_user("ada@example.org", "correct horse")
    assert authenticate(username="ADA@EXAMPLE.ORG", password="correct horse") == person
    assert authenticate(username="ada@example.org", password="wrong horse") is None


def test_a_person_without_a_password_logs_in_with_none():
    person = Person.objects.create_user("ada@example.org")
    assert not person.has_usable_password()
    assert authenticate(username="ada@example.org", password="") is None


@pytest.mark.parametrize("same", ["ada@example.org", "ADA@example.org"])
def test_an_address_is_taken_in_any_case(same):
    Person.objects.create_user("ada@example.org")
    with pytest.raises(IntegrityError):
        Person.objects.create_user(same)


@pytest.mark.parametrize("address", ["éva@example.org", "ÉVA@example.org"])
def test_an_address_with_accents_finds_its_person(address):
    person = Person.objects.create_user(address)
    assert Person.objects.get_by_natural_key(address) == person


@pytest.mark.parametrize("address", [None, "", "nobody@example.org", "%@example.org"])
def test_an_unknown_address_is_nobodys(address):
    Person.objects.create_user("ada@example.org")
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get_by_natural_key(address)


def test_an_address_must_be_one():
    with pytest.raises(ValidationError) as caught:
        Person(email="ada").full_clean(exclude=["password"])
    assert list(caught.value.message_dict) == ["email"]


def test_a_superuser_runs_this_installation():
    person = Person.objects.create_superuser("root@example.org")
    assert person.is_staff
    assert person.is_superuser


@pytest.mark.django_db(transaction=True)
def test_an_address_goes_to_one_of_two_who_ask_at_once():
    answers = together(
        lambda: Person.objects.create_user("ada@example.org"), lambda: Person.objects.create_user("Ada@example.org")
    )
    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [IntegrityError]
    assert Person.objects.count() == 1

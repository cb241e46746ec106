"""A policy's answer as a tree: what each rule says, and which of them decide."""

from dataclasses import dataclass

import pytest
from django.db.models import Q

from resources.core.access.decision import decide, text_of
from resources.core.actor import ANONYMOUS, Actor
from resources.core.policy import (
    ALL,
    NONE,
    Asks,
    Policy,
    anyone,
    authenticated,
    member,
    owner,
    read,
    scope,
    staff,
    write,
)
from resources.core.uuids import uuid7

PERSON = Actor(id=uuid7(), scopes=frozenset("*"))
STAFF = Actor(id=uuid7(), is_staff=True, scopes=frozenset("*"))
KEY = Actor(id=uuid7(), scopes=frozenset({"trips:read"}), key=uuid7())
WRITE = 'write(member("members", roles=["editor"]))'
TRIPS = read(member("members")) | write(member("members", roles=["editor"])) | owner("owner")


def is_lucky(actor):
    return True


class Weather(Policy):
    def rows(self, verb, actor):
        return ALL


@dataclass(frozen=True)
class Named(Policy):
    name: str

    def rows(self, verb, actor):
        return Q(name=self.name)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (anyone, "anyone"),
        (~staff, "~staff"),
        (authenticated & ~(staff | scope("trips:costs")), 'authenticated & ~(staff | scope("trips:costs"))'),
        ((staff | owner("owner")) & authenticated, '(staff | owner("owner")) & authenticated'),
        (staff | owner("owner") & authenticated, 'staff | owner("owner") & authenticated'),
        (TRIPS, 'read(member("members")) | write(member("members", roles=["editor"])) | owner("owner")'),
        (member("crew", person="sailor", roles=[]), 'member("crew", roles=[], person="sailor")'),
        (Asks(is_lucky), "Asks(is_lucky)"),
        (Weather(), "Weather()"),
        (Named("x") & staff, "Named(name='x') & staff"),
    ],
)
def test_rules_are_written_as_they_are_declared(rule, words):
    assert text_of(rule) == words


@pytest.mark.parametrize(
    ("rule", "verb", "actor", "rows", "because"),
    [
        (read(anyone) | write(staff), "read", ANONYMOUS, "all", ("anyone",)),
        (read(anyone) | write(staff), "update", PERSON, "none", ("read(anyone)", "staff")),
        (read(anyone) | write(staff), "update", STAFF, "all", ("staff",)),
        (TRIPS, "read", PERSON, "some", ('member("members")', 'owner("owner")')),
        (TRIPS, "read", ANONYMOUS, "none", ('member("members")', WRITE, 'owner("owner")')),
        (staff & scope("trips:costs"), "read", PERSON, "none", ("staff",)),
        (authenticated & scope("trips:costs"), "read", KEY, "none", ('scope("trips:costs")',)),
        (authenticated & ~staff, "read", STAFF, "none", ("~staff",)),
        (~owner("owner"), "read", PERSON, "some", ('~owner("owner")',)),
        (staff | Named("x"), "read", PERSON, "some", ("Named(name='x')",)),
    ],
)  # fmt: skip
def test_what_decides_for_a_resource(rule, verb, actor, rows, because):
    found = decide(rule, verb, actor)
    assert (found.rows, found.matches, found.because) == (rows, None, because)
    assert found.lets_in is (rows != "none")


@pytest.mark.parametrize("owns", [True, False])
def test_what_decides_for_a_row(owns):
    found = decide(TRIPS, "read", PERSON, lambda rows: owns and rows == owner("owner").rows("read", PERSON))
    assert found.parts[1].matches is owns
    assert found.parts[1].because == ('owner("owner")',)


def test_a_row_is_not_looked_at_where_all_or_none_are_let_in():
    def never(rows):
        raise AssertionError(rows)

    found = decide(read(anyone) | write(staff), "read", PERSON, never)
    assert (found.matches, [part.matches for part in found.parts]) == (True, [True, False])


def test_a_rule_for_other_verbs_is_not_asked():
    found = decide(read(Weather()) | write(staff), "create", STAFF)
    assert [(part.kind, part.rows, len(part.parts)) for part in found.parts] == [
        ("only", "none", 0),
        ("only", "all", 1),
    ]
    assert found.rows == "all"


def test_it_says_what_the_policy_says():
    for rule in (anyone & ~anyone, staff | TRIPS, ~TRIPS):
        for actor in (ANONYMOUS, PERSON, STAFF, KEY):
            said = rule.rows("read", actor)
            assert decide(rule, "read", actor).rows == ("all" if said is ALL else "none" if said is NONE else "some")

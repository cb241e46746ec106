"""Policies: who may do what, as conditions on rows, composed with `&`, `|` and `~`."""

import itertools
from dataclasses import dataclass

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.core.actor import ANONYMOUS, Actor
from resources.core.policy import (
    ALL,
    NONE,
    Policy,
    anyone,
    authenticated,
    member,
    owner,
    read,
    scope,
    staff,
    within,
    write,
)
from resources.trips.models import Role, Stop, Trip

VERBS = ("read", "create", "update", "delete")
PEOPLE = ("owner", "editor", "viewer", "stranger", "staff")
ACTORS = ("anonymous", *PEOPLE)


def actor(world, name):
    if name == "anonymous":
        return ANONYMOUS
    person = getattr(world, name)
    return Actor(id=person.id, is_staff=person.is_staff, scopes=frozenset("*"))


def trips(policy, world, name, verb="read"):
    """List the trips that somebody may touch; a row that came twice would be listed twice."""
    return [trip.name for trip in Trip.objects.filter(policy.rows(verb, actor(world, name))).order_by("id")]


ALPS, PACIFIC, BOTH = ["Alps by train"], ["Pacific"], ["Alps by train", "Pacific"]
RULES = {
    # the rule, and the trips of the anonymous, owner, editor, viewer, stranger, staff
    "anyone": (anyone, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH),
    "authenticated": (authenticated, [], BOTH, BOTH, BOTH, BOTH, BOTH),
    "staff": (staff, [], [], [], [], [], BOTH),
    "owner": (owner("owner"), [], ALPS, [], [], PACIFIC, []),
    "member": (member("members"), [], [], ALPS, ALPS, [], []),
    "editors": (member("members", roles=[Role.EDITOR]), [], [], ALPS, [], [], []),
    "no role": (member("members", roles=[]), [], [], [], [], [], []),
    "owner or member": (owner("owner") | member("members"), [], ALPS, ALPS, ALPS, PACIFIC, []),
    "owner and member": (owner("owner") & member("members"), [], [], [], [], [], []),
    "owner or staff": (owner("owner") | staff, [], ALPS, [], [], PACIFIC, BOTH),
    "not the owner": (~owner("owner"), BOTH, PACIFIC, BOTH, BOTH, ALPS, BOTH),
    "not a member": (~member("members"), BOTH, BOTH, PACIFIC, PACIFIC, BOTH, BOTH),
    "a stranger": (authenticated & ~(owner("owner") | member("members")), [], PACIFIC, PACIFIC, PACIFIC, ALPS, BOTH),
    "never": (anyone & ~anyone, [], [], [], [], [], []),
}


@pytest.mark.parametrize("rule", RULES)
def test_who_gets_which_rows(world, rule):
    policy, *expected = RULES[rule]
    assert [trips(policy, world, name) for name in ACTORS] == expected


def test_along_a_path(world):
    rule = owner("trip__owner") | member("trip__members", roles=["editor"])
    seen = {name: Stop.objects.filter(rule.rows("read", actor(world, name))).count() for name in ACTORS}
    assert seen == {"anonymous": 0, "owner": 3, "editor": 3, "viewer": 0, "stranger": 1, "staff": 0}


def test_verbs_are_told_apart(world):
    rule = read(owner("owner") | member("members")) | write(owner("owner")) | read(staff)
    may = {(name, verb): trips(rule, world, name, verb) for name in ACTORS for verb in VERBS}
    assert {pair for pair, rows in may.items() if "Alps by train" in rows} == {
        *itertools.product(["owner"], VERBS), ("editor", "read"), ("viewer", "read"), ("staff", "read"),
    }  # fmt: skip


def test_a_member_is_found_by_the_person_named(world):
    assert trips(member("members", person="person__email"), world, "editor") == []
    assert trips(member("members", person="person_id"), world, "editor") == ALPS


def test_a_member_twice_over_sees_a_row_once(world):
    rule = member("members") | member("members", roles=["editor"]) | owner("owner")
    assert trips(rule, world, "editor") == ALPS


def test_a_rule_without_rows_is_an_error():
    with pytest.raises(NotImplementedError, match="Policy does not define rows"):
        Policy().rows("read", ANONYMOUS)


@dataclass(frozen=True)
class Named(Policy):
    """A rule of somebody's own."""

    name: str

    def rows(self, verb, actor):
        return Q(name=self.name)


def test_a_rule_of_ones_own_composes(world):
    assert trips(Named("Pacific") | owner("owner"), world, "owner") == BOTH
    assert trips(~Named("Pacific") & authenticated, world, "staff") == ALPS


@pytest.mark.parametrize(
    ("policy", "rows"),
    [
        (anyone, ALL), (staff, NONE), (~staff, ALL), (~anyone, NONE), (~~anyone, ALL),
        (anyone | Named("x"), ALL), (Named("x") | anyone, ALL), (staff & Named("x"), NONE), (Named("x") & staff, NONE),
        (owner("owner"), NONE), (member("members"), NONE), (write(anyone), NONE), (~write(anyone), ALL),
    ],
)  # fmt: skip
def test_all_and_none_are_recognised(policy, rows):
    assert policy.rows("read", ANONYMOUS) is rows


def test_all_and_none_cost_nothing(db, django_assert_num_queries):
    assert "WHERE" not in str(Trip.objects.filter(ALL).query)
    with django_assert_num_queries(0):
        assert list(Trip.objects.filter(NONE)) == []


@pytest.mark.parametrize(
    ("scopes", "holds"),
    [({"*"}, True), ({"trips:costs"}, True), ({"trips:read"}, False), ({"trips:write"}, False), (set(), False)],
)
def test_a_scope_is_had_or_not(scopes, holds):
    rule = scope("trips:costs")
    assert rule.rows("read", Actor(id=Trip().id, scopes=frozenset(scopes))) is (ALL if holds else NONE)


def test_who_may_write_may_read_and_nothing_else():
    writer = Actor(id=Trip().id, scopes=frozenset({"trips:write"}))
    asked = ["trips:read", "trips:write", "trips:costs", "stops:read", "explain"]
    assert [writer.has_scope(name) for name in asked] == [True, True, False, False, False]


@pytest.mark.parametrize("name", ["*", "trips", "Trips:read", "", "trips:", "trips:a_b"])
def test_a_scope_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match="is no scope; write one as `trips:costs`"):
        scope(name)


def test_what_a_rule_is_made_of():
    rule = read(staff & ~scope("trips:costs")) | owner("owner")
    kinds = [type(part).__name__ for part in within(rule)]
    assert kinds == ["Either", "When", "Both", "Asks", "Opposite", "Scope", "Owner"]


LEAVES = st.sampled_from(
    [anyone, authenticated, staff, owner("owner"), member("members"), member("members", roles=["editor"]),
     scope("trips:costs"), read(owner("owner")), write(anyone), Named("Pacific")]
)  # fmt: skip
POLICIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=POLICIES, other=POLICIES, name=st.sampled_from(ACTORS), verb=st.sampled_from(VERBS))
def test_policies_compose_as_sets_do(world, one, other, name, verb):
    everything, a, b = set(BOTH), set(trips(one, world, name, verb)), set(trips(other, world, name, verb))
    assert trips(one & other, world, name, verb) == sorted(a & b)
    assert trips(one | other, world, name, verb) == sorted(a | b)
    assert trips(~one, world, name, verb) == sorted(everything - a)

"""Policies in words."""

import pytest

from openapi.core.generation.policies import restrictions, who
from resources.core.actor import Actor
from resources.core.policy import ALL, Asks, Policy, anyone, authenticated, member, owner, read, scope, staff, write

THIRD = member("trip__members", roles=["editor"])


def is_lucky(actor: Actor) -> bool:
    return True


class Weather(Policy):
    def rows(self, verb, actor):
        return ALL


@pytest.mark.parametrize(
    ("policy", "verb", "words"),
    [
        (anyone, "read", "anyone"),
        (authenticated, "read", "anyone with a key"),
        (staff, "delete", "staff"),
        (read(anyone) | write(staff), "read", "anyone"),
        (read(anyone) | write(staff), "update", "staff"),
        (read(anyone), "create", "nobody"),
        (owner("owner"), "update", "its owner"),
        (owner("trip__owner"), "update", "the owner of its trip"),
        (THIRD, "read", "the members of its trip with the role editor"),
        (owner("owner") | THIRD, "read", "its owner or the members of its trip with the role editor"),
        (owner("owner") & staff, "read", "its owner who are also staff"),
        (read(staff) & owner("owner"), "update", "nobody"),
        (~staff, "read", "anyone but staff"),
        (staff | staff, "read", "staff"),
        (scope("trips:costs"), "read", "anyone with the scope trips:costs"),
        (staff & scope("trips:costs"), "read", "staff with the scope trips:costs"),
        (Asks(is_lucky), "read", "those who pass is_lucky"),
        (Weather(), "read", "those whom Weather allows"),
    ],
)
def test_who_may(policy, verb, words):
    assert who(policy, verb) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (staff, "Shown to staff only. Written by staff only."),
        (read(anyone) | write(staff), "Written by staff only."),
        (read(authenticated), "Shown to anyone with a key only. Written by nobody."),
        (anyone, ""),
    ],
)
def test_who_sees_and_writes_a_member(rule, words):
    assert restrictions(rule) == words

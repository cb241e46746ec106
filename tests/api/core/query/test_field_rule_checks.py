"""Field rules that could not be kept stop the start-up, with a message that says what to write instead."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

import tests.features.conftest  # noqa: F401 - where the specimens are installed
from api.core.query.field_rule_checks import check_field_rules, for_everybody
from api.core.resource.resource_type import ResourceType
from resources.core.policy import ALL, NONE, Policy, anyone, authenticated, member, owner, read, scope, staff, write


def declared(base: str, rules: dict[str, Policy], policy: Policy | None = None, **more: Any) -> ResourceType:
    from tests.specimens import urls

    viewset = getattr(urls, base)
    made: Any = type(base, (viewset,), {"field_rules": rules, "policy": policy or viewset.policy, **more})
    declared: ResourceType = made.resource_type()
    return declared


class ForTheLucky(Policy):
    """Asks about the actor, in words of its own."""

    def rows(self, verb: Any, actor: Any) -> Q:
        return ALL if actor.has_scope("crates:lucky") else NONE


class Rows(ForTheLucky):
    """Asks about rows, of those only who have a scope."""

    def rows(self, verb: Any, actor: Any) -> Q:
        return Q(verified=True) if actor.has_scope("crates:lucky") and not actor.is_staff else ALL


GOOD: list[dict[str, Policy]] = [
    {},
    {"cost": staff},
    {"cost": read(anyone) | write(staff)},
    {"cost": scope("crates:costs") & ~staff},
    {"cost": ForTheLucky(), "remark": authenticated},
    {"cost": scope("crates:a") & scope("crates:b") & ~scope("crates:c")},
    {"id": read(anyone) | write(authenticated)},
    {"name": read(anyone) | write(authenticated)},
]
BAD: list[tuple[dict[str, Policy], str]] = [
    ({"costs": staff}, r"There is no field 'costs'. Did you mean 'cost'\? Name one that CrateSerializer has"),
    ({"note": staff}, "There is no field 'note'"),
    (
        {"cost": owner("owner")},
        r"rule of cost asks about rows.*\{\"cost\": read\(authenticated\) \| write\(staff\)\}",
    ),
    ({"cost": staff | member("members")}, "asks about rows"),
    ({"cost": owner("owner") & scope("crates:costs")}, "asks about rows"),
    ({"cost": Rows()}, "asks about rows"),
    ({"id": staff}, r"rows are found by id, so everybody must see it: write read\(anyone\)"),
    ({"cost": write(staff)}, r"nobody may see cost. Add who may, such as read\(staff\)"),
    ({"name": staff}, "a new row needs name, and not everybody who may create one"),
    ({"name": read(anyone) | write(staff)}, "a new row needs name"),
    ({"name": write(anyone) | read(staff)}, "a new row needs name"),
]


@pytest.mark.parametrize("rules", GOOD)
def test_rules_that_can_be_kept(rules: dict[str, Policy]) -> None:
    check_field_rules(declared("CrateViewSet", rules))


@pytest.mark.parametrize(("rules", "message"), BAD)
def test_rules_that_cannot(rules: dict[str, Policy], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"CrateViewSet.field_rules: .*{message}"):
        check_field_rules(declared("CrateViewSet", rules))


def test_what_rows_are_found_by_is_seen_by_all() -> None:
    with pytest.raises(ImproperlyConfigured, match="rows are found by shelf"):
        check_field_rules(declared("CrateViewSet", {"shelf": staff}, lookup_field="shelf"))


def test_only_who_creates_rows_must_write_what_they_need() -> None:
    check_field_rules(declared("CrateViewSet", {"name": read(anyone) | write(staff)}, read(anyone) | write(staff)))
    check_field_rules(declared("ParcelViewSet", {"id": read(anyone) | write(staff)}))


@pytest.mark.usefixtures("vendor")
def test_the_router_looks_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from api.core.resource.registry import REGISTRY
    from api.core.views.router import Router

    broken = declared("CrateViewSet", {"cost": owner("owner")})
    monkeypatch.setattr(REGISTRY, "every", {**REGISTRY.every, broken: None})
    with pytest.raises(ImproperlyConfigured, match="asks about rows"):
        Router().check()


@pytest.mark.parametrize(
    ("rule", "verb", "holds"),
    [
        (anyone, "read", True),
        (staff | ~staff, "read", True),
        (read(anyone) | write(staff), "read", True),
        (read(anyone) | write(staff), "update", False),
        (authenticated, "read", False),
        (scope("x:y") | ~authenticated, "read", False),
        (~scope("x:y") | scope("x:y"), "read", True),
    ],
)
def test_what_holds_for_everybody(rule: Policy, verb: Any, holds: bool) -> None:
    assert for_everybody(rule, verb) is holds

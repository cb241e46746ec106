"""The same conflict is the same answer, singly, in a list, and where only the database notices: 409, and its place."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import include, path

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.features.test_hidden_conflicts import GuestSerializer
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Guest, KnownGuest
from tests.world import World


class WordedSerializer(GuestSerializer):
    class Meta(GuestSerializer.Meta):
        model = KnownGuest


class WordedViewSet(ResourceViewSet):
    policy = anyone
    queryset = KnownGuest.objects.order_by("id")
    serializer_class = WordedSerializer


router = Router()
router.register("guests", WordedViewSet, basename="known-guest")
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]

CONFLICTS = {
    "email": ({"email": "ada@example.org"}, "/email", "unique", "guest with this email already exists."),
    "seat": ({"desk": "A", "seat": 1}, "", "seat_taken", "Somebody sits there."),
    "badge": ({"badge": 7}, "/badge", "unique", "The fields badge must make a unique set."),
    "alias": ({"alias": "Ada"}, "/alias", "alias_taken", "guest with this alias already exists."),
}


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)


def body(world: World, name: str, member: Any) -> dict[str, Any]:
    return {"owner": str(world.owner.pk), "email": f"{name}@example.org", **member}


def found(answer: Any) -> list[tuple[str, str, str]]:
    assert answer.status == 409, answer.text
    return [(fault["pointer"], fault["code"], fault["detail"]) for fault in answer.json["errors"]]


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_it_works(client: Client, world: World, conflict: str) -> None:
    member, pointer, code, detail = CONFLICTS[conflict]
    assert client.post("/v1/guests", body(world, "ada", member)).status == 201
    assert found(client.post("/v1/guests", body(world, "eve", member))) == [(pointer, code, detail)]
    several = [body(world, "bob", {}), body(world, "eve", member)]
    assert found(client.post("/v1/guests", several)) == [(f"/1{pointer}", code, detail)]
    other = client.post("/v1/guests", body(world, "kim", {})).json["id"]
    assert found(client.patch(f"/v1/guests/{other}", member)) == [(pointer, code, detail)]


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_two_of_a_list(client: Client, world: World, conflict: str) -> None:
    member, pointer, code, detail = CONFLICTS[conflict]
    both = [body(world, "ada", member), body(world, "eve", member)]
    assert found(client.post("/v1/guests", both)) == [(f"/1{pointer}", code, detail)]
    assert not Guest.objects.exists()


def test_beside_what_is_wrong_by_itself(client: Client, world: World) -> None:
    assert client.post("/v1/guests", body(world, "ada", {"desk": "A", "seat": 1})).status == 201
    answer = client.post("/v1/guests", body(world, "ada", {"desk": "A", "seat": 1, "badge": "x"}))
    assert answer.status == 400
    assert {fault["pointer"]: fault["code"] for fault in answer.json["errors"]} == {
        "/badge": "invalid",
        "/email": "unique",
        "": "seat_taken",
    }

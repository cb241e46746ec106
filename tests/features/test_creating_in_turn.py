"""The rows of a list are held against one another as they would be if they came one by one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers
from rest_framework.validators import UniqueForDateValidator, UniqueTogetherValidator

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.features.test_hidden_conflicts import TalkSerializer
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import KnownTalk, Talk
from tests.world import World


class InTurnSerializer(TalkSerializer):
    """Has rules that only code knows: in validators, and in methods of its own."""

    class Meta(TalkSerializer.Meta):
        model = KnownTalk
        validators = [
            UniqueTogetherValidator(KnownTalk.objects.all(), ("owner", "topic")),
            UniqueForDateValidator(KnownTalk.objects.all(), "topic", "day"),
        ]

    def validate(self, attrs: Any) -> Any:
        if KnownTalk.objects.filter(day=attrs["day"]).count() >= 2:
            raise serializers.ValidationError({"day": "This day is full."}, code="full")
        return attrs


class InTurnViewSet(ResourceViewSet):
    policy = anyone
    queryset = KnownTalk.objects.order_by("id")
    serializer_class = InTurnSerializer


router = Router()
router.register("talks", InTurnViewSet, basename="known-talk")
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)


def talk(world: World, number: int, **values: Any) -> dict[str, Any]:
    return {
        "owner": str(world.owner.pk),
        "day": f"2027-01-0{number}",
        "topic": f"T{number}",
        "nick": f"n{number}",
    } | values


def test_it_works(client: Client, world: World) -> None:
    answer = client.post("/v1/talks", [talk(world, number) for number in (1, 2, 3)])
    assert answer.status == 201, answer.text
    assert [row["topic"] for row in answer.json] == ["T1", "T2", "T3"]


@pytest.mark.parametrize(
    ("values", "status", "pointer", "code"),
    [
        ({"nick": "N1"}, 409, "/1/nick", "unique"),
        ({"topic": "T1"}, 409, "/1", "unique"),
        ({"topic": "T1", "day": "2027-01-01", "owner": None}, 409, "/1/topic", "unique"),
    ],
)
def test_two_that_are_alike(client: Client, world: World, values: Any, status: int, pointer: str, code: str) -> None:
    values = values | {"owner": str(world.editor.pk)} if "owner" in values else values
    second = talk(world, 2, **values)
    answer = client.post("/v1/talks", [talk(world, 1), second])
    singly = client.post("/v1/talks", talk(world, 1)), client.post("/v1/talks", second)
    assert [each.status for each in singly] == [201, status]
    assert answer.status == status
    [fault] = answer.json["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert [f"/1{each['pointer']}" for each in singly[1].json["errors"]] == [pointer]


def test_a_rule_in_a_method(client: Client, world: World) -> None:
    full = [talk(world, number, day="2027-01-01") for number in (1, 2, 3)]
    answer = client.post("/v1/talks", full)
    assert answer.status == 400
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [("/2/day", "full")]
    assert not Talk.objects.exists()

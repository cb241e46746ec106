"""What stands ready for any request takes bodies as one made for the request does, and nobody's own code is near it."""

from typing import Any

import pytest
from rest_framework import serializers

import api.urls  # noqa: F401 - registers the resources
from resources.places.models import City, Country
from serializers.core.write.prepared import standing
from serializers.places import CitySerializer, CountrySerializer, SubdivisionSerializer
from tests.serializers.core.write.test_fast_validation import SENT, ready, typed
from tests.specimens.models import Label
from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_works(world: World) -> None:
    known = standing(CitySerializer)
    assert known is standing(CitySerializer)
    assert {model.__name__ for model in known.references} == {"Country", "Subdivision"}
    context = {"request": "this one"}
    taken, slow = known.validated(SENT, context), ready(CitySerializer, SENT, quick=False)
    assert slow.is_valid()
    assert typed(dict(taken.validated_data)) == typed(dict(slow.validated_data))
    assert taken.context is context
    assert taken.save() == City.objects.get(pk=SENT["id"])


@pytest.mark.parametrize("wrong", [{"id": 2988507}, {"country": "QQ"}, {"name": 5}, {"revision": 1}, {"unknown": 1}])
def test_what_is_not_plainly_right_is_not_taken(world: World, wrong: dict[str, Any]) -> None:
    assert standing(CitySerializer).validated(SENT | wrong, {}) is None


def test_nothing_of_a_body_or_a_request_stays(world: World) -> None:
    known = standing(CitySerializer)
    before = {**vars(known.serializer)}, [{**vars(field)} for field in known.serializer.fields.values()]
    for body in (SENT, SENT | {"name": 5}):
        known.validated(body, {"request": "this one"})
    assert ({**vars(known.serializer)}, [{**vars(field)} for field in known.serializer.fields.values()]) == before


def test_what_a_row_refers_to_is_asked_each_time(world: World) -> None:
    Country.objects.create(id="QQ", alpha_3="QQQ", name="Q", continent="EU", area_km2=1, population=1)
    assert standing(CitySerializer).validated(SENT | {"country": "QQ", "subdivision": None}, {}) is not None


class Own(serializers.ModelSerializer[Label]):
    class Meta:
        model = Label
        fields = ("id", "name")


class OwnInit(Own):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class OwnRule(Own):
    def validate(self, attrs: Any) -> Any:
        return attrs


class OwnRuleOfOne(Own):
    def validate_name(self, value: Any) -> Any:
        return value


class OwnCreate(Own):
    def create(self, validated_data: Any) -> Any:
        return super().create(validated_data)


class OwnFields(Own):
    def get_fields(self) -> Any:
        return super().get_fields()


class OwnField(serializers.CharField):
    pass


class WithOwnField(Own):
    name = OwnField()


class WithDefault(Own):
    name = serializers.CharField(default=serializers.CreateOnlyDefault("x"))


def asks(value: Any, field: Any) -> None: ...


asks.requires_context = True  # type: ignore[attr-defined]


class WithContext(Own):
    name = serializers.CharField(validators=[asks])


@pytest.mark.parametrize(
    "kind",
    [OwnInit, OwnRule, OwnRuleOfOne, OwnCreate, OwnFields, WithOwnField, WithDefault, WithContext, CountrySerializer],
)
def test_code_of_ones_own_sees_fields_of_ones_own(kind: Any) -> None:
    assert standing(kind) is None


def test_plain_ones_stand_ready() -> None:
    assert standing(Own) is not None
    assert standing(SubdivisionSerializer) is not None

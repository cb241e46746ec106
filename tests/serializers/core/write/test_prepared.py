"""What stands ready for any request takes bodies as one made for the request does, and nobody's own code is near it."""

from typing import Any

import pytest
from django.db.models.signals import post_save
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

import api.urls  # noqa: F401 - registers the resources
from resources.core.resource import Resources
from resources.places.models import City, Country
from serializers.core.write.prepared import prepared_for
from serializers.places import CitySerializer, CountrySerializer, SubdivisionSerializer
from tests.serializers.core.write.test_fast_validation import SENT, ready, typed
from tests.specimens.models import Label
from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_works(world: World) -> None:
    known = prepared_for(CitySerializer, changes=False)
    assert known is prepared_for(CitySerializer, changes=False)
    assert {model.__name__ for model in known.references} == {"Country", "Subdivision"}
    context = {"request": "this one"}
    taken, slow = known.validate(SENT, context), ready(CitySerializer, SENT, quick=False)
    assert slow.is_valid()
    assert typed(dict(taken.validated_data)) == typed(dict(slow.validated_data))
    assert taken.context is context
    assert taken.save() == City.objects.get(pk=SENT["id"])


@pytest.mark.parametrize("wrong", [{"id": 2988507}, {"country": "QQ"}, {"name": 5}, {"revision": 1}, {"unknown": 1}])
def test_what_is_not_plainly_right_is_not_taken(world: World, wrong: dict[str, Any]) -> None:
    assert prepared_for(CitySerializer, changes=False).validate(SENT | wrong, {}) is None


def test_nothing_of_a_body_or_a_request_stays(world: World) -> None:
    known = prepared_for(CitySerializer, changes=False)
    before = {**vars(known.serializer)}, [{**vars(field)} for field in known.serializer.fields.values()]
    for body in (SENT, SENT | {"name": 5}):
        known.validate(body, {"request": "this one"})
    assert ({**vars(known.serializer)}, [{**vars(field)} for field in known.serializer.fields.values()]) == before


def test_what_a_row_refers_to_is_asked_each_time(world: World) -> None:
    Country.objects.create(id="QQ", alpha_3="QQQ", name="Q", continent="EU", area_km2=1, population=1)
    assert (
        prepared_for(CitySerializer, changes=False).validate(SENT | {"country": "QQ", "subdivision": None}, {})
        is not None
    )


CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"name": "Lutetia"},
    {"population": 5, "latitude": 1, "longitude": -1.5, "timezone": "Europe/Paris", "is_capital": False},
    {"country": "FR", "subdivision": None},
    {"id": 2988507, "name": "Lutetia"},
)
"""Of Paris; a key may be repeated."""


@pytest.mark.parametrize("body", CHANGES)
def test_a_change_is_read_as_by_a_serializer_made_for_it(world: World, body: dict[str, Any]) -> None:
    row = City.objects.get(pk=2988507)
    taken = prepared_for(CitySerializer, changes=True).validate(body, {}, row, lambda: {"id": row.pk})
    slow = CitySerializer(row, data=body, partial=True)
    assert slow.is_valid()
    slow.validated_data.pop("id", None)  # which a stored row keeps
    assert taken.instance is row
    assert typed(dict(taken.validated_data)) == typed(dict(slow.validated_data))


@pytest.mark.parametrize(
    "wrong", [{"id": 1}, {"name": None}, {"name": ""}, {"latitude": "x"}, {"country": "QQ"}, {"x": 1}]
)
def test_a_change_that_is_not_plainly_right_is_not_taken(world: World, wrong: dict[str, Any]) -> None:
    row = City.objects.get(pk=2988507)
    prepared = prepared_for(CitySerializer, changes=True)
    assert prepared.validate({"population": 5} | wrong, {}, row, lambda: {"id": row.pk}) is None
    assert prepared.validate([], {}, row) is None


def test_what_is_compared_with_other_rows_needs_to_know_the_row(world: World) -> None:
    class Unique(serializers.ModelSerializer[Country]):
        class Meta:
            model = Country
            fields = ("id", "name", "alpha_3")

    prepared, row = prepared_for(Unique, changes=True), Country.objects.get(pk="FR")
    assert "alpha_3" in prepared.unique
    assert prepared.validate({"name": "x"}, {}, row) is not None
    assert prepared.validate({"alpha_3": "XXX"}, {}, row) is None


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


class OwnUpdate(Own):
    def update(self, instance: Any, validated_data: Any) -> Any:
        return super().update(instance, validated_data)


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
    [
        OwnInit,
        OwnRule,
        OwnRuleOfOne,
        OwnCreate,
        OwnUpdate,
        OwnFields,
        WithOwnField,
        WithDefault,
        WithContext,
        CountrySerializer,
    ],
)
def test_code_of_ones_own_sees_fields_of_ones_own(kind: Any) -> None:
    assert prepared_for(kind, changes=False) is prepared_for(kind, changes=True) is None


def test_plain_ones_stand_ready() -> None:
    assert prepared_for(Own, changes=False) is not None
    assert prepared_for(SubdivisionSerializer, changes=False) is not None


class Tenants(Resources[Country]):
    """Shows what somebody may see, whoever that is now."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(pk="FR")


def test_rows_of_a_manager_of_somebodys_own_are_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Tenants()
    manager.model = Country

    class Own(CitySerializer):
        country = serializers.PrimaryKeyRelatedField(queryset=manager)

    assert prepared_for(Own, changes=False) is None
    assert prepared_for(Own, changes=True) is None


def test_fields_that_a_property_makes_are_made_anew() -> None:
    class Own(CitySerializer):
        @property
        def fields(self) -> Any:
            return super().fields

    assert prepared_for(Own, changes=False) is None


def test_what_another_table_holds_is_asked() -> None:
    elsewhere = UniqueValidator(City.objects.all())

    class Own(CountrySerializer):
        class Meta(CountrySerializer.Meta):
            fields = ("id", "name")
            extra_kwargs = {"id": {"validators": [elsewhere]}}

    assert not prepared_for(Own, changes=False).has_constraints


def test_a_member_that_is_compared_and_may_be_missing_is_asked_for() -> None:
    class Own(CitySerializer):
        class Meta(CitySerializer.Meta):
            extra_kwargs = {"subdivision": {"required": False}}
            validators = [UniqueTogetherValidator(City.objects.all(), ("id", "subdivision"))]

    assert not prepared_for(Own, changes=False).has_constraints


def test_a_change_of_what_says_whether_rows_are_compared_is_not_taken(world: World) -> None:
    once = UniqueTogetherValidator(City.objects.all(), ("country",), condition_fields=("is_capital",))

    class Own(CitySerializer):
        class Meta(CitySerializer.Meta):
            validators = [once]

    known = prepared_for(Own, changes=True)
    assert known.validate({"is_capital": True}, {}, City.objects.get(pk=2988507)) is None
    assert known.validate({"population": 5}, {}, City.objects.get(pk=2988507)) is not None


def test_a_listener_is_not_remembered() -> None:
    def listen(**_: Any) -> None:
        pass

    class Own(CitySerializer):
        pass

    post_save.connect(listen, sender=City)
    try:
        assert prepared_for(Own, changes=True).is_saved_plainly
    finally:
        post_save.disconnect(listen, sender=City)

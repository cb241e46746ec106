"""A body that is accepts quickly gives the very values that DRF gives, and no body is taken that DRF, or we, refuse."""

from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from resources.core.policy import ALL
from resources.places.models import City
from serializers.core.json import round_trip
from serializers.core.write import validation
from serializers.core.write.batch_lookup import gather
from serializers.core.write.fast_validation import accept, accepts
from serializers.core.write.single_lookup import hasten
from serializers.places import CitySerializer, CountrySerializer
from tests.specimens.made import VALUES
from tests.specimens.models import Drawer, Label, Specimen
from tests.world import World

pytestmark = pytest.mark.django_db

PARIS = {"name": "Paris", "country": "FR", "subdivision": "FR-IDF", "population": 5, "latitude": 1, "longitude": 2.5}
SENT = {"id": 900_000_001, "timezone": "Europe/Paris", **PARIS}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


class Labelled(serializers.ModelSerializer[Label]):
    class Meta:
        model = Label
        fields = ("id", "name", "secret")


class EverySerializer(serializers.ModelSerializer[Specimen]):
    """Every type of column, hidden members, defaults, rules of its own, members in members."""

    whole = serializers.IntegerField(min_value=-5, max_value=2**40, allow_null=True, required=False)
    wish = serializers.CharField(source="text", max_length=3, allow_blank=True, required=False, default="why")
    label = Labelled(write_only=True, required=False)
    words = serializers.ListField(child=serializers.CharField(max_length=3), required=False)
    origin = serializers.HiddenField(default="here")
    shown = serializers.CharField(read_only=True)

    class Meta:
        model = Specimen
        fields = (*VALUES, "id", "wish", "label", "words", "origin", "shown", "notes", "drawer", "labels")

    def validate_small(self, value: int | None) -> int | None:
        if value == 13:
            raise serializers.ValidationError("no luck")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("flag") and attrs.get("whole") == 0:
            raise serializers.ValidationError({"flag": "not with nothing"})
        return attrs | {"seen": len(attrs)}


def ready(kind: Any, body: Any, *, quick: bool, partial: bool = False, together: bool = False) -> Any:
    serializer = kind(data=body, partial=partial)
    validation.prepare(serializer, lambda _: ALL)
    if quick:
        gather(serializer, [body]) if together else hasten(serializer)
        accept(serializer)
    return serializer


def typed(value: Any) -> Any:
    """Values with their types, so that 1, 1.0 and True are three."""
    if isinstance(value, dict):
        return {name: typed(member) for name, member in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else (type(value), repr(value), value)


def assert_as_drf(kind: Any, body: Any, **how: bool) -> bool:
    quick, slow = ready(kind, body, quick=True, **how), ready(kind, body, quick=False, partial=how["partial"])
    if not accepts(quick, None):
        return False
    assert validation.faults(slow, None, ask=False) == validation.faults_with_others(quick, "", ask=False)
    assert typed(dict(quick.validated_data)) == typed(dict(slow.validated_data))
    assert quick.errors == {}
    return True


def shown(column: str) -> st.SearchStrategy[Any]:
    field = EverySerializer().fields[column]
    return VALUES[column].map(lambda value: round_trip(field.to_representation(value)))


RIGHT = st.fixed_dictionaries(
    {"id": st.integers(-9, 9)},
    optional={
        **{column: st.none() | shown(column) for column in VALUES},
        "wish": st.text("ab é", max_size=3),
        "label": st.fixed_dictionaries({"id": st.integers(5, 6)}, optional={"name": st.text("abé", min_size=1)}),
        "words": st.lists(st.text("abé", min_size=1, max_size=3), max_size=2),
        "notes": ANYTHING,
        "drawer": st.sampled_from([1, None]),
        "labels": st.lists(st.just(1), max_size=2),
    },
)
NAMES = st.sampled_from([*EverySerializer.Meta.fields, "unknown"])
ODD = st.dictionaries(
    NAMES, ANYTHING | st.sampled_from([1.0, "1", 2**70, "", " ", "\ufeff", "\x00", "\ud800"]), max_size=1
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(RIGHT, ODD, st.booleans(), st.booleans())
def test_what_is_taken_is_what_drf_takes(right: Any, odd: Any, partial: bool, together: bool) -> None:
    Drawer.objects.get_or_create(id=1)
    Label.objects.get_or_create(id=1)
    event(f"accepts: {assert_as_drf(EverySerializer, right | odd, partial=partial, together=together)}")


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("without", [(), ("subdivision",)])
def test_it_works(world: World, without: tuple[str, ...], together: bool) -> None:
    body = {name: value for name, value in SENT.items() if name not in without}
    assert assert_as_drf(CitySerializer, body, partial=False, together=together)
    assert assert_as_drf(CitySerializer, {"name": "Lutèce", "subdivision": None}, partial=True, together=together)
    places = {"id": "QQ", "alpha_3": "QQQ", "name": "Q", "continent": "EU", "population": 1, "currency": "EUR"}
    assert assert_as_drf(CountrySerializer, places | {"languages": ["fr"]}, partial=False, together=together)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": True},
        {"id": 5.0},
        {"id": "5"},
        {"id": 2**63},
        {"name": ""},
        {"name": " \ufeff"},
        {"name": "\x00"},
        {"name": "\ud800"},
        {"name": "x" * 201},
        {"name": 5},
        {"name": None},
        {"latitude": float("inf")},
        {"latitude": "1.5"},
        {"country": "QQ"},
        {"country": ["FR"]},
        {"country": None},
        {"is_capital": 1},
        {"is_capital": "true"},
        {"population": -1},
        {"population": 2**63},
        {"revision": 1},
        {"unknown": 1},
    ],
)
def test_what_is_not_plainly_right_is_not_taken(world: World, wrong: dict[str, Any]) -> None:
    for together in (False, True):
        assert not assert_as_drf(CitySerializer, SENT | wrong, partial=False, together=together)


@pytest.mark.parametrize("together", [False, True])
def test_what_another_row_has_is_a_conflict(world: World, together: bool) -> None:
    quick = ready(CitySerializer, SENT | {"id": 2988507}, quick=True, together=together)
    [fault] = validation.faults(quick, None, ask=False)
    assert (fault.pointer, fault.code, fault.is_conflict) == ("/id", "unique", True)
    assert assert_as_drf(CitySerializer, SENT | {"id": 2988507}, partial=False, together=together)


@pytest.mark.parametrize("missing", ["id", "name", "country"])
def test_what_is_missing_is_not_taken(world: World, missing: str) -> None:
    body = {name: value for name, value in SENT.items() if name != missing}
    assert not assert_as_drf(CitySerializer, body, partial=False)


def test_what_stays_as_it_is_may_be_sent_along(world: World) -> None:
    row = City.objects.get(pk=2988507)
    stored = round_trip(CitySerializer(row).data)
    for body, expected in ((stored, True), (stored | {"revision": 7}, False)):
        serializer = CitySerializer(row, data=body)
        validation.prepare(serializer, lambda _: ALL)
        accept(serializer)
        assert accepts(serializer, lambda: stored) is expected


class OwnWay(CitySerializer):
    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data)


class Elsewhere(CitySerializer):
    timezone = serializers.CharField(source="country.name")


class Given(serializers.CharField):
    def get_value(self, dictionary: Any) -> Any:
        return "given"


class ByItself(CitySerializer):
    timezone = Given()


@pytest.mark.parametrize("kind", [OwnWay, Elsewhere, ByItself])
def test_a_serializer_with_a_way_of_its_own_is_left_to_it(world: World, kind: Any) -> None:
    assert not accepts(ready(kind, SENT, quick=True), None)

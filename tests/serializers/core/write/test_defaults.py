"""What a PUT leaves out, and what a merge patch merges."""

from typing import Any

import pytest
from django.db import models
from django.db.models.expressions import DatabaseDefault
from rest_framework import serializers

from resources.places.models import Country
from serializers.core.write.defaults import complete, merge, merge_columns, settle
from tests.world import World


class Thing(models.Model):
    """Has every kind of default, and no table."""

    plain = models.CharField(max_length=10)
    blank = models.CharField(max_length=10, blank=True)
    nullable = models.IntegerField(null=True, blank=True)
    counted = models.IntegerField(default=3)
    called = models.JSONField(default=lambda: {"a": 1})
    price = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    country = models.ForeignKey(Country, models.PROTECT, default="FR")
    of_the_database = models.IntegerField(db_default=7)
    at_the_database = models.DateTimeField(db_default=models.functions.Now())
    own = models.IntegerField(default=3)

    class Meta:
        app_label = "nowhere"


class ThingSerializer(serializers.ModelSerializer):
    own = serializers.IntegerField(default=5)
    elsewhere = serializers.CharField(source="country.name", required=False)

    class Meta:
        model = Thing
        fields = "__all__"
        extra_kwargs = {"of_the_database": {"required": False}, "at_the_database": {"required": False}}


def completed(body: Any) -> dict[str, Any]:
    """Return what a PUT of a body sets."""
    serializer = ThingSerializer(Thing(country_id="CH"), data=body)
    complete(serializer, body)
    assert serializer.is_valid(), serializer.errors
    settle(serializer)
    return dict(serializer.validated_data)


@pytest.mark.django_db
def test_every_kind_of_default(world: World) -> None:
    done = completed({"plain": "x"})
    expression = done.pop("at_the_database")
    assert isinstance(expression, DatabaseDefault)
    assert done == {
        "plain": "x",
        "blank": "",
        "nullable": None,
        "counted": 3,
        "called": {"a": 1},
        "price": 1,
        "country": Country.objects.get(id="FR"),
        "of_the_database": 7,
        "own": 5,
    }


@pytest.mark.django_db
def test_what_is_sent_stays(world: World) -> None:
    done = completed(
        {"plain": "x", "blank": "y", "nullable": 1, "country": "CH", "at_the_database": "2027-01-01T00:00:00Z"}
    )
    assert (done["blank"], done["nullable"], done["country"].pk) == ("y", 1, "CH")
    assert done["at_the_database"].year == 2027


@pytest.mark.parametrize("body", [None, 5, [], "x"])
def test_what_is_no_object_stays(body: Any) -> None:
    serializer = ThingSerializer(data=body)
    complete(serializer, body)
    assert not serializer.is_valid()
    assert merge_columns(ThingSerializer(), body) == body


def test_a_serializer_without_a_model() -> None:
    class Plain(serializers.Serializer):
        name = serializers.CharField(required=False)

    serializer = Plain(data={})
    complete(serializer, {})
    assert serializer.is_valid()
    assert serializer.validated_data == {}


@pytest.mark.parametrize(
    ("stored", "patch", "result"),
    [
        # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches(stored: Any, patch: Any, result: Any) -> None:
    assert merge(stored, patch) == result


def test_what_is_stored_stays_as_it_is() -> None:
    stored = {"a": {"b": 1}}
    merge(stored, {"a": {"b": 2, "c": 3}, "d": 4})
    assert stored == {"a": {"b": 1}}

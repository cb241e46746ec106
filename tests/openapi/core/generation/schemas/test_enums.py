"""Enumerations have the names that they were declared under."""

from django.db import models

from openapi.core.generation.schemas.enums import enum_of
from resources.places.models import Country
from resources.trips.models import Member


def test_an_enum_has_the_name_and_the_words_of_its_class():
    name, schema, _ = enum_of(Country._meta.get_field("continent"))
    assert name == "Continent"
    assert schema["type"] == "string"
    assert dict(zip(schema["enum"], schema["x-enum-varnames"], strict=True))["NA"] == "NORTH_AMERICA"
    assert "- `NA`: North America" in schema["description"]
    assert enum_of(Member._meta.get_field("role"))[0] == "Role"


def column(choices, field=models.CharField):
    made = field(choices=choices)
    made.set_attributes_from_name("kind")
    made.model = Member
    return made


def test_choices_without_a_class_are_named_after_their_column():
    assert enum_of(column([("a", "A"), ("b", "B")]))[:2] == ("MemberKind", {"type": "string", "enum": ["a", "b"]})


def test_whole_numbers_are_whole_numbers():
    class Size(models.IntegerChoices):
        SMALL = 1
        LARGE = 2

    name, schema, _ = enum_of(column(Size, models.IntegerField))
    assert (name, schema["type"], schema["enum"]) == ("Size", "integer", [1, 2])

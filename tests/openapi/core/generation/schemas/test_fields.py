"""Single fields: what a request may hold, and what an answer says."""

from decimal import Decimal

import jsonschema_rs
import pytest
from django.db import models
from django.test.utils import isolate_apps
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers

from openapi.core.generation.schemas.fields import field_schema, with_text_rules
from openapi.core.generation.schemas.registry import Components
from resources.places.models import City
from tests import specimens as application

application.install()
from tests.specimens.models import Relic  # noqa: E402 - whose application must be installed before


class Form(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0)
    whole = serializers.DecimalField(max_digits=3, decimal_places=0, allow_null=True)
    at = serializers.TimeField()
    lasts = serializers.DurationField()
    kind = serializers.ChoiceField(["a", "b"], allow_blank=True)
    kinds = serializers.MultipleChoiceField(choices=["a", "b"])
    some_kinds = serializers.MultipleChoiceField(choices=["a", "b"], allow_empty=False)
    words = serializers.ListField(child=serializers.CharField(), allow_empty=False)
    extra = serializers.JSONField()
    anything = serializers.JSONField(allow_null=True)
    count = serializers.IntegerField()
    serial = serializers.BigIntegerField(coerce_to_string=True)
    worth = serializers.DecimalField(max_digits=None, decimal_places=None)
    took = serializers.DurationField(format="django")


def schema(name, direction):
    return field_schema(Components(ComponentRegistry()), Form().fields[name], direction, {})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("amount", ["0", "999.99", 1, 1.25, "1.5"], ["1000", "0.001", "1e2", "", None, True, -1000, 1.234]),
        ("whole", ["-999", 5, None], ["1.0", "1000", 1.5]),
        ("at", ["10:30", "23:59:59.123456"], ["24:00", "10:30:00Z", 5, ""]),
        ("kind", ["a", ""], ["c", None, 1]),
        ("kinds", [["a", "b"], []], [["c"], "a"]),
        ("some_kinds", [["a"]], [[]]),
        ("words", [["a", "b"]], [[]]),
        ("extra", [{}, [], "", 0, False], [None]),
        ("anything", [None, {}], []),
        ("count", [0, -(2**63), 2**63 - 1], [2**63, 1.5, "1", None]),
        ("serial", [0, "9007199254740993", -5], ["x", 1.5, ""]),
        ("worth", ["1", "-0.00000000000001", 1.25], ["1e2", "", None, True]),
    ],
)
def test_requests(name, good, bad):
    validator = jsonschema_rs.Draft202012Validator(schema(name, "request"))
    assert [value for value in good if not validator.is_valid(value)] == []
    assert [value for value in bad if validator.is_valid(value)] == []


def test_answers_have_types_without_bounds():
    assert schema("amount", "response")["type"] == "string"
    assert "minItems" not in schema("words", "response")
    assert schema("count", "response") == {"type": "integer", "format": "int64"}
    assert schema("serial", "response")["type"] == "string"
    assert schema("lasts", "response")["format"] == "duration"
    assert schema("took", "response") == {"type": "string"}


@pytest.mark.parametrize(
    ("text", "told"), [("1.50", True), ("NaN", True), ("-Infinity", True), ("1e5", False), ("x", False)]
)
def test_answered_decimals_are_texts_of_numbers_or_say_that_they_are_none(text, told):
    assert jsonschema_rs.Draft202012Validator(schema("amount", "response")).is_valid(text) is told


class RelicForm(serializers.ModelSerializer):
    class Meta:
        model = Relic
        fields = ("id", "mood")


def test_a_table_of_another_program_may_hold_what_json_cannot_tell():
    def told(name, direction):
        return field_schema(Components(ComponentRegistry()), RelicForm().fields[name], direction, {"type": "string"})

    assert "null" in told("id", "response")["type"]
    assert told("id", "request") == {"type": "string"}
    assert "null" not in told("mood", "request")["type"]


def test_a_generated_decimal_is_a_number_as_drf_shows_it():
    with isolate_apps("tests.specimens"):

        class Pair(models.Model):
            price = models.DecimalField(max_digits=9, decimal_places=2)
            double = models.GeneratedField(
                expression=models.F("price") * 2,
                output_field=models.DecimalField(max_digits=9, decimal_places=2),
                db_persist=True,
            )

            class Meta:
                app_label = "specimens"

        meta = type("Meta", (), {"model": Pair, "fields": ("double",)})
        form = type("PairForm", (serializers.ModelSerializer,), {"Meta": meta})()
        field = form.fields["double"]
        assert field.to_representation(Pair(double=Decimal("1.50"))) == Decimal("1.50")
        assert field_schema(Components(ComponentRegistry()), field, "response", {"type": "string"})["type"] == "number"


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (serializers.CharField(), ["a", " a ", "é\n"], ["", " ", "\t\n", "a\x00"]),
        (serializers.CharField(allow_blank=True), ["", " "], ["\x00"]),
    ],
)
def test_texts(field, good, bad):
    validator = jsonschema_rs.Draft202012Validator(with_text_rules(field, {"type": "string"}))
    assert [value for value in good if not validator.is_valid(value)] == []
    assert [value for value in bad if validator.is_valid(value)] == []


@pytest.mark.parametrize(("most", "form"), [(2**31 - 1, "int32"), (2**31, "int64"), (None, "int64")])
def test_whole_numbers_of_a_column_of_others_are_as_large_as_their_field_says(most: int | None, form: str) -> None:
    class Measure(serializers.ModelSerializer):
        rounded = serializers.IntegerField(source="latitude", max_value=most)

        class Meta:
            model = City
            fields = ("rounded",)

    for direction in ("request", "response"):
        made = field_schema(Components(ComponentRegistry()), Measure().fields["rounded"], direction, {})
        assert made["format"] == form

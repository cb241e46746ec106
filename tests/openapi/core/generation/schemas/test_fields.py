"""Single fields: what a request may hold, and what an answer says."""

import jsonschema_rs
import pytest
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers

from openapi.core.generation.schemas.fields import mended, with_text_rules
from openapi.core.generation.schemas.registry import Components


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


def schema(name, direction):
    return mended(Components(ComponentRegistry()), Form().fields[name], direction, {})


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

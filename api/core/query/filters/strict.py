"""The base of form fields that read the text of a parameter: each refuses what it does not fully understand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import InvalidOperation
from typing import Literal, TypedDict

from django import forms
from django.core.exceptions import ValidationError

MOST_IN_A_LIST = 1000


type ParameterValue = str | list[str]
"""What stands in a query string: a text, or several where a parameter stands several times."""


class TextSchema(TypedDict, total=False):
    """A JSON Schema, as far as it says how a text is written."""

    type: Literal["string", "boolean", "integer", "number", "array"]
    format: str
    pattern: str
    contentMediaType: str
    minLength: int
    minimum: int
    maximum: int
    enum: Sequence[object]
    anyOf: Sequence[TextSchema]
    items: TextSchema
    minItems: int
    maxItems: int


class Strict[Value](forms.Field):
    """Reads one text into one value.

    Attributes:
        schema: the JSON Schema of the text, for the contract.
        expected: what was expected, in the words of an error message.
        repeats: whether a parameter is written once for each of several values.
    """

    schema: TextSchema = {"type": "string"}
    expected = "a text"
    repeats = False

    def clean(self, value: ParameterValue) -> Value:
        """Return the value, or raise a ValidationError that says what was expected."""
        try:
            return self.value_of(value)
        except (ValueError, ArithmeticError, InvalidOperation):
            raise ValidationError(f"Expected {self.expected}.", code="invalid") from None

    def value_of(self, sent: ParameterValue) -> Value:
        """Return the value of what was sent: of one text, never of a list."""
        if not isinstance(sent, str):
            raise ValueError
        return self.read(sent)

    def read(self, text: str) -> Value:
        """Read the text, or raise ValueError."""
        raise NotImplementedError(f"{type(self).__name__} does not define read(text)")


type ValueField = Strict[object]
"""Reads the value of some filter or other, which only that looks into."""

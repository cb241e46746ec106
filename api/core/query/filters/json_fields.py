"""Form fields for JSON: any value, a list of values, and what a path into JSON is compared with."""

from __future__ import annotations

from api.core.query.filters.form_fields import Text
from api.core.query.filters.strict import MOST_IN_A_LIST, Strict
from serializers.core.json import Json, decode


class AnyJson(Strict[Json]):
    """Any JSON."""

    schema = {"type": "string", "contentMediaType": "application/json"}
    expected = 'JSON, such as {"colour": "red"}'

    def read(self, text: str) -> Json:
        """Read the text."""
        return decode(text.encode())


class SeveralJson(Strict[tuple[Json, ...]]):
    """An array of JSON values."""

    schema = AnyJson.schema
    expected = 'a JSON array, such as [{"colour": "red"}, null]'

    def read(self, text: str) -> tuple[Json, ...]:
        """Read the text."""
        values = decode(text.encode())
        if not isinstance(values, list) or not 0 < len(values) <= MOST_IN_A_LIST:
            raise ValueError
        return tuple(values)


class JsonOrText(AnyJson):
    """What a path into JSON leads to: `5`, `true` and `"5"` are read as JSON, whatever is none is a text."""

    expected = "a text, or JSON"

    def read(self, text: str) -> Json:
        """Read the text."""
        try:
            return super().read(text)
        except ValueError:
            return Text(allow_empty=True).read(text)

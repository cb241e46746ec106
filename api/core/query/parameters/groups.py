"""The `filter` parameter: JSON with the names of the plain filters, joined by `and`, `or` and `not`.

An empty `and` holds for every row, an empty `or` for none, so that a program can build both part by part.
May refuse: JSON that does not parse, a group that is empty, too deep or too long.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from api.core.query.faults import Faults
from api.core.query.filters.conditions import Condition, Group
from api.core.query.filters.json_fields import AnyJson, SeveralJson
from api.core.query.filters.strict import ParameterValue, TextSchema
from api.core.query.parameters.condition_reader import ConditionReader
from resources.core.database.related import LOOKUP_SEPARATOR
from serializers.core.json import Json, Unfit, decode, encode

DEEPEST, MOST_CONDITIONS, MOST_SEARCHING = 8, 100, 20
SEARCHING = frozenset(("contains", "icontains", "endswith", "iendswith", "regex", "iregex"))
"""The lookups that no index helps: they read a text from its beginning to its end, in every row."""

type Join = Literal["and", "or"]
JOINS: Mapping[str, Join] = {"and": "and", "or": "or"}


class GroupReader:
    """Reads one `filter` parameter."""

    def __init__(self, conditions: ConditionReader, faults: Faults) -> None:
        """Take what reads the conditions of the request, and what gathers its faults."""
        self.conditions, self.faults = conditions, faults
        self.count = self.searching = 0

    def read(self, text: str) -> Iterable[Condition | Group]:
        """Return the group, or nothing after noting what is wrong."""
        try:
            tree = decode(text.encode())
            json.loads(text, object_pairs_hook=_refuse_repeated)
        except Unfit as error:
            self._fault("invalid", error.pointer, error.detail)
        except ValueError as error:
            self._fault("invalid", "", f"Not JSON: {error}")
        else:
            group = self._object(tree, "", 1)
            if self.count > MOST_CONDITIONS:
                self._fault("too_many", "", f"A filter has at most {MOST_CONDITIONS} conditions.")
            if self.searching > MOST_SEARCHING:
                most = f"A filter has at most {MOST_SEARCHING} conditions on what is somewhere in a text."
                self._fault("too_many", "", most)
            return () if group is None else (group,)
        return ()

    def _fault(self, code: str, place: str, detail: str) -> None:
        self.faults.add("filter", code, f"At {place}: {detail}" if place else detail)

    def _object(self, tree: Json, place: str, depth: int) -> Group | None:
        if not isinstance(tree, dict) or not tree:
            self._fault("invalid", place, "Expected an object with at least one condition.")
            return None
        if depth > DEEPEST:
            self._fault("too_deep", place, f"Groups are nested at most {DEEPEST} deep.")
            return None
        parts = (self._member(name, value, f"{place}/{name}", depth) for name, value in tree.items())
        return Group("and", tuple(part for part in parts if part is not None))

    def _member(self, name: str, value: Json, place: str, depth: int) -> Condition | Group | None:
        if name == "not":
            inside = self._object(value, place, depth + 1)
            return None if inside is None else Group("not", (inside,))
        if name in JOINS:
            return self._list(JOINS[name], value, place, depth)
        self.count += 1
        self.searching += not SEARCHING.isdisjoint(name.split(LOOKUP_SEPARATOR))
        field = self.conditions.value_field(name)
        text: ParameterValue
        if isinstance(field, AnyJson | SeveralJson):
            text = encode(value).decode()
        elif field is not None and not is_natural(value, field.schema):
            self._fault("invalid", place, f"Expected {field.expected}, as a JSON value of that type.")
            return None
        else:
            text = _as_text(value)
        return self.conditions.read(name, text, lambda code, detail: self._fault(code, place, detail))

    def _list(self, join: Join, value: Json, place: str, depth: int) -> Group | None:
        if not isinstance(value, list):
            self._fault("invalid", place, "Expected a list of groups.")
            return None
        parts = (self._object(item, f"{place}/{index}", depth + 1) for index, item in enumerate(value))
        return Group(join, tuple(part for part in parts if part is not None))


KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float, str),  # a decimal is a text in answers, and may be sent back as one
}
"""What each type of JSON Schema is in Python. A boolean is no integer in JSON."""


def is_natural(value: Json, schema: TextSchema) -> bool:
    """Whether a JSON value is of the type that a schema asks for: 3 where a number is meant, and not "3"."""
    if "enum" in schema:
        return any(type(value) is type(value_) and value == value_ for value_ in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return isinstance(value, list) and all(is_natural(item, schema["items"]) for item in value)
    return kind is None or (isinstance(value, KINDS[kind]) and isinstance(value, bool) == (kind == "boolean"))


def _refuse_repeated(members: Sequence[tuple[str, object]]) -> None:
    """Refuse a name that stands twice in an object, of which JSON readers would drop one."""
    names = set[str]()
    for name, _ in members:
        if name in names:
            raise Unfit("", f"{name[:100]!r} stands twice in one object; join two objects by `and`.")
        names.add(name)


def _as_text(value: Json) -> ParameterValue:
    """Write a JSON value as the text, or the texts, that the same filter takes as a plain parameter."""
    return [_one_text(item) for item in value] if isinstance(value, list) else _one_text(value)


def _one_text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return value if isinstance(value, str) else ""

"""Filters: what each lookup says, the schema of its value in a query string, and the language of `filter`."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.core.query.filters.custom_filters import strict_field
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.grammar import Grammar
from api.core.query.parameters.condition_reader import NEGATION
from api.core.query.parameters.groups import DEEPEST, MOST_CONDITIONS
from openapi.core.generation.deprecations import marked
from openapi.core.generation.schemas.enums import enum_of
from openapi.core.generation.schemas.fields import NO_NUL
from openapi.core.generation.schemas.registry import Components, Schema

IN_A_LIST = r"^[^,\x00]+$"
NUMBER = r"^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?$"

PHRASES: Mapping[str, tuple[str, str]] = {
    "exact": ("is this", "is not this"),
    "iexact": ("is this, in upper or lower case", "is not this, in upper or lower case"),
    "in": ("is one of these", "is none of these"),
    "gt": ("is greater than this", "is not greater than this"),
    "gte": ("is this or greater", "is neither this nor greater"),
    "lt": ("is less than this", "is not less than this"),
    "lte": ("is this or less", "is neither this nor less"),
    "contains": ("contains this", "does not contain this"),
    "icontains": ("contains this, in upper or lower case", "does not contain this, in upper or lower case"),
    "startswith": ("begins with this", "does not begin with this"),
    "istartswith": ("begins with this, in upper or lower case", "does not begin with this, in upper or lower case"),
    "endswith": ("ends with this", "does not end with this"),
    "iendswith": ("ends with this, in upper or lower case", "does not end with this, in upper or lower case"),
    "isnull": ("is null (`true`) or is not (`false`)", "is not null (`true`) or is (`false`)"),
    "range": ("lies between these two, both included", "does not lie between these two"),
}
"""What each lookup says, plain and negated."""


def phrase(filter_: Any, *, negated: bool = False) -> str:
    """Say what a filter lets through."""
    text = str(filter_.extra.get("help_text") or "")
    if not isinstance(filter_, LookupFilter):
        text = text or f"The filter `{filter_.field_name}` of this resource."
        return f"Not: {text}" if negated else text
    lookup = filter_.lookup_expr
    plain = (f"satisfies the lookup `{lookup}`", f"does not satisfy the lookup `{lookup}`")
    text = text or str(getattr(filter_.column, "help_text", ""))
    words = f"`{str(filter_.field_name).replace('__', '.')}` {PHRASES.get(lookup, plain)[negated]}."
    return f"{words} {text}" if lookup == "exact" and not negated and text else words


def value_schema(components: Components, filter_: Any) -> Schema:
    """Return the JSON Schema of a filter's value."""
    schema: Schema = getattr(strict_field(filter_), "schema", {})
    column = getattr(filter_, "column", None)
    if column is None or not getattr(column, "choices", None):
        return schema
    enum = components.schema(*enum_of(column))
    if "enum" in schema:
        empty = "" in schema["enum"] and "" not in dict(column.flatchoices)
        return {"anyOf": [enum, {"const": ""}]} if empty else enum
    return {**schema, "items": enum} if "enum" in schema.get("items", {}) else schema


def in_query(schema: Schema) -> Schema:
    """Return the schema of a value that stands in a query string, where a comma separates the items of a list."""
    if schema.get("type") == "array":
        items = schema["items"]
        plain_text = items.get("type") == "string" and "format" not in items
        return {**schema, "items": {"type": "string", "pattern": IN_A_LIST} if plain_text else items}
    return _without_nul(schema)


def in_json(schema: Schema) -> Schema:
    """Return the schema of a value in the JSON of `filter`; decimals may be texts there, as they are in answers."""
    if schema.get("contentMediaType") == "application/json":
        return {}
    if schema.get("type") == "number":
        return {**schema, "type": ["number", "string"], "pattern": NUMBER}
    if schema.get("type") == "array":
        return {**schema, "items": in_json(schema["items"])}
    return _without_nul(schema)


def _without_nul(schema: Schema) -> Schema:
    plain_text = schema.get("type") == "string" and not schema.keys() & {
        "format",
        "pattern",
        "enum",
        "contentMediaType",
    }
    return {**schema, "pattern": NO_NUL} if plain_text else schema


def named(filters: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """Yield every name that may be used, its filter and whether it negates: the plain names first."""
    for negated in (False, True):
        for name, filter_ in filters.items():
            yield f"{name}{NEGATION if negated else ''}", filter_, negated


def group(components: Components, name: str, grammar: Grammar) -> Schema:
    """Return a reference to the language of one resource's `filter`."""
    return components.schema(name, lambda: _group(components, name, grammar))


def _group(components: Components, name: str, grammar: Grammar) -> Schema:
    again = {"$ref": f"#/components/schemas/{name}"}
    groups = {"type": "array", "items": again}
    values = {
        name: marked(grammar, name, in_json(value_schema(components, filter_)))
        for name, filter_, _ in named(grammar.filters)
    }
    return {
        "type": "object",
        "description": "Conditions that must all hold: those of the query parameters, under the same names, "
        "joined by `and`, `or` and `not`. Those on one to-many relation in one object mean the same related row. "
        f"An empty `and` holds for every row, an empty `or` for none. At most {MOST_CONDITIONS} conditions, "
        f"{DEEPEST} levels deep.",
        "minProperties": 1,
        "properties": {"and": groups, "or": groups, "not": again, **values},
        "additionalProperties": False,
    }

"""JSON Schemas of request bodies, as strictly as `serializers.core.json_types` and the fields themselves read them.

A member that is only read has no place in a POST. PUT and PATCH take it back unchanged, so that a client can
send what it has read: there it is `readOnly`, which tells generators and testers not to make values up.
"""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from api.core.query.deprecations import old_members
from api.core.query.field_rule_checks import for_everybody
from openapi.core.generation import names, policies
from openapi.core.generation.deprecations import marked
from openapi.core.generation.schemas.fields import with_text_rules
from openapi.core.generation.schemas.registry import Components, Schema
from openapi.core.generation.schemas.rows import with_rule
from openapi.core.generation.schemas.sources import column_of, fixed_default
from resources.core.policy import ALL
from serializers.core.json import decode, encode
from serializers.core.json_types import has_custom_reading
from serializers.core.write.renamed import new_names
from serializers.core.write.validation import prepare

LETTERS = r"\w"
"""Letters of every language to Python, and those of English alone to JSON Schema (ECMA-262, 22.2.2.9)."""
KINDS = {"create": "Create", "update": "Replace", "partial_update": "Update"}
"""What the name of a body's component ends with, by action."""

ABOUT = {
    "create": "A new {row}.",
    "update": "A whole {row}. A member that is left out takes its default; one that is only read may be sent back as "
    "it is.",
    "partial_update": "The members of {row} that change; null counts as a value, and a member that is only read may be "
    "sent back as it is.",
}


class Bodies:
    """Describes what a resource's operations read."""

    def __init__(self, inspector: Any) -> None:
        """Take drf-spectacular's inspector of one operation, which knows single fields."""
        self.inspector = inspector
        self.components = Components(inspector.registry)

    def body(self, view: Any) -> Schema:
        """Return the schema of the body of an action."""
        name = self.components.name(view) + KINDS[view.action]
        return self.components.schema(name, lambda: self._object(view))

    def _object(self, view: Any) -> Schema:
        writer = _writer(view)
        fields = writer.fields
        placed = {name: field for name, field in fields.items() if _has_place(field, view.action)}
        grammar = view.grammar()
        members = {
            name: marked(grammar, name, with_rule(view, name, self._member(field, view.action)))
            for name, field in placed.items()
        }
        row = names.singular(view)
        about = ABOUT[view.action].format(row=names.with_article(row) if view.action == "partial_update" else row)
        rules, verb = view.field_rules, policies.VERBS[view.action]
        free = [n for n in members if n not in rules or for_everybody(rules[n], verb)]
        pairs = new_names(writer, old_members(view.resource_type()))  # of which a body has either name
        free = [n for n in free if n not in {*pairs, *pairs.values()}]
        required = [n for n in free if fields[n].required and view.action != "partial_update"]
        schema: Schema = {"type": "object", "description": about}
        if required:
            schema["required"] = required
        if has_custom_reading(view.get_serializer_class()):
            return {"type": "object", "description": about, "additionalProperties": {}}  # what it takes, only it knows
        return {**schema, "properties": members, "additionalProperties": False}

    def _member(self, field: Any, action: str) -> Schema:
        if field.read_only:
            schema = self.inspector._map_serializer_field(field, "response")
            return {**schema, "readOnly": True}
        schema = dict(self.inspector._map_serializer_field(field, "request"))
        schema.pop("default", None)
        self.inspector._insert_field_validators(field, schema)
        if LETTERS in schema.get("pattern", ""):
            del schema["pattern"]
        schema = with_text_rules(field, schema)
        return schema if action == "partial_update" else schema | _default(field)


def _writer(view: Any) -> Any:
    """Return the view's serializer, as ready to read a body of the action as it is when one comes."""
    row = None if view.action == "create" else view.model()()
    serializer = view.declared_serializer(row)
    prepare(serializer, lambda model: ALL)
    return serializer


def _has_place(field: Any, action: str) -> bool:
    if isinstance(field, serializers.HiddenField):
        return False
    return not (field.read_only and action == "create")


def _default(field: Any) -> Schema:
    """Return the default of a member that may be left out, where its column has one that is always the same.

    One that could not be sent, such as "" where a text may not be blank, is taken all the same, and not told.
    """
    column = column_of(field)
    if field.required or column is None or column.many_to_many or column.primary_key:
        return {}
    default = fixed_default(column)
    if not default or (default == [None] and not field.allow_null):
        return {}
    [value] = default
    if value is None or column.is_relation:
        return {"default": decode(encode(value))}
    sent = decode(encode(field.to_representation(value)))
    try:
        field.run_validation(sent)
    except (serializers.ValidationError, ValidationError):
        return {}
    return {"default": sent}

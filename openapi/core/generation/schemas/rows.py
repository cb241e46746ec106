"""JSON Schemas of rows, pages and expanded lists: what a resource looks like in answers.

A resource has two schemas. `City` is the whole row, all of its members required: what typed clients work
with. `PartialCity` has the same members and requires none: what `fields` leaves of a row. Answers are
`anyOf` the two, at every level, because only that is true of every answer, and because a generated client
that insisted on members would break on a narrower `fields`. Two schemas and not one without `required`: so
a client that asks for whole rows has a type in which everything is there.
"""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

from api.core.query.field_rule_checks import hidden_from_some
from api.core.query.grammar import Expandable
from api.core.resource.registry import REGISTRY
from openapi.core.generation import names
from openapi.core.generation.deprecations import marked
from openapi.core.generation.policies import restrictions
from openapi.core.generation.schemas.registry import Components, Schema, described
from openapi.core.generation.schemas.sources import is_always_there, is_decided_in_code
from resources.core.access.hidden_fields import NOTHING, conceals
from serializers.core.paths import source_of
from serializers.core.read.selection import MOST_EXPANDED, MOST_INSIDE

URL = {"type": ["string", "null"], "format": "uri"}


class Rows:
    """Describes the rows of resources."""

    def __init__(self, inspector: Any) -> None:
        """Take drf-spectacular's inspector of one operation, which knows single fields."""
        self.inspector = inspector
        self.components = Components(inspector.registry)

    def row(self, view: Any) -> Schema:
        """Return the schema of a row, whole or partial."""
        return {"anyOf": self.alternatives(view)}

    def rows(self, view: Any) -> Schema:
        """Return the schema of a list of rows, as a POST of many answers."""
        return {"type": "array", "items": self.row(view)}

    def page(self, view: Any) -> Schema:
        """Return the schema of a page."""
        return self.components.schema(f"{self.name(view)}Page", lambda: self._page(view))

    def name(self, view: Any) -> str:
        """Return the name of a resource's component."""
        return self.components.name(view)

    def alternatives(self, view: Any) -> list[Schema]:
        """Return the whole row and the partial one."""
        name = self.name(view)
        whole = self.components.schema(name, lambda: self._whole(view), of=view.get_serializer_class())
        partial = self.components.schema(f"Partial{name}", lambda: self._partial(view))
        return [whole, partial]

    def _whole(self, view: Any) -> Schema:
        fields = self._fields(view)
        members = members_for_everybody(view.presentation(), view.model())
        required = [name for name, field in fields.items() if name in members and is_always_there(field)]
        about = serializers_doc(view)
        if is_decided_in_code(view.presentation(), "response"):
            return {"type": "object", "description": about, "additionalProperties": {}}
        return {"type": "object", "description": about, "required": required, "properties": self._members(view)}

    def _partial(self, view: Any) -> Schema:
        about = f"The members of `{self.name(view)}` that `fields` asked for."
        if is_decided_in_code(view.presentation(), "response"):
            return {"type": "object", "description": about, "additionalProperties": {}}
        return {"type": "object", "description": about, "properties": self._members(view)}

    def _members(self, view: Any) -> dict[str, Schema]:
        grammar = view.grammar()
        expandable = grammar.expandable
        shown = {name: self._member(field, expandable.get(name)) for name, field in self._fields(view).items()}
        shown |= {name: with_rule(view, name, shown[name]) for name in view.field_rules if name in shown}
        more = {name: self._expanded(relation) for name, relation in expandable.items() if name not in shown}
        return {name: marked(grammar, name, schema) for name, schema in (shown | more).items()}

    def _member(self, field: Any, relation: Expandable | None) -> Schema:
        plain = self.inspector._map_serializer_field(field, "response")
        plain = {name: value for name, value in plain.items() if name not in ("readOnly", "default", "title")}
        if relation is None:
            return plain
        about = plain.pop("description", "")
        instead = self._expanded_schemas(relation)
        names_ = [schema["$ref"].rpartition("/")[2] for schema in instead]
        schema = {"anyOf": [plain, *instead], "x-expanded": names_}
        return described(schema, f"{about} With `expand={relation.name}`: {_instead(relation)}.")

    def _expanded(self, relation: Expandable) -> Schema:
        schemas = self._expanded_schemas(relation)
        schema = schemas[0] if relation.many else {"anyOf": [*schemas, {"type": "null"}]}
        return described(schema, f"There with `expand={relation.name}` only: {_instead(relation)}.")

    def _expanded_schemas(self, relation: Expandable) -> list[Schema]:
        related = REGISTRY.of(relation.model)
        assert related is not None  # noqa: S101 - the grammar makes sure of it
        view: Any = related.source()
        if not relation.many:
            return self.alternatives(view)
        name = names.pascal("expanded", names.plural(view))
        return [self.components.schema(name, lambda: self._expansion(view))]

    def _expansion(self, view: Any) -> Schema:
        about = (
            f"The first {names.plural(view)} of a row ({MOST_INSIDE} inside another list), and the URL of the others."
        )
        results = {**self.rows(view), "maxItems": MOST_EXPANDED}
        following = described(URL, "Where the others are; null when these are all.")
        return _object(about, {"next": following, "results": results})

    def _page(self, view: Any) -> Schema:
        return _object(
            f"A page of {names.plural(view)}.",
            {
                "next": described(URL, "The next page; null at the end."),
                "previous": described(URL, "The page before; null at the beginning."),
                "count": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "How many there are in all; there with `count`, `page` or `page_size` only.",
                },
                "count_exact": {
                    "type": "boolean",
                    "const": False,
                    "description": "There where counting took too long: `count` rows at least, or, `estimated`, about.",
                },
                "results": self.rows(view),
            },
            optional=("count", "count_exact"),
        )

    def _fields(self, view: Any) -> dict[str, Any]:
        fields = view.presentation().fields
        return {name: field for name, field in fields.items() if not _is_hidden(field)}


def members_for_everybody(serializer: Any, model: type[Model] | None) -> set[str]:
    """Return the members that no field rule hides from anybody."""
    hidden = hidden_from_some() if model else NOTHING
    return {
        name
        for name, field in serializer.fields.items()
        if model is None or not conceals(hidden, model, source_of(field).shown_path)
    }


def with_rule(view: Any, name: str, schema: Schema) -> Schema:
    """Say of a member who may see and write it, where a field rule does."""
    rule = view.field_rules.get(name)
    about = [str(schema.get("description", "")), restrictions(rule) if rule else ""]
    return described(schema, " ".join(filter(None, about)))


def serializers_doc(view: Any) -> str:
    """Return what a serializer says of itself, or name what it shows."""
    said = view.get_serializer_class().__doc__
    return " ".join((said or f"{names.with_article(names.singular(view))}.").split())


def _is_hidden(field: Any) -> bool:
    return field.write_only or isinstance(field, serializers.HiddenField)


def _instead(relation: Expandable) -> str:
    return f"the first {MOST_EXPANDED} as objects" if relation.many else "the object, where it may be read"


def _object(about: str, members: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in members if name not in optional]
    return {"type": "object", "description": about, "required": required, "properties": members}

"""The components of the document that is being made, over drf-spectacular's registry."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Choices
from drf_spectacular.plumbing import ComponentIdentity, ComponentRegistry, ResolvedComponent

from api.core.query.grammar import grammar_of
from api.core.resource.resource_type import ResourceType
from openapi.core.generation import names

Schema = dict[str, Any]
DERIVED = "what is made of the name of a resource: its pages, bodies and filters"


@dataclass(frozen=True)
class Components:
    """Adds components, each once, and refers to them."""

    registry: ComponentRegistry

    def schema(self, name: str, schema: Schema | Callable[[], Schema], of: type[Any] | str = DERIVED) -> Schema:
        """Return a reference to a schema, made when it is first asked for; it may refer to itself.

        Args:
            name: of the component.
            schema: the schema, or what makes it.
            of: what it describes: a serializer, by which drf-spectacular knows it again, a class of choices, words.
        """
        return self._ref(ResolvedComponent.SCHEMA, name, schema, of)

    def parameter(self, name: str, schema: Schema | Callable[[], Schema]) -> Schema:
        """Return a reference to a parameter."""
        return self._ref(ResolvedComponent.PARAMETER, name, schema)

    def name(self, view: Any) -> str:
        """Return what the names of a resource's components are made of: what its serializer shows.

        Of several resources with one serializer that offer something else, all but the first go by their plural.
        """
        kind = view.get_serializer_class()
        first, resource = first_with(self.registry, kind), view.resource_type()
        plain = first is None or first is resource or _offers(first) == _offers(resource)
        return names.component(kind) if plain else names.pascal(view.plural())

    def _ref(
        self, kind: str, name: str, schema: Schema | Callable[[], Schema], of: type[Any] | str = DERIVED
    ) -> Schema:
        component = ResolvedComponent(name=name, type=kind, object=of)  # type: ignore[no-untyped-call]
        refuse_another(self.registry, component)
        if component not in self.registry:
            self.registry.register(component)
            component.schema = schema() if callable(schema) else schema
        return component.ref


def remember(registry: ComponentRegistry, resources: Iterable[ResourceType]) -> None:
    """Remember which of the resources of a document is the first with its serializer, and which with its model."""
    first: dict[type[Any], ResourceType] = {}
    for resource in resources:
        first.setdefault(type(resource.serializer), resource)
        first.setdefault(resource.model, resource)
    vars(registry)["first"] = first


def first_with(registry: ComponentRegistry, kind: type[Any]) -> ResourceType | None:
    """Return the first resource of a document with a serializer, or with a model; None for one of no resource."""
    first: dict[type[Any], ResourceType] = vars(registry).get("first", {})
    return first.get(kind)


def _offers(resource: ResourceType) -> tuple[object, ...]:
    """Return what of a resource its components describe, beside its serializer."""
    grammar = grammar_of(resource)
    names_ = map(tuple, (grammar.filters, grammar.fields, grammar.expandable))
    return (*names_, grammar.deprecated, resource.field_rules)


def refuse_another(registry: ComponentRegistry, component: ResolvedComponent) -> None:
    """Refuse a component by the name of another one, of which only the first would be described.

    Raises:
        ImproperlyConfigured: there is one.
    """
    other = registry._components.get(component.key)
    if other is None or described_by(other) == described_by(component):
        return
    raise two_of(component.name, described_by(other), described_by(component))


def two_of(name: str, one: Any, other: Any) -> ImproperlyConfigured:
    """Return the error that says which two things would have one name, and what to write."""
    both = " and ".join(map(_words, (one, other)))
    advice = ['above a serializer  @extend_schema_serializer(component_name="...")']
    if any(map(_is_enum, (one, other))):
        advice.append('in SPECTACULAR_SETTINGS  "ENUM_NAME_OVERRIDES": {"...": "its.module.Class"}')
    return ImproperlyConfigured(
        f"The contract would call two things {name}: {both}. Name one of the classes otherwise, or write "
        f"{', or '.join(advice)}"
    )


def _is_enum(described: Any) -> bool:
    return not isinstance(described, str) and issubclass(described, Choices)


def _words(described: Any) -> str:
    return described if isinstance(described, str) else f"{described.__module__}.{described.__qualname__}"


def described_by(component: ResolvedComponent) -> Any:
    """Return what a component describes: the class of a serializer, or what stands for it."""
    target = component.object.obj if isinstance(component.object, ComponentIdentity) else component.object
    return target if isinstance(target, type | str) else type(target)


def nullable(schema: Schema) -> Schema:
    """Allow null beside what a schema allows."""
    kind = schema.get("type")
    if not schema or (isinstance(kind, list) and "null" in kind):
        return schema
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def described(schema: Schema, text: str | None) -> Schema:
    """Put a description beside a schema; in 3.1 it may stand beside a reference."""
    return {**schema, "description": str(text)} if text else schema

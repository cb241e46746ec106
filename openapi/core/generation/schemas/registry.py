"""The components of the document that is being made, over drf-spectacular's registry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.plumbing import ComponentIdentity, ComponentRegistry, ResolvedComponent

Schema = dict[str, Any]


@dataclass(frozen=True)
class Components:
    """Adds components, each once, and refers to them."""

    registry: ComponentRegistry

    def schema(self, name: str, schema: Schema | Callable[[], Schema], of: type[Any] | None = None) -> Schema:
        """Return a reference to a schema, made when it is first asked for; it may refer to itself.

        Args:
            name: of the component.
            schema: the schema, or what makes it.
            of: the serializer that it describes, by which drf-spectacular knows it again.
        """
        return self._ref(ResolvedComponent.SCHEMA, name, schema, of)

    def parameter(self, name: str, schema: Schema | Callable[[], Schema]) -> Schema:
        """Return a reference to a parameter."""
        return self._ref(ResolvedComponent.PARAMETER, name, schema)

    def _ref(self, kind: str, name: str, schema: Schema | Callable[[], Schema], of: type[Any] | None = None) -> Schema:
        component = ResolvedComponent(name=name, type=kind, object=of or Components)  # type: ignore[no-untyped-call]
        refuse_another(self.registry, component)
        if component not in self.registry:
            self.registry.register(component)
            component.schema = schema() if callable(schema) else schema
        return component.ref


def refuse_another(registry: ComponentRegistry, component: ResolvedComponent) -> None:
    """Refuse a component by the name of another one, of which only the first would be described.

    Raises:
        ImproperlyConfigured: there is one.
    """
    other = registry._components.get(component.key)
    if other is None or _described(other) == _described(component):
        return
    names = " and ".join(map(str, (_described(other), _described(component))))
    raise ImproperlyConfigured(
        f"The contract would call two things {component.name}: {names}. Name one of the classes otherwise, or write "
        f'above it  @extend_schema_serializer(component_name="...")'
    )


def _described(component: ResolvedComponent) -> Any:
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

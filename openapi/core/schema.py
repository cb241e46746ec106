"""How each operation is described; see `Operation`."""

from typing import Any

from drf_spectacular.drainage import get_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    ComponentIdentity,
    ResolvedComponent,
    UnableToProceedError,
    force_instance,
    get_doc,
    get_type_hints,
    is_field,
    is_serializer,
    resolve_type_hint,
)
from rest_framework.serializers import BaseSerializer

from api.core.views.resource_view import ResourceView
from openapi.core.generation import examples, names, policies, security
from openapi.core.generation.parameters import Parameters
from openapi.core.generation.responses import Responses, of_custom_action, refusals
from openapi.core.generation.schemas.bodies import Bodies
from openapi.core.generation.schemas.fields import field_schema
from openapi.core.generation.schemas.registry import Components, Schema, described, first_with, refuse_another
from openapi.core.generation.schemas.rows import Rows, members_for_everybody
from openapi.core.generation.schemas.sources import is_decided_in_code, is_unknown
from serializers.core.write.model_rules import model_of

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
MOST_AT_ONCE = 1000


CODE_DECIDES = "Code of the serializer decides what this is."


class Operation(AutoSchema):
    """One operation of the contract.

    The six actions of a resource are described from its declarations, completely. Custom actions are described
    by drf-spectacular, with its decorators, and get this contract's names, parameters, security, headers and errors.
    """

    view: Any

    @property
    def standard(self) -> bool:
        """Whether the operation is one that every resource has, answered by Headwater's own code."""
        return isinstance(self.view, ResourceView) and self.view.action in (*names.VERBS, names.HISTORY)

    def get_operation_id(self) -> str:
        """Name the operation: `listCities`."""
        if isinstance(self.view, ResourceView):
            first = first_with(self.registry, self.view.model())
            alone = first is None or first is self.view.resource_type()
            return names.operation_id(self.view, self.method, "" if alone else self.view.resource_type().routes)
        return str(super().get_operation_id())

    def get_summary(self) -> str | None:
        """Say in a few words what it does."""
        return names.summary(self.view) if isinstance(self.view, ResourceView) else None

    def get_description(self) -> str:  # type: ignore[override]
        """Say what it does, in the words of the code that does it, and who may."""
        if not isinstance(self.view, ResourceView):
            return str(super().get_description())
        description = get_doc(getattr(self.view, self.view.action or ""))
        who = f"Who may: {self._who()}."
        return "\n\n".join(part for part in (description, who) if part)

    def get_extensions(self) -> Schema:
        """Say who may, for programs, beside what a decorator says."""
        usual: Schema = dict(super().get_extensions())
        if not isinstance(self.view, ResourceView):
            return usual
        return {"x-who-may": self._who(), **usual}

    def get_operation(self, *args: Any, **options: Any) -> Schema | None:
        """Describe the operation; extensions of a decorator stand beside who may, and not in the place of it."""
        operation: Schema | None = super().get_operation(*args, **options)
        if operation is not None and isinstance(self.view, ResourceView):
            operation.setdefault("x-who-may", self._who())
        return operation

    def _who(self) -> str:
        return policies.who(self.view.policy, policies.verb(self.view, self.method))

    def get_tags(self) -> list[str]:
        """Group the operation with the others of its resource."""
        if isinstance(self.view, ResourceView):
            return [names.tag(self.view)]
        return list(super().get_tags())

    def get_auth(self) -> list[Schema]:
        """Say whether and how one shows who asks."""
        if isinstance(self.view, ResourceView):
            return security.requirement(self.view, self.method)
        return list(super().get_auth())

    def _get_parameters(self) -> list[Schema]:
        if not isinstance(self.view, ResourceView):
            return list(super()._get_parameters())
        ours = Parameters(Components(self.registry), self.view)
        return ours.all() if self.standard else ours.of_custom_action(super()._get_parameters(), self.method)

    def _get_request_body(self, direction: str = "request") -> Schema | None:
        if not self.standard:
            usual: Schema | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
            return self._closed(usual) if isinstance(self.view, ResourceView) else usual
        if self.view.action not in ("create", "update", "partial_update"):
            return None
        return {"required": True, "content": self._bodies()}

    def _closed(self, body: Schema | None) -> Schema | None:
        """Say of the body of a custom action that it has no other members, and that there is one."""
        for content in (body or {}).get("content", {}).values():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            if name:
                self.registry[(name, "schemas")].schema["additionalProperties"] = False
        return body

    def _bodies(self) -> Schema:
        body = Bodies(self).body(self.view)
        content: Schema = {"schema": body}
        row = examples.row(self.view)
        if row:
            schema = self.registry[(body["$ref"].rpartition("/")[2], "schemas")].schema
            content["example"] = examples.body(row, schema, partial=self.view.action == "partial_update")
        if self.view.action == "create":
            content["schema"] = {"anyOf": [body, {"type": "array", "maxItems": MOST_AT_ONCE, "items": body}]}
        read = dict.fromkeys(parser.media_type for parser in self.view.get_parsers())
        forms = {name: {"schema": body} for name in read if name not in (JSON, MERGE_PATCH)}
        patching = self.view.action == "partial_update"
        return {name: content for name in read if name == JSON or (patching and name == MERGE_PATCH)} | forms

    def _get_response_bodies(self, direction: Any = "response") -> Schema:
        if self.standard:
            return Responses(self).all()
        usual: Schema = super()._get_response_bodies(direction)
        if not isinstance(self.view, ResourceView):
            return usual
        responses = {status: of_custom_action(response, self.method) for status, response in usual.items()}
        return responses | refusals(self.view, self.method)

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Schema:
        if is_unknown(field):
            return described({}, field.help_text)
        if not isinstance(field, BaseSerializer) and is_decided_in_code(field, direction):
            schema = self._map_response_type_hint(field.to_representation) if direction == "response" else {}
            return described(schema, field.help_text)
        usual = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        return field_schema(Components(self.registry), field, direction, usual)

    def _map_response_type_hint(self, method: Any) -> Schema:
        """Describe what a method returns, as far as it says so: what says nothing may return anything."""
        try:
            hint = get_override(method, "field") or get_type_hints(method)["return"]
            if not (is_serializer(hint) or is_field(hint) or isinstance(hint, dict)):
                resolve_type_hint(hint)  # type: ignore[no-untyped-call]
        except (KeyError, UnableToProceedError):
            return described({}, get_doc(method))
        usual: Schema = super()._map_response_type_hint(method)  # type: ignore[no-untyped-call]
        return usual

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Schema:
        if is_decided_in_code(serializer, direction):
            return {"description": CODE_DECIDES}
        usual: Schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        members = members_for_everybody(serializer, model_of(serializer))
        required = [name for name in usual.get("required", ()) if name in members]
        return {name: value for name, value in {**usual, "required": required}.items() if name != "required" or value}

    def resolve_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """Let a custom action show rows under the schema that they have everywhere."""
        if direction == "response" and self._is_own(serializer):
            first = first_with(self.registry, self.view.get_serializer_class())
            Rows(self).alternatives(first.source() if first else self.view)
        schema: Any = force_instance(serializer)  # type: ignore[no-untyped-call]
        if direction == "request" and self.standard and self.view.action == "partial_update":
            schema.partial = True  # a PATCH may leave out members of nested objects, too
        name, what = self._get_serializer_name(schema, direction), self.get_serializer_identity(schema, direction)
        refuse_another(self.registry, ResolvedComponent(name, ResolvedComponent.SCHEMA, object=what))  # type: ignore[no-untyped-call]
        return super().resolve_serializer(schema, direction, bypass_extensions)

    def _is_own(self, serializer: Any) -> bool:
        kind = serializer if isinstance(serializer, type) else type(serializer)
        return isinstance(self.view, ResourceView) and kind is self.view.get_serializer_class()

    def get_serializer_identity(self, serializer: Any, direction: Any) -> Any:
        """Know those that `Meta.depth` has made for one model again, though each is of a class of its own."""
        if names.is_made_by_depth(type(serializer)):
            return ComponentIdentity(names.component(serializer))  # type: ignore[no-untyped-call]
        return super().get_serializer_identity(serializer, direction)

    def get_serializer_name(self, serializer: Any, direction: str) -> str:
        """Name a component after its serializer."""
        return names.component(serializer)

"""Serializers that are prepared once for the bodies of any request: only DRF's code sees their fields.

May refuse: a class that runs code of somebody's own, or whose fields need to know the request.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Manager, Model, QuerySet
from django.db.models.manager import BaseManager
from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.policy import ALL
from resources.core.resource import Resources
from serializers.core.fields import Instant, UUIDv7
from serializers.core.json import Json
from serializers.core.kinds import Field, Serializer
from serializers.core.write import validation
from serializers.core.write.batch_lookup import rows_of
from serializers.core.write.bulk_insert import only_inserts
from serializers.core.write.fast_validation import PLAIN, accept, acceptance_of, accepts
from serializers.core.write.field_cache import is_settled
from serializers.core.write.members import Shown
from serializers.core.write.row_sql import only_updates
from serializers.core.write.single_lookup import hasten
from serializers.core.write.uniqueness import Uniqueness, has_constraint, of, replace_rules
from serializers.core.write.values import Values

FREE = frozenset((*PLAIN, Instant, UUIDv7, serializers.UUIDField, serializers.DecimalField, serializers.DateField))
"""The fields that know nothing of a request."""
FIXED = (BaseManager.get_queryset, Manager.get_queryset, Resources.get_queryset)
"""How managers make the querysets of which all requests may share one."""
CUSTOM = ("__init__", "validate", "create", "update", "save", "get_validators", "get_initial")
"""The methods of a serializer that could see its fields while a row is written."""


class Prepared(NamedTuple):
    """A serializer that is ready for bodies.

    Attributes:
        serializer: holds no body.
        references: the models that its bodies refer to.
        unique: the members that are compared with other rows; where a row is changed, such bodies are not taken, since
            who is asked must know the row.
        has_constraints: whether the database holds all that is compared, so that nothing need be asked before.
        is_saved_plainly: whether saving such a row is one statement, as long as nobody listens.
    """

    serializer: Serializer
    references: frozenset[type[Model]]
    unique: frozenset[str]
    has_constraints: bool
    is_saved_plainly: bool

    @property
    def members(self) -> set[str]:
        """Return the names of what a body may write."""
        acceptance = acceptance_of(self.serializer)
        assert acceptance is not None  # noqa: S101 - without it nothing is prepared
        return acceptance.known

    def validate(
        self, body: Json, context: Values, row: Model | None = None, shown: Shown | None = None, *, ask: bool = True
    ) -> Serializer | None:
        """Return a serializer of a body; None where that is not plainly right.

        Args:
            body: as it was sent.
            context: of the serializer.
            row: what is changed; None for what is new.
            shown: says what the row shows now.
            ask: whether other rows are asked about; the model's own rules are in any case.
        """
        if type(body) is not dict or (row is not None and not self.unique.isdisjoint(body)):
            return None
        made = validation.another(self.serializer, body)
        made._context, made.instance = context, row
        beside = validation.faults_with_others if ask else validation.rule_faults_of
        right = accepts(made, shown) and not beside(made, "", ask=False)
        return made if right else None


@lru_cache(maxsize=1024)
def prepared_for(kind: type, *, changes: bool) -> Prepared | None:
    """Return a serializer of a class that is ready to make new rows, or to change some members of stored ones."""
    if not issubclass(kind, serializers.ModelSerializer) or not is_settled(kind):
        return None
    if any(getattr(kind, name) is not getattr(serializers.ModelSerializer, name) for name in CUSTOM):
        return None
    model: type[Model] = getattr(kind, "Meta").model  # noqa: B009
    serializer = kind(model() if changes else None, data=None, partial=changes)
    validation.prepare(serializer, lambda _: ALL)
    if not all(map(_is_fixed, _lookup_rows(serializer))):
        return None
    hasten(serializer, keys_only=model.clean is Model.clean)
    accept(serializer)
    if acceptance_of(serializer) is None:
        return None
    fields = [field for field in serializer.fields.values() if not field.read_only]
    custom = serializer.validators or any(hasattr(serializer, f"validate_{field.field_name}") for field in fields)
    stock = all(type(each.rule).__module__.startswith("rest_framework.") for each in of(serializer))
    if custom or not stock or not all(map(_is_free, fields)):
        return None
    referring = [field for field in fields if type(field) is serializers.PrimaryKeyRelatedField]
    unique = frozenset(name for each in of(serializer) for name in each.members)
    constraints = all(has_constraint(each, serializer) and _has_all(each, serializer) for each in of(serializer))
    if changes:
        replace_rules(serializer, [])
    plainly = only_updates(serializer) if changes else only_inserts(serializer)
    return Prepared(serializer, frozenset(rows_of(field).model for field in referring), unique, constraints, plainly)


def _lookup_rows(serializer: Serializer) -> Iterator[object]:
    """Yield the querysets, or managers, in which the bodies of a prepared serializer are looked up."""
    fields = (getattr(field, "queryset", None) for field in serializer.fields.values())
    yield from (rows for rows in fields if rows is not None)
    yield from (each.rule.queryset for each in of(serializer))


def _is_fixed(rows: object) -> bool:
    """Whether rows are the same for all requests; a manager of somebody's own may look at who asks (tenants)."""
    return isinstance(rows, QuerySet) or getattr(type(rows), "get_queryset", None) in FIXED


def _has_all(each: Uniqueness, serializer: Serializer) -> bool:
    """Whether no body is right that lacks one of the members compared, which only the validator would tell."""
    return each.alone or all(serializer.fields[name].required for name in each.members)


def _is_free(field: Field) -> bool:
    needing = any(getattr(each, "requires_context", False) for each in field.validators)
    return type(field) in FREE and field.default is empty and not needing

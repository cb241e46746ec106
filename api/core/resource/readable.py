"""Which rows of other resources take part in an answer: those that their own lists would show to whoever asks.

Filters, searches, orders, cursors, expansions and references all ask here. What is not readable is as if it were not
there, or NULL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from api.core.tracing.slots import Untraceable
from resources.core.actor import Actor
from resources.core.database.related import LOOKUP_SEPARATOR, Relation, leads_into, leads_to, relation
from resources.core.policy import ALL


@dataclass(frozen=True, slots=True)
class Readable:
    """The rows of every resource that somebody may read.

    Attributes:
        actor: who asks; a symbolic one where a statement is traced.
        request: what they sent, for resources whose own code chooses their rows; None where a statement is traced.
        chosen: what that code has chosen for this request.
    """

    actor: Actor
    request: Request | None = None
    custom_rows: dict[type[Model], QuerySet[Model]] = field(default_factory=dict, compare=False)

    def rows(self, model: type[Model]) -> QuerySet[Model]:
        """Return the readable rows of a model; all of a model that is no resource.

        Raises:
            Untraceable: custom code of the resource chooses them for each request.
        """
        resource = REGISTRY.of(model)
        if resource is None:
            return QuerySet(model)
        if not resource.chooses_rows:
            return resource.rows(self.actor)
        if model not in self.custom_rows:
            self.custom_rows[model] = self._choose(resource)
        return self.custom_rows[model].all()

    def narrower(self, model: type[Model]) -> QuerySet[Model] | None:
        """Return the readable rows of a model, or None where all of its table are."""
        if REGISTRY.of(model) is None:
            return None
        rows = self.rows(model)
        return None if _is_whole(rows) else rows

    def condition(self, model: type[Model]) -> Q:
        """Return the condition of the readable rows of a model; `ALL` where all of its table are."""
        resource = REGISTRY.of(model)
        if resource is None:
            return ALL
        if not resource.chooses_rows and _is_whole(resource.queryset):
            return resource.allowed("read", self.actor)
        rows = self.narrower(model)
        return ALL if rows is None else Q(pk__in=rows.order_by().values("pk"))

    def along(self, model: type[Model], path: str) -> Iterator[Q]:
        """Yield what makes every row of another resource that a path of to-one relations leads to a readable one.

        The last name is a column of the row before it, which is readable, unless it is a one-to-one from elsewhere.
        """
        names = path.split(LOOKUP_SEPARATOR)
        for place, name in enumerate(names, start=1):
            step = relation(model, name)
            if step is None or step.one_to_many or step.many_to_many or (place == len(names) and step.concrete):
                return
            model = step.related_model
            rows = self.narrower(model)
            if rows is not None:
                yield self._leading(LOOKUP_SEPARATOR.join(names[:place]), step, rows)

    def _leading(self, path: str, step: Relation, rows: QuerySet[Model]) -> Q:
        """Return the condition that a relation leads to a readable row: to one of few, or each asked by itself."""
        resource = REGISTRY.of(rows.model)
        few = None if resource is None or resource.chooses_rows else resource.few_rows(self.actor)
        return leads_to(path, step, rows) if few is None else leads_into(path, step, few)

    def _choose(self, resource: ResourceType) -> QuerySet[Model]:
        """Ask the resource's own code, as if its list had been asked for; what refuses that has no readable rows."""
        if self.request is None:
            raise Untraceable(f"code of {resource.declared_by}'s own chooses the rows that may be read")
        try:
            return resource.source_like(self.request).readable_rows(self.actor)
        except (APIException, Http404, PermissionDenied):
            return resource.model._default_manager.none()


def _is_whole(rows: QuerySet[Model]) -> bool:
    return not rows.query.where and not rows.query.is_sliced

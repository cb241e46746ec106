"""What is declared of a resource, as a value: the same whether a viewset declares it or a table was introspected.

Whoever asks "which resource, who may read it, how is it shown" asks a ResourceType, and never a view. While the class
of a view was the resource, 21 modules imported one another in one circle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, router
from django.db.models import DecimalField, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.urls import reverse
from rest_framework.request import Request

from api.core.resource.deprecation import Deprecation
from api.core.resource.naming import kebab
from resources.core.access.own_rows import OwnRows
from resources.core.actor import ANONYMOUS, Actor
from resources.core.database.columns import Column
from resources.core.journal.tables import is_journaled
from resources.core.keys import Key
from resources.core.policy import ALL, Policy, Verb
from serializers.core.kinds import Serializer
from serializers.core.read.selection import EVERYTHING, Selection

type FilterFields = Sequence[str] | Mapping[str, Sequence[str]] | str | None
"""What `filterset_fields` may be: names, lookups by the names of columns, `"__all__"`."""
type OrderingFields = Sequence[str | tuple[str, str]] | str | None
"""What `ordering_fields` may be, as in DRF: names, pairs of a name and a label, `"__all__"`."""
type Ordering = Sequence[str | Combinable] | str | None
"""What `ordering` may be: names of columns, with a hyphen for the other direction, or expressions."""


class RowSource(Protocol):
    """What chooses and shows rows where a request may have a say in it: a view, with a request or without one."""

    @property
    def request(self) -> Request | None:
        """Return the request, or None."""
        ...

    def custom_rows(self) -> QuerySet[Model]:
        """Return the rows that custom code of the resource chooses, whoever may read them."""
        ...

    def readable_rows(self, actor: Actor) -> QuerySet[Model]:
        """Return those of them that an actor may read."""
        ...

    def page_rows(self, actor: Actor, *, whole: bool) -> QuerySet[Model]:
        """Return the same, as a page of them is found quickest; `whole` where no filter leaves out some."""
        ...

    def all_rows(self, actor: Actor, *, whole: bool) -> QuerySet[Model]:
        """Return the same, as all of them are found quickest; `whole` where no filter leaves out some."""
        ...

    def check_permissions(self, request: Request) -> None:
        """Ask permission classes whether a list may be read at all."""
        ...

    def presentation(self, selection: Selection = EVERYTHING) -> Serializer:
        """Return a serializer that shows a selection of a row."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What a resource offers its readers, as it was declared: see `ResourceView`."""

    expand: Sequence[str] = ()
    filterset_fields: FilterFields = ()
    filterset_class: type[django_filters.FilterSet] | None = None
    search_fields: Sequence[str] = ()
    ordering_fields: OrderingFields = None
    ordering: Ordering = None
    extra_parameters: Sequence[str] = ()
    unindexed: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class ResourceType:
    """A kind of resource (SCIM, RFC 7643, section 6; JSON:API calls it the type): `trips`.

    Attributes:
        declared_by: the name of the class that declares it, for what is said to whoever wrote that.
        plural: its name in URLs, scopes and events.
        routes: what the names of its routes begin with.
        key_argument: what its routes call the key.
        model: whose rows.
        key: the column that rows are found by.
        policy: who may do what.
        field_rules: who may see and write single members, by their names, where that is not everybody.
        options: what readers may ask for.
        queryset: the rows, whoever asks.
        creatable: whether clients create rows.
        is_listed: whether it has a list, which no code of its own answers.
        custom_code: the first method that chooses or shows rows and is neither Headwater's nor DRF's; None without one.
        chooses_rows: whether custom code of the resource chooses the rows of its list for each request.
        permissions: names of permission classes, which are asked beside the policy, with the request.
        action_policies: those of actions that bring their own.
        deprecated: members and parameters that are going to go, by their names.
        source: makes a source of rows that knows no request.
        source_for: makes one as if a person, or with None nobody, had asked for the list, with no parameter.
        source_like: makes one as if whoever sent a request had asked for the list, with no parameter.
    """

    declared_by: str
    plural: str
    routes: str
    key_argument: str
    model: type[Model]
    key: Column
    policy: Policy
    field_rules: Mapping[str, Policy]
    options: Options
    queryset: QuerySet[Model]
    creatable: bool
    is_listed: bool
    custom_code: str | None
    chooses_rows: bool
    permissions: tuple[str, ...]
    action_policies: tuple[Policy, ...]
    deprecated: Mapping[str, Deprecation]
    source: Callable[[], RowSource]
    source_for: Callable[[AbstractBaseUser | None], RowSource]
    source_like: Callable[[Request], RowSource]

    @property
    def has_changes(self) -> bool:
        """Whether the changes of its rows are noted, and can be followed as its list would show them."""
        model = self.model._meta.concrete_model or self.model
        return self.is_listed and is_journaled(model) and router.db_for_read(model) == DEFAULT_DB_ALIAS

    def allowed(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows on which an actor may do something; a key out of scope counts as nobody."""
        return self.policy.rows(verb, self.in_scope(verb, actor))

    @cached_property
    def own_rows(self) -> OwnRows:
        """Return the rows that the policy lets an actor read, as they are found where there may be several."""
        return OwnRows(self.policy, "read", self.model)

    def in_scope(self, verb: Verb, actor: Actor) -> Actor:
        """Return the actor, or nobody in the place of a key whose scopes do not reach this resource."""
        return actor if actor.anonymous or actor.has_scope(self.scope_of(verb)) else ANONYMOUS

    def scope_of(self, verb: Verb) -> str:
        """Return the scope that a key needs to do something here: `trips:read`."""
        return self._read_scope if verb == "read" else self._write_scope

    @cached_property
    def _read_scope(self) -> str:
        return f"{kebab(self.plural)}:read"

    @cached_property
    def _write_scope(self) -> str:
        return f"{kebab(self.plural)}:write"

    def rows(self, actor: Actor) -> QuerySet[Model]:
        """Return the rows that an actor may read, for other resources to show."""
        allowed = self.allowed("read", actor)
        return self.queryset.all() if allowed is ALL else self.queryset.filter(allowed)

    def own_keys(self, actor: Actor) -> QuerySet[Model, Mapping[str, object]] | None:
        """Return the keys of the same rows, each once, where they are known without a look at the rows; else None."""
        query = self.queryset.query
        repeated = query.distinct_fields or (len(query.alias_map) > 1 and query.group_by is None)
        if self.custom_code is not None or query.where or query.is_sliced or repeated:
            return None
        return self.own_rows.keys(self.in_scope("read", actor))

    def few_rows(self, actor: Actor) -> QuerySet[Model] | None:
        """Return the same rows, gathered from where they are named; None for an actor who may read many."""
        few = self.own_rows.few(self.in_scope("read", actor))
        return None if few is None else self.queryset.filter(few)

    def route(self, kind: str) -> str:
        """Return the name of a route, as DRF's router gives it: `trip-detail`."""
        return f"{self.routes}-{kind}"

    def path(self, key: Key | None = None) -> str:
        """Return the path of the collection, or of one item."""
        if key is None:
            return reverse(self.route("list"))
        return reverse(self.route("detail"), kwargs={self.key_argument: str(key)})

    @cached_property
    def serializer(self) -> Serializer:
        """Return the serializer that the list is declared to show rows with, as nobody sees them.

        Raises:
            ImproperlyConfigured: custom code of the resource fails; the message says where.
        """
        try:
            return self.source_for(None).presentation()
        except Exception as fault:
            raise ImproperlyConfigured(
                f"{self.declared_by}: which members its rows have is read when the server starts, from what it shows "
                f"to nobody who asks for its list, and that fails: {type(fault).__name__}: {fault}. "
                f"{_undeclared_decimal(self.model) or GIVE_SOMETHING}"
            ) from fault

    def listed_rows(self, people: Sequence[AbstractBaseUser | None]) -> QuerySet[Model]:
        """Return the rows of a list that the first of some people sees; those declared, where its code fails for all.

        Args:
            people: who asks in turn; None is nobody.
        """
        for person in people:
            with suppress(Exception):
                return self.source_for(person).custom_rows()
        return self.queryset.all()


GIVE_SOMETHING = "Let get_serializer_class and the serializer give something there, too."


def _undeclared_decimal(model: type[Model]) -> str | None:
    """Say what to write for a decimal without digits, of which DRF does not know how to make a field."""
    name = _without_digits(model)
    if name is not None:
        return (
            f"{name} is a DecimalField without digits, for which DRF makes no field. Declare it in the serializer:  "
            f"{name} = serializers.DecimalField(max_digits=None, decimal_places=None)"
        )
    for relation in model._meta.concrete_fields:
        name = None if relation.related_model is None else _without_digits(relation.related_model)
        if name is not None:
            return (
                f"{relation.name}.{name} is a DecimalField without digits, for which DRF makes no field; where "
                f"Meta.depth shows it, declare {relation.name} as a serializer of your own in its place."
            )
    return None


def _without_digits(model: type[Model]) -> str | None:
    columns = (column for column in model._meta.concrete_fields if isinstance(column, DecimalField))
    return next((column.name for column in columns if column.max_digits is None), None)

"""Whose changes somebody can follow: the resources that they may read, and the tables in which each of them changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, ManyToManyField, ManyToManyRel, Model
from django.http import Http404
from django.urls import NoReverseMatch
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.exceptions import PermissionDenied as NotPermitted
from rest_framework.request import Request

from api.core.changes.events import Writer
from api.core.changes.rights import Facts, facts_of
from api.core.changes.visibility import Visibility
from api.core.query.field_rules import grammar_for
from api.core.query.grammar import grammar_of
from api.core.query.parameters.templates import query_of
from api.core.read.pipeline import Pipeline
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from resources.core.actor import Actor
from resources.core.database.related import named_by_rows
from resources.core.policy import NONE


@dataclass(frozen=True)
class Participant:
    """A resource whose changes somebody follows.

    Attributes:
        resource: which.
        visibility: what they may know of its changes.
        writer: writes them.
        facts: what else decides who may read what of it.
        links: tables of many-to-many relations that its rows show, with the column there that names a row.
    """

    resource: ResourceType
    visibility: Visibility
    writer: Writer
    facts: Facts
    links: Mapping[str, ForeignKey[Model, Model]]

    @property
    def table(self) -> str:
        """Return the name of the table of its rows."""
        return self.resource.model._meta.db_table

    @property
    def depends_on_actor(self) -> bool:
        """Whether who somebody is, such as one of the staff, may decide what they see of it."""
        return not self.visibility.is_open or bool(self.resource.field_rules)

    @property
    def tables(self) -> frozenset[str]:
        """Return the names of all tables whose changes have to do with it."""
        return frozenset((self.table, *self.links)) | self.facts.tables


def participants(request: Request, actor: Actor, origin: str, names: Iterable[str] = ()) -> list[Participant]:
    """Return the resources that somebody may read: all of them, or those that are named.

    Raises:
        NotAuthenticated, PermissionDenied: one that is named may not be read.
    """
    named = frozenset(names)
    found = []
    for resource in followed_resources():
        if named and resource.plural not in named:
            continue
        if may_read(resource, actor, request):
            found.append(participant(resource, actor, request, origin))
        elif named:
            raise NotAuthenticated if actor.anonymous else NotPermitted
    return found


def followed() -> list[str]:
    """Return the names of the resources whose changes can be followed."""
    return [resource.plural for resource in followed_resources()]


def followed_resources() -> list[ResourceType]:
    """Return the resources whose changes can be followed, one for each address."""
    by_name = dict[str, ResourceType]()
    for resource in REGISTRY.every:
        if is_followed(resource):
            by_name.setdefault(resource.plural, resource)
    return [*by_name.values()]


def is_followed(resource: ResourceType) -> bool:
    """Whether the changes of a resource can be followed: they are noted, and it has an address here."""
    if not resource.has_changes:
        return False
    try:
        resource.path()
    except NoReverseMatch:
        return False
    return True


def may_read(resource: ResourceType, actor: Actor, request: Request) -> bool:
    """Whether somebody may read any rows of a resource, as its list would say."""
    if resource.allowed("read", actor) is NONE:
        return False
    if not resource.permissions:
        return True
    try:
        resource.source_like(request).check_permissions(request)
    except (APIException, Http404, PermissionDenied):
        return False
    return True


def participant(resource: ResourceType, actor: Actor, request: Request, origin: str) -> Participant:
    """Return a resource as somebody follows it: as its list would show it to them, without a parameter."""
    grammar = grammar_for(resource, actor)
    shape = query_of(grammar, (), item=True).shape
    source = resource.source_like(request) if resource.custom_code else resource.source()
    visibility = Visibility(Pipeline(source, grammar, shape, actor), origin)
    links = {table: column for table, (column, name) in links_of(resource).items() if name in grammar.fields}
    return Participant(resource, visibility, Writer.of(resource, actor, origin), facts_of(visibility), links)


@cache
def links_of(resource: ResourceType) -> Mapping[str, tuple[ForeignKey[Model, Model], str]]:
    """Return the tables of many-to-many relations that rows show, with the column that names a row, and the member."""
    grammar, links = grammar_of(resource), {}
    for name in grammar.fields:
        relation = named_by_rows(grammar.model, grammar.sources[name].path[0])
        field = relation.field if isinstance(relation, ManyToManyRel) else relation
        if isinstance(field, ManyToManyField):
            through = field.remote_field.through
            assert through is not None  # noqa: S101 - Django has made it by now
            near = field.m2m_field_name() if field is relation else field.m2m_reverse_field_name()
            column = through._meta.get_field(near)
            if isinstance(column, ForeignKey) and column.target_field.primary_key:
                links[through._meta.db_table] = column, name
    return links

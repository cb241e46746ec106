"""What every resource declares, and what follows from it: names, rows, presentation, who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.db.models.base import ModelBase
from django.db.models.manager import BaseManager
from django.http import HttpResponseBase, QueryDict
from django.urls import reverse
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import NotAuthenticated, NotFound, PermissionDenied
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from api.core import acting
from api.core.answers.links import absolute, origin_set
from api.core.answers.respond import nothing, with_cache_headers
from api.core.intake.authentication import actor_of
from api.core.intake.imagined import told_model
from api.core.keys import key_fits
from api.core.naming import kebab
from api.core.queries.fieldrules import hidden_from
from api.core.queries.grammar import Grammar, grammar_of
from api.core.queries.narrowing import narrowed
from api.core.queries.parameters import Reader
from api.core.queries.shape import Query
from api.core.representations import CSVRenderer, JSONRenderer, NDJSONRenderer
from resources.core.actor import ANONYMOUS, Actor
from resources.core.policy import ALL, NONE, Policy, Verb
from serializers.core import writing
from serializers.core.lookups import first
from serializers.core.selection import EVERYTHING, Selection, present


@cache
def _plural(model: type[Model]) -> str:
    return kebab(str(model._meta.verbose_name_plural))


CHOOSING = (
    "get_queryset",
    "get_serializer_class",
    "get_serializer",
    "presentation",
    "readable_rows",
    "rows",
    "allowed",
)


def _among(rows: QuerySet[Any], allowed: Q) -> QuerySet[Any]:
    return rows if allowed is ALL else rows.filter(allowed)


def _function(viewset: type, name: str) -> Any:
    """Return the function behind a method, bound to its class or not."""
    return getattr(getattr(viewset, name), "__func__", getattr(viewset, name))


class ResourceView(GenericViewSet):  # type: ignore[type-arg]
    """A resource. Declare `queryset`, `serializer_class` and `policy`; the rest is optional.

    Attributes:
        policy: who may do what. Without one nothing starts.
        field_rules: who may see and write single members, by their names, where that is not everybody.
        expand: the relations that clients may have shown as objects.
        filterset_fields: columns that may be filtered by: a list (natural lookups), or a dict of lookups.
        filterset_class: a django-filter FilterSet of your own instead.
        search_fields, ordering_fields, ordering: as in DRF.
        extra_parameters: query parameters that code of your own reads; without this they are refused as unknown.
        address, routes_name: its plural name and what the names of its routes begin with, where they do not follow
            from the model. `router.register("trips", TripViewSet, basename="trip")` sets them.
        verb: what an action of one's own is to the policy, where its method does not say:
            `@action(methods=["post"], verb="read")`. An action may also bring its own `policy`, `serializer_class` and
            `extra_parameters`.
    """

    policy: ClassVar[Policy]
    field_rules: ClassVar[Mapping[str, Policy]] = {}
    expand: ClassVar[Sequence[str]] = ()
    filterset_fields: Any = ()
    filterset_class: Any = None
    search_fields: Sequence[str] = ()
    ordering_fields: Sequence[str] | None = None
    ordering: str | Sequence[str] | None = None
    extra_parameters: Sequence[str] = ()
    verb: Verb | None = None
    filter_backends: Sequence[Any] = ()
    address: ClassVar[str] = ""
    routes_name: ClassVar[str] = ""
    lookup_value_regex = "[^/]+"
    action: str = "list"
    request: Any = None

    @classmethod
    def model(cls) -> type[Model]:
        """Return the model of the resource."""
        named: Any = cls.queryset if cls.queryset is not None else getattr(cls.serializer_class, "Meta", None)
        found: Any = named if isinstance(named, ModelBase) else getattr(named, "model", None)
        model: type[Model] = found or told_model(cls)
        return model

    @classmethod
    def plural(cls) -> str:
        """Return the resource's name in URLs, scopes and events: `trips`."""
        return cls.address or _plural(cls.model())

    @classmethod
    def route(cls, kind: str) -> str:
        """Return the name of a route, as DRF's router gives it: `trip-detail`."""
        return f"{cls.routes_name or cls.model()._meta.model_name}-{kind}"

    @classmethod
    def path(cls, key: Any = None) -> str:
        """Return the path of the collection, or of one item."""
        if key is None:
            return reverse(cls.route("list"))
        return reverse(cls.route("detail"), kwargs={cls.lookup_url_kwarg or cls.lookup_field: str(key)})

    @classmethod
    @cache
    def grammar(cls) -> Grammar:
        """Return what readers may ask for."""
        return grammar_of(cls)

    @classmethod
    def grammar_for(cls, actor: Actor) -> Grammar:
        """Return what an actor may ask for: what the field rules hide from them is not there."""
        grammar = cls.grammar()
        return narrowed(cls, hidden_from(actor, grammar.ruled)) if grammar.ruled else grammar

    @classmethod
    def understand(cls, parameters: Mapping[str, str], grammar: Grammar | None = None) -> Query:
        """Read parameters as if a client had sent them, one who may see everything unless a grammar is given."""
        query = QueryDict(mutable=True)
        query.update(dict(parameters))
        return Reader(grammar or cls.grammar(), query).query()

    @classmethod
    def allowed(cls, verb: Verb, actor: Actor) -> Q:
        """Return the rows on which an actor may do something; a key out of scope counts as nobody."""
        return cls.policy.rows(verb, cls.in_scope(verb, actor))

    @classmethod
    def in_scope(cls, verb: Verb, actor: Actor) -> Actor:
        """Return the actor, or nobody in the place of a key whose scopes do not reach this resource."""
        return actor if actor.anonymous or actor.has_scope(cls.scope_of(verb)) else ANONYMOUS

    @classmethod
    def scope_of(cls, verb: Verb) -> str:
        """Return the scope that a key needs to do something here: `trips:read`."""
        return f"{kebab(cls.plural())}:{'read' if verb == 'read' else 'write'}"

    @classmethod
    def rows(cls, actor: Actor) -> QuerySet[Any]:
        """Return the rows that an actor may read, for other resources to show."""
        return _among(cls.declared_rows(), cls.allowed("read", actor))

    @classmethod
    def declared_rows(cls) -> QuerySet[Any]:
        """Return the rows of the resource, whoever asks."""
        declared: Any = cls.model()._default_manager if cls.queryset is None else cls.queryset
        rows: QuerySet[Any] = declared.all()
        return rows

    def own_rows(self) -> QuerySet[Any]:
        """Return what `get_queryset` gives, which code of one's own may give as a manager, or as a list of rows."""
        found: Any = self.get_queryset()
        if isinstance(found, QuerySet):
            return found
        return (
            found.all()
            if isinstance(found, BaseManager)
            else self.model()._default_manager.filter(pk__in=[row.pk for row in found])
        )

    def readable_rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the rows of this request's own queryset that the actor may read."""
        return self._filtered(_among(self.own_rows(), self.allowed("read", actor)))

    def _filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for backend in self.filter_backends:
            # Those of DRF and django-filter are done by the grammar, strictly; one's own are asked.
            if not issubclass(backend, (DjangoFilterBackend, OrderingFilter, SearchFilter)):
                rows = backend().filter_queryset(self.request, rows, self)
        return rows

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who asks, as DRF does, and hold code of the viewset's own to what is declared."""
        super().initial(request, *args, **kwargs)
        if acting.is_own(self):
            acting.begin(self, request)
        elif acting.stands_before(self):
            acting.hold(self, request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say who may keep the answer of an action of one's own."""
        found = super().finalize_response(request, response, *args, **kwargs)
        return found if "Cache-Control" in found else with_cache_headers(request, found)

    def get_object(self) -> Any:
        """Find the row of this request, for actions of one's own; one that writes holds it. See `acting.held`."""
        if acting.is_own(self) or acting.stands_before(self):
            return acting.row_of(self, self.request)
        return self.find(self.readable_rows(self.actor), self.key)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the rows that the actor may read, for actions of one's own that show several."""
        return self._filtered(_among(queryset, self.allowed("read", self.actor)))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return a serializer, for actions of one's own, as the field rules say; one that reads a body is strict.

        Raises:
            Refusal: with everything that is wrong with the body.
        """
        serializer = super().get_serializer(*args, **kwargs)
        if "data" in kwargs:
            return acting.strict(self, serializer)
        if self.grammar().ruled and self.request is not None and not getattr(self, "swagger_fake_view", False):
            writing.concealed(serializer, self.model(), self.grammar_for(self.actor).hidden)
        return serializer

    @property
    def key(self) -> str:
        """Return the key in the address."""
        key: str = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        return key

    def find(self, rows: QuerySet[Any], key: Any) -> Any:
        """Find a row by its key, as text or as a value.

        Raises:
            NotFound: there is none, or the key cannot be one.
        """
        column = self.key_column()
        row = first(rows, column, key) if key_fits(column, key) else None
        if row is None:
            raise self.missing(key)
        self.check_object_permissions(self.request, row)
        return row

    @classmethod
    def key_column(cls) -> Any:
        """Return the column that rows are found by."""
        return cls.model()._meta.pk if cls.lookup_field == "pk" else cls.model()._meta.get_field(cls.lookup_field)

    def missing(self, key: Any) -> NotFound:
        """Return the error that says that there is no row with a key."""
        return NotFound(f"There is no {self.model()._meta.verbose_name} {str(key)[:100]!r}.")

    def permissions_see_rows(self) -> bool:
        """Whether a permission class of the viewset's own must be asked about each row."""
        plain = BasePermission.has_object_permission
        return any(type(permission).has_object_permission is not plain for permission in self.get_permissions())

    @classmethod
    def own_code(cls) -> str | None:
        """Name the first of the methods that choose rows, or how they are shown, that is not Headwater's or DRF's."""
        stock = (DjangoFilterBackend, OrderingFilter, SearchFilter)
        if not all(issubclass(backend, stock) for backend in cls.filter_backends):
            return "filter_backends"
        own = (name for name in CHOOSING if _function(cls, name) is not _function(ResourceView, name))
        return next(own, None)

    def presentation(self, selection: Selection = EVERYTHING) -> Any:
        """Return a serializer that shows a selection."""
        serializer = self.get_serializer_class()(context=self.get_serializer_context())
        present(serializer, selection)
        return serializer

    def get_serializer_context(self) -> dict[str, Any]:
        """Give serializers what DRF gives them, and the origin of links, which a stream needs after its request."""
        given = dict(super().get_serializer_context()) if self.request else {"view": self}
        return given | {"origin": absolute("")}

    @property
    def actor(self) -> Actor:
        """Return who asks."""
        return actor_of(self.request)

    def refuse_nobody(self, verb: Verb) -> Q:
        """Return the rows on which the actor may do something, or refuse when there can be none.

        Raises:
            NotAuthenticated: they might, with an identity.
            PermissionDenied: they may not, and are known.
        """
        rows = self.allowed(verb, self.actor)
        if rows is NONE:
            raise NotAuthenticated if self.actor.anonymous else PermissionDenied
        return rows

    def get_renderers(self) -> list[Any]:
        """Offer the streams on collections, beside JSON."""
        renderers = super().get_renderers()
        listing = self.action == "list"
        return [JSONRenderer(), NDJSONRenderer(), CSVRenderer()] if listing else renderers

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve a request, with links that lead back to where it was sent."""
        with origin_set(request):
            return super().dispatch(request, *args, **kwargs)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request, 204, {"Allow": ", ".join(self.allowed_methods)})

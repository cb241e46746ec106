"""What every resource declares, and what follows from it: names, rows, presentation, who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from api.core.authentication import actor_of
from api.core.grammar import Grammar, grammar_of
from api.core.links import origin_set
from api.core.naming import kebab
from api.core.representations import CSVRenderer, JSONRenderer, NDJSONRenderer
from api.core.shape import Query
from resources.core.actor import ANONYMOUS, Actor
from resources.core.policy import NONE, Policy, Verb
from serializers.core.selection import EVERYTHING, Selection, present

VERBS: Mapping[str, Verb] = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}


class ResourceView(GenericViewSet):  # type: ignore[type-arg]
    """A resource. Declare `queryset`, `serializer_class` and `policy`; the rest is optional.

    Attributes:
        policy: who may do what. Without one nothing starts.
        expand: the relations that clients may have shown as objects.
        filterset_fields: columns that may be filtered by: a list (natural lookups), or a dict of lookups.
        filterset_class: a django-filter FilterSet of your own instead.
        search_fields, ordering_fields, ordering: as in DRF.
    """

    policy: ClassVar[Policy]
    expand: ClassVar[Sequence[str]] = ()
    filterset_fields: Any = ()
    filterset_class: Any = None
    search_fields: Sequence[str] = ()
    ordering_fields: Sequence[str] | None = None
    ordering: str | Sequence[str] | None = None
    filter_backends = ()
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    @classmethod
    def model(cls) -> type[Model]:
        """Return the model of the resource."""
        queryset: QuerySet[Any] = cls.queryset
        return queryset.model

    @classmethod
    def plural(cls) -> str:
        """Return the resource's name in URLs, scopes and events: `trips`."""
        return kebab(str(cls.model()._meta.verbose_name_plural))

    @classmethod
    def path(cls, key: Any = None) -> str:
        """Return the path of the collection, or of one item."""
        if key is None:
            return reverse(f"{cls.plural()}-list")
        return reverse(f"{cls.plural()}-detail", kwargs={"id": str(key)})

    @classmethod
    @cache
    def grammar(cls) -> Grammar:
        """Return what readers may ask for."""
        return grammar_of(cls)

    @classmethod
    def understand(cls, parameters: Mapping[str, str]) -> Query:
        """Read parameters as if a client had sent them."""
        from api.core.parameters import Reader

        query = QueryDict(mutable=True)
        query.update(dict(parameters))
        return Reader(cls.grammar(), query).query()

    @classmethod
    def allowed(cls, verb: Verb, actor: Actor) -> Q:
        """Return the rows on which an actor may do something; a key out of scope counts as nobody."""
        scope = f"{cls.plural()}:{'read' if verb == 'read' else 'write'}"
        return cls.policy.rows(verb, actor if actor.anonymous or actor.has_scope(scope) else ANONYMOUS)

    @classmethod
    def rows(cls, actor: Actor) -> QuerySet[Any]:
        """Return the rows that an actor may read, for other resources to show."""
        queryset: QuerySet[Any] = cls.queryset
        return queryset.all().filter(cls.allowed("read", actor))

    def readable_rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the rows of this request's own queryset that the actor may read."""
        return self.get_queryset().filter(self.allowed("read", actor))

    def presentation(self, selection: Selection = EVERYTHING) -> Any:
        """Return a serializer that shows a selection."""
        serializer = self.get_serializer_class()(context=self.get_serializer_context())
        present(serializer, selection)
        return serializer

    def get_serializer_context(self) -> dict[str, Any]:
        """Give moved-in serializers what DRF gives them."""
        return super().get_serializer_context() if hasattr(self, "request") else {"view": self}

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
        listing = getattr(self, "action", None) == "list"
        return [JSONRenderer(), NDJSONRenderer(), CSVRenderer()] if listing else renderers

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve a request, with links that lead back to where it was sent."""
        with origin_set(request):
            return super().dispatch(request, *args, **kwargs)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

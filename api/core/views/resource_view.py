"""What a viewset declares of its resource, and what DRF asks it for: rows, presentation, who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Field, Manager, Model, Q, QuerySet
from django.db.models.manager import BaseManager
from django.http import HttpRequest, HttpResponseBase
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import NotAuthenticated, NotFound, PermissionDenied
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.viewsets import GenericViewSet

from api.core.http.authentication import actor_of
from api.core.http.links import origin_set
from api.core.http.representations import CSVRenderer, EventRenderer, JSONRenderer, NDJSONRenderer
from api.core.http.responses import nothing
from api.core.http.synthetic_request import imagine, imagine_like, model_of_list
from api.core.query.field_rules import grammar_for
from api.core.query.grammar import Grammar, grammar_of
from api.core.query.keys import key_fits
from api.core.resource.deprecation import Days, read_deprecations
from api.core.resource.marks import OURS, custom_method, definer, ours
from api.core.resource.naming import kebab
from api.core.resource.querysets import rows_fault
from api.core.resource.resource_type import Options, ResourceType
from api.core.views.serializer_view import SerializerView
from resources.core.actor import Actor
from resources.core.keys import Key
from resources.core.policy import ALL, NONE, Policy, Verb
from serializers.core.write.single_lookup import first

OURS.update(GenericViewSet.__mro__)  # by itself DRF chooses and shows rows as it is told to

CHOOSING = (
    *("get_queryset", "get_serializer_class", "get_serializer", "filter_queryset"),
    *("presentation", "readable_rows"),
)
"""The methods that choose rows, or how they are shown."""
STOCK_BACKENDS = (DjangoFilterBackend, OrderingFilter, SearchFilter)
"""Those of DRF and django-filter, whose work the grammar does, strictly; custom ones are asked."""
REPLACED = ("allowed", "rows")
"""Methods that an earlier Headwater asked, in the place of which a policy says it."""


@cache
def _plural(model: type[Model]) -> str:
    return kebab(str(model._meta.verbose_name_plural))


def among(rows: QuerySet[Model], allowed: Q) -> QuerySet[Model]:
    """Return those of some rows that are allowed."""
    return rows if allowed is ALL else rows.filter(allowed)


@cache
def _type_of(view: type[ResourceView], address: str, routes: str) -> ResourceType:
    """Return what a viewset declares, under the address and the names of routes that it is registered with."""
    replaced = next((name for name in REPLACED if definer(view, name) not in {None, *OURS}), None)
    if replaced is not None:
        raise ImproperlyConfigured(
            f"{view.__name__}.{replaced} is asked no more: write a Policy with  def rows(self, verb, actor)  and  "
            "policy = ...  in its place."
        )
    model = view.model()
    backends = any(not issubclass(backend, STOCK_BACKENDS) for backend in view.filter_backends)
    declared = model._default_manager if view.queryset is None else view.queryset
    permissions = [each for each in view.permission_classes if each is not BasePermission]
    action_policies = (vars(action)["kwargs"].get("policy") for action in view.get_extra_actions())
    key = model._meta.pk if view.lookup_field == "pk" else model._meta.get_field(view.lookup_field)
    assert isinstance(key, Field)  # noqa: S101 - see `check_key`
    return ResourceType(
        declared_by=view.__name__,
        plural=address or _plural(model),
        routes=routes or str(model._meta.model_name),
        key_argument=view.lookup_url_kwarg or view.lookup_field,
        model=model,
        key=key,
        policy=view.policy,
        field_rules=view.field_rules,
        options=Options(**{name: getattr(view, name) for name in Options.__slots__}),
        queryset=declared.all(),
        creatable=hasattr(view, "create"),
        is_listed="get" in view.http_method_names and custom_method(view, ("list", "get")) is None,
        custom_code="filter_backends" if backends else custom_method(view, CHOOSING),
        chooses_rows=backends or custom_method(view, ("get_queryset", "filter_queryset", "readable_rows")) is not None,
        permissions=tuple(getattr(each, "__name__", str(each)) for each in permissions),
        deprecated=read_deprecations(view.__name__, view.deprecated),
        action_policies=tuple(policy for policy in action_policies if policy is not None),
        source=view,
        source_for=partial(imagine, view),
        source_like=partial(imagine_like, view),
    )


@ours
class ResourceView(SerializerView):
    """A resource. Declare `queryset`, `serializer_class` and `policy`; the rest is optional.

    Attributes:
        policy: who may do what. Without one nothing starts.
        field_rules: who may see and write single members, by their names, where that is not everybody.
        expand: the relations that clients may have shown as objects.
        filterset_fields: columns that may be filtered by: a list (natural lookups), or a dict of lookups.
        filterset_class: a django-filter FilterSet of your own instead.
        search_fields, ordering_fields, ordering: as in DRF.
        deprecated: members that are going to go, and their last day: `{"doctor": "2027-06-30"}`. Filters, orderings and
            expansions of these names go with them. One with a `source=` is another name of what that names, and has all
            of its filters, orderings and expansions; a pair of days says since when as well.
        extra_parameters: query parameters that code of your own reads; without this they are refused as unknown.
        unindexed: what is known to have no index, so that `explain --all` does not name it: filters, `search`,
            `ordering=name`; or `"__all__"`, of a table that stays small.
        require_if_match: whether a row is changed, deleted, and taken custom actions on, with `If-Match` only.
        rehearsable: whether a rollback takes back all that a custom action does, which then takes `dry_run=true`.
        address, routes_name: its plural name and what the names of its routes begin with, where they do not follow
            from the model. `router.register("trips", TripViewSet, basename="trip")` sets them.
        verb: what a custom action is to the policy, where its method does not say:
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
    deprecated: ClassVar[Mapping[str, Days]] = {}
    extra_parameters: Sequence[str] = ()
    unindexed: Sequence[str] = ()
    require_if_match: ClassVar[bool] = False
    rehearsable: bool = False
    verb: Verb | None = None
    filter_backends: Sequence[Any] = ()
    address: ClassVar[str] = ""
    routes_name: ClassVar[str] = ""
    lookup_value_regex = "[^/]+"
    action: str = "list"

    @classmethod
    def model(cls) -> type[Model]:
        """Return the model of the resource."""
        declaration = cls.queryset if cls.queryset is not None else getattr(cls.serializer_class, "Meta", None)
        if isinstance(declaration, type) and issubclass(declaration, Model):
            return declaration
        model: type[Model] | None = getattr(declaration, "model", None)
        return model or model_of_list(cls)

    @classmethod
    def resource_type(cls) -> ResourceType:
        """Return what is declared here, as a value."""
        return _type_of(cls, cls.address, cls.routes_name)

    @classmethod
    def plural(cls) -> str:
        """Return the resource's name in URLs, scopes and events: `trips`."""
        return cls.resource_type().plural

    @classmethod
    def path(cls, key: Key | None = None) -> str:
        """Return the path of the collection, or of one item."""
        return cls.resource_type().path(key)

    @classmethod
    def grammar(cls) -> Grammar:
        """Return what readers may ask for."""
        return grammar_of(cls.resource_type())

    @classmethod
    def grammar_for(cls, actor: Actor) -> Grammar:
        """Return what an actor may ask for: what the field rules hide from them is not there."""
        return grammar_for(cls.resource_type(), actor)

    @classmethod
    def allowed(cls, verb: Verb, actor: Actor) -> Q:
        """Return the rows on which an actor may do something; a key out of scope counts as nobody."""
        return cls.resource_type().allowed(verb, actor)

    def custom_rows(self) -> QuerySet[Model]:
        """Return what `get_queryset` gives, which custom code may give as a manager, or as a list of rows."""
        rows: QuerySet[Model] | Manager[Model] | Iterable[Model] = self.get_queryset()
        fault = rows_fault(rows)
        if fault:
            raise ImproperlyConfigured(f"{type(self).__name__}.get_queryset: {fault}")
        if isinstance(rows, QuerySet):
            return rows
        return (
            rows.all()
            if isinstance(rows, BaseManager)
            else self.model()._default_manager.filter(pk__in=[row.pk for row in rows])
        )

    def readable_rows(self, actor: Actor) -> QuerySet[Model]:
        """Return the rows of this request's own queryset that the actor may read."""
        return self._among_own(self.allowed("read", actor))

    def page_rows(self, actor: Actor, *, whole: bool) -> QuerySet[Model]:
        """Return the same, as a page of them is found quickest; `whole` where no filter leaves out some."""
        if self.overrides("readable_rows"):
            return self.readable_rows(actor)
        resource = self.resource_type()
        return self._among_own(resource.own_rows.condition(resource.in_scope("read", actor), whole=whole))

    def all_rows(self, actor: Actor, *, whole: bool) -> QuerySet[Model]:
        """Return the same, as all of them are found quickest; `whole` where no filter leaves out some."""
        if self.overrides("readable_rows"):
            return self.readable_rows(actor)
        resource = self.resource_type()
        return self._among_own(resource.own_rows.every(resource.in_scope("read", actor), whole=whole))

    def _among_own(self, allowed: Q) -> QuerySet[Model]:
        if self.overrides("filter_queryset"):
            return among(self.filter_queryset(self.custom_rows()), allowed)
        return self.filtered(among(self.custom_rows(), allowed))

    def filtered(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        """Return what the custom filter backends of the viewset leave of some rows."""
        for backend in self.filter_backends:
            if not issubclass(backend, STOCK_BACKENDS):
                rows = backend().filter_queryset(self.request, rows, self)
        return rows

    @property
    def key(self) -> str:
        """Return the key in the address."""
        key: str = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        return key

    def item_key(self) -> str:
        """Return the key of the row that is asked for: in the address, or as a custom `get_object` says.

        What that finds is held to the policy like any other row.
        """
        return str(getattr(self.get_object(), self.lookup_field)) if self.overrides("get_object") else self.key

    def find(self, rows: QuerySet[Model], key: Key) -> Model:
        """Find a row by its key, as text or as a value.

        Raises:
            NotFound: there is none, or the key cannot be one.
        """
        column = self.resource_type().key
        row = first(rows, column, key) if key_fits(column, key) else None
        if row is None:
            raise self.missing(key)
        # About the row as it is before a change, as in DRF: after one that takes it away, its author might not see it.
        self.check_object_permissions(self.request, row)
        return row

    def missing(self, key: Key) -> NotFound:
        """Return the error that says that there is no row with a key."""
        return NotFound(f"There is no {self.model()._meta.verbose_name} {str(key)[:100]!r}.")

    def permissions_see_rows(self) -> bool:
        """Whether a custom permission class must be asked about each row."""
        plain = BasePermission.has_object_permission
        return self.overrides("check_object_permissions") or any(
            type(permission).has_object_permission is not plain for permission in self.get_permissions()
        )

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

    def get_renderers(self) -> list[BaseRenderer]:
        """Offer the streams on collections, beside JSON."""
        renderers = super().get_renderers()
        listing = self.action == "list"
        return [JSONRenderer(), NDJSONRenderer(), CSVRenderer(), EventRenderer()] if listing else renderers

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        """Serve a request, with links that lead back to where it was sent."""
        with origin_set(request):
            return super().dispatch(request, *args, **kwargs)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:  # the stubs of DRF and of Django differ
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request, 204, {"Allow": ", ".join(self.allowed_methods)})

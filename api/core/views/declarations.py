"""Looks, when the server starts, at what a viewset and its serializers declare.

May refuse: what no request would ever ask, and so would be passed over without a word; the message says what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.core.exceptions import ImproperlyConfigured
from django.db.models import CompositePrimaryKey, ForeignKey, Model
from rest_framework import mixins, pagination, renderers, serializers
from rest_framework.metadata import SimpleMetadata

from api.core.http.representations import CSVRenderer, JSONRenderer, NDJSONRenderer
from api.core.http.synthetic_request import imagine, somebody
from api.core.resource.marks import OURS, custom_method, definer
from api.core.resource.querysets import rows_fault
from api.core.views.resource_view import ResourceView
from serializers.core.json_types import KNOWN_MODULES
from serializers.core.kinds import AnySerializer, Field
from serializers.core.read.compiled.columns import definer_of

STOCK_PAGES = frozenset(each for each in vars(pagination).values() if isinstance(each, type))
"""DRF's paginations, of which a declaration does no harm."""
STOCK_RENDERERS = frozenset((renderers.JSONRenderer, JSONRenderer, NDJSONRenderer, CSVRenderer))
ENVELOPE = "a list answers next, previous and results, as the contract says of every list"
METHODS = (
    ("list", "paginate_queryset", f"{ENVELOPE}. Leave it out; what rows a list has is said by get_queryset."),
    ("list", "get_paginated_response", f"{ENVELOPE}. Leave it out; an action of your own answers what it likes."),
    ("create", "get_success_headers", "the headers of an answer are those of the contract. Leave it out."),
)
"""The methods of DRF's views that a standard action of Headwater's does not ask, and what is so in their place."""
ACTIONS = {"list": "get", "retrieve": "get", "create": "post", "update": "put", "partial_update": "patch"}
"""The standard actions that show or read rows, and their methods."""


def check_key(viewset: type[ResourceView], model: type[Model]) -> None:
    """Make sure that rows are found by one column of their own.

    Raises:
        ImproperlyConfigured: the model's key is several columns, or the lookup field none; the message says what to do.
    """
    if isinstance(model._meta.pk, CompositePrimaryKey):
        names = ", ".join(model._meta.pk.field_names)
        raise ImproperlyConfigured(
            f"{viewset.__name__}: rows of {model.__name__} are found by several columns together ({names}), which no "
            "address here names yet. Give the model a key of one column, such as the  id  that Django adds, and in the "
            f"place of its composite key  UniqueConstraint(fields=[...], name=...)  for {names}."
        )
    name = viewset.lookup_field
    if name != "pk" and name not in {column.name for column in model._meta.concrete_fields}:
        columns = ", ".join(column.name for column in model._meta.concrete_fields if column.unique)
        raise ImproperlyConfigured(
            f"{viewset.__name__}.lookup_field: {name!r} is no column of {model.__name__}. Rows are found by a column "
            f"of their own, best a unique one: {columns}. Over a relation they are filtered:  "
            f"filterset_fields = [{name!r}]"
        )


def check_declarations(viewset: type[ResourceView]) -> None:
    """Make sure that whatever a viewset and its serializers declare is asked.

    Raises:
        ImproperlyConfigured: something is not; the message says what to write instead.
    """
    for fault in _faults(viewset):
        raise ImproperlyConfigured(f"{viewset.__name__}{fault}")


def _faults(viewset: type[ResourceView]) -> Iterator[str]:
    yield from _of_rows(viewset)
    yield from _of_methods(viewset)
    yield from _of_forms(viewset)
    for kind in _serializer_classes(viewset):
        yield from _of_serializer(kind)


def _of_rows(viewset: type[ResourceView]) -> Iterator[str]:
    fault = rows_fault(viewset.resource_type().queryset)
    if fault:
        yield f".queryset: {fault}"
    for person in (None, somebody()):
        with suppress(Exception):  # custom code of the viewset may need a request that somebody has sent
            fault = rows_fault(imagine(viewset, person).get_queryset())
        if fault:
            yield f".get_queryset: {fault}"


def _of_methods(viewset: type[ResourceView]) -> Iterator[str]:
    custom_actions = viewset.get_extra_actions()  # which may call anything
    for action, name, instead in METHODS:
        may_call = custom_actions or custom_method(viewset, (action,))
        if not may_call and definer(viewset, name) not in {None, mixins.CreateModelMixin, *OURS}:
            yield f".{name} would never be called: {instead}"
    pages = None if custom_method(viewset, ("list",)) else viewset.pagination_class
    for name in ("paginate_queryset", "get_paginated_response"):
        if pages is not None and definer(pages, name) not in STOCK_PAGES:
            yield (
                f".pagination_class: {pages.__name__}.{name} would never be called: {ENVELOPE}. Leave it out, or name "
                f"it where an action of your own needs it: @action(pagination_class={pages.__name__})"
            )


def _of_forms(viewset: type[ResourceView]) -> Iterator[str]:
    for renderer in viewset.renderer_classes:
        if not _is_json(renderer):
            yield (
                f".renderer_classes: {renderer.__name__} would never be asked: rows are served as JSON, and lists "
                "as NDJSON and CSV, too. Leave it out, or name it where an action of your own needs it: "
                f"@action(renderer_classes=[{renderer.__name__}])"
            )
    metadata = viewset.metadata_class
    if metadata is not SimpleMetadata:
        name = getattr(metadata, "__name__", None)
        yield (
            f".metadata_class: {name} would never be asked, since OPTIONS answers with Allow alone and "
            "the contract at /openapi.json says the rest. Leave it out."
        )


def _is_json(renderer: type[renderers.BaseRenderer]) -> bool:
    """Whether a renderer writes what Headwater's does, or a page for people who look at the API in a browser."""
    if issubclass(renderer, renderers.BrowsableAPIRenderer):
        return True
    plain = definer(renderer, "render") in STOCK_RENDERERS
    return plain and renderer.media_type == "application/json"


def _serializer_classes(viewset: type[ResourceView]) -> list[type[AnySerializer]]:
    """Return the serializer classes of the standard actions, as far as they tell them to nobody."""
    classes: dict[type[AnySerializer], None] = {}
    for action, method in ACTIONS.items():
        if hasattr(viewset, action):
            with suppress(Exception):  # custom code of the viewset may need a request that somebody has sent
                classes[imagine(viewset, action=action, method=method).get_serializer_class()] = None
    return list(classes)


def _of_serializer(kind: type[AnySerializer]) -> Iterator[str]:
    place = f".serializer_class: {kind.__name__}"
    if not isinstance(kind, type) or not issubclass(kind, serializers.BaseSerializer):
        return
    if not definer_of(kind, "data").__module__.startswith(KNOWN_MODULES):
        yield (
            f"{place}.data would never be asked. What a row shows is said by to_representation, which is called for "
            "rows wherever they stand."
        )
    lists = getattr(getattr(kind, "Meta", None), "list_serializer_class", serializers.ListSerializer)
    for name in ("to_representation", "data"):
        shows = definer_of(lists, name)
        if not shows.__module__.startswith(KNOWN_MODULES):
            yield (
                f"{place}.Meta.list_serializer_class: {shows.__name__}.{name} would never be asked, since every row "
                f"of a list is shown by itself. Write to_representation of {kind.__name__}; which rows a list has is "
                "said by get_queryset. What it does with a list of new rows stays."
            )
    for name, field in _fields(kind):
        for fault in _of_field(kind, field):
            yield f"{place}.{name}: {fault}"


def _of_field(kind: type[AnySerializer], field: Field) -> Iterator[str]:
    if isinstance(field, serializers.UUIDField) and field.uuid_format == "int":
        yield "format='int' shows integers of 128 bits, which JSON's numbers do not hold exactly. Write  format='hex'"
    if isinstance(field, serializers.JSONField) and field.binary:
        yield "binary=True shows JSON as a text within JSON. Leave it out, or use a CharField."
    column = _misread_column(kind, field)
    if column is not None:
        yield (
            f"{type(field).__name__} would show the {column} of the row that it refers to, and take it for a key, so "
            "that what was read leads to another row. Leave it out, for ModelSerializer makes the right one, or write  "
            f"SlugRelatedField(slug_field={column!r}, queryset=...)"
        )


def _misread_column(kind: type[AnySerializer], field: Field) -> str | None:
    """Name the column that DRF's field of a key shows in the place of the key: its foreign key refers to that one."""
    model = getattr(getattr(kind, "Meta", None), "model", None)
    by_key = isinstance(field, serializers.PrimaryKeyRelatedField) and not field.read_only
    by_address = isinstance(field, serializers.HyperlinkedRelatedField) and field.lookup_field == "pk"
    columns = {} if model is None else {column.name: column for column in model._meta.concrete_fields}
    column = columns.get(str(field.source))
    is_declared = field.field_name in getattr(kind, "_declared_fields", {})  # what DRF makes by itself is left to it
    if not is_declared or not isinstance(column, ForeignKey) or not (by_key or by_address):
        return None
    return None if column.target_field.primary_key else str(column.target_field.name)


def _fields(kind: type[AnySerializer]) -> list[tuple[str, Field]]:
    """Return the fields of a serializer class, where they need no request."""
    with suppress(Exception):
        serializer = kind()
        return list(serializer.fields.items()) if isinstance(serializer, serializers.Serializer) else []
    return []

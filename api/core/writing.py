"""How a resource is written: validate, save, check the policy, respond. All or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections
from django.http import HttpResponse, HttpResponseBase
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from api.core.integrity import saving
from api.core.links import absolute
from api.core.preferences import applied, prefers_minimal
from api.core.reading import Reading
from api.core.registry import REGISTRY
from api.core.respond import answer, body_digest, item_etag
from resources.core.policy import ALL, Verb
from serializers.core import writing
from serializers.core.json import decode, encode
from serializers.core.problems import refuse
from serializers.core.selection import Selection

MOST_AT_ONCE = 1000
MERGE_PATCH = "application/merge-patch+json"


class Writing(Reading):
    """POST, PUT, PATCH and DELETE."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Create one row from an object, or many from a list: all, or none."""
        self.refuse_nobody("create")
        selection = self.item_selection(request)
        if isinstance(request.data, list):
            rows = self.create_all(request.data, [f"/{place}" for place in range(len(request.data))])
            return self.respond_created(request, rows, selection)
        [row] = self.create_all([request.data], [""])
        location = absolute(self.path(getattr(row, self.lookup_field)))
        return self.respond_written(request, row, selection, 201, {"Location": location})

    def update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Replace a row: a member that is left out takes its default."""
        return self.change(request, self.key, partial=False)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set the members given, null included."""
        return self.change(request, self.key, partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Delete a row."""
        self.refuse_nobody("delete")
        self.item_selection(request)
        with saving():
            self.perform_destroy(self.locked(self.key, "delete"))
        return HttpResponse(status=204)

    def perform_create(self, serializer: Any) -> None:
        """Save a new row; override it as in DRF."""
        serializer.save()

    def perform_update(self, serializer: Any) -> None:
        """Save a changed row; override it as in DRF."""
        serializer.save()

    def perform_destroy(self, instance: Any) -> None:
        """Delete a row; override it as in DRF."""
        instance.delete()

    def create_all(self, bodies: Sequence[Any], pointers: Sequence[str]) -> list[Any]:
        """Validate every body, then save every row in one transaction.

        Raises:
            Refusal: with everything that is wrong with any of them.
        """
        if len(bodies) > MOST_AT_ONCE:
            raise refuse("content-too-large", f"At most {MOST_AT_ONCE} rows can be created at once.")
        serializers = [self.writer(None, body, partial=False) for body in bodies]
        found = [
            fault
            for serializer, pointer in zip(serializers, pointers, strict=True)
            for fault in writing.faults(serializer, serializer.initial_data, None, pointer)
        ]
        if found:
            raise writing.refusal(found)
        with saving() as place:
            for serializer, pointer in zip(serializers, pointers, strict=True):
                place.pointer = pointer
                self.perform_create(serializer)
            rows = [serializer.instance for serializer in serializers]
            self.refuse_outside("create", rows)
        return rows

    def change(self, request: Request, key: str, *, partial: bool) -> HttpResponseBase:
        """Update a row, holding it from the moment it is read until it is saved."""
        self.refuse_nobody("update")
        selection = self.item_selection(request)
        with saving():
            row = self.locked(key, "update")
            stored = decode(encode(self.presentation().to_representation(row)))
            serializer = self.writer(row, request.data, partial=partial)
            found = writing.faults(serializer, serializer.initial_data, stored)
            if found:
                raise writing.refusal(found)
            self.perform_update(serializer)
            self.refuse_outside("update", [serializer.instance])
        return self.respond_written(request, serializer.instance, selection, 200, {})

    def writer(self, row: Any, body: Any, *, partial: bool) -> Any:
        """Return a serializer that is ready to read a body."""
        actor, context = self.actor, self.get_serializer_context()
        serializer = self.get_serializer_class()(row, data=body, partial=partial, context=context)
        writing.prepare(serializer, lambda model: REGISTRY.readable(model, actor))
        if row is not None and not partial and isinstance(body, Mapping):
            serializer.initial_data = writing.replaced(serializer, body)
        if self.request.content_type == MERGE_PATCH:
            serializer.initial_data = writing.merge_json_columns(serializer, body)
        return serializer

    def locked(self, key: str, verb: Verb) -> Any:
        """Find a row and hold it for the rest of the transaction.

        Raises:
            NotFound: the actor may not know of it.
            PermissionDenied: they may, but not do this with it.
        """
        rows = self.readable_rows(self.actor)
        row = self.find(rows, key)
        # The lock is taken on the bare row, since the viewset's own queryset may be grouped; what was read
        # before it may have changed meanwhile, so the row is read again.
        if connections[rows.db].features.has_select_for_update:
            self.model()._base_manager.using(rows.db).select_for_update().filter(pk=row.pk).first()
            row = self.find(rows, key)
        self.refuse_outside(verb, [row])
        return row

    def refuse_outside(self, verb: Verb, rows: Sequence[Any]) -> None:
        """Refuse when a row is not among those that the policy allows, like SQL's WITH CHECK.

        Raises:
            PermissionDenied: one is not.
        """
        allowed = self.allowed(verb, self.actor)
        keys = {row.pk for row in rows}
        if allowed is not ALL and self.model()._base_manager.filter(allowed, pk__in=keys).count() != len(keys):
            raise PermissionDenied

    def respond_written(
        self, request: Request, row: Any, selection: Selection, status: int, headers: dict[str, str]
    ) -> HttpResponseBase:
        """Answer with the row as it is stored now, or with its ETag only."""
        stored, body = self.shown(getattr(row, self.lookup_field), selection)
        if prefers_minimal(request):
            body, status = b"", 201 if status == 201 else 204
            headers = headers | applied("return=minimal")
        return answer(request, body, item_etag(stored, body), headers, status)

    def respond_created(self, request: Request, rows: Sequence[Any], selection: Selection) -> HttpResponseBase:
        """Answer with the rows that were created, in the order they were sent."""
        if prefers_minimal(request):
            return HttpResponse(status=201, headers=applied("return=minimal"))
        shown = [self.shown(getattr(row, self.lookup_field), selection)[1] for row in rows]
        body = b"[" + b",".join(shown) + b"]"
        return answer(request, body, f'"{body_digest(body)}"', {}, 201)

"""A viewset that has moved in, and the same as plain DRF has it: both get the same request, from the same rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Model
from django.test import override_settings
from django.test.client import encode_multipart
from django.urls import include, path
from rest_framework import viewsets
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import exception_handler

from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from openapi.core.generation.document import generate
from resources.core.policy import anyone
from tests.client import Answer, Client
from tests.contract import Contract

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
LEVELS = ("traced", "compiled", "interpreted")
BOUNDARY = "between-the-parts"
ALIKE = {401: 403, 409: 400}
"""What is the same for a client: who is nobody might log in; a conflict is an error of a body of its own."""
GIVEN = ("id", "token")
"""What the database, or chance, gives a new row."""


@dataclass(frozen=True)
class Outcome:
    """What a request came to.

    Attributes:
        status: of the answer.
        body: the answer; of a refusal, the members that it is about, if it is about some.
        rows: what is stored afterwards.
    """

    status: int
    body: Any
    rows: Any = None


class Plain(viewsets.ModelViewSet):  # type: ignore[type-arg]
    """DRF as it comes, which also takes lists as DRF's documentation says how."""

    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    authentication_classes = ()
    throttle_classes = ()
    pagination_class = None
    filter_backends = ()

    def get_exception_handler(self) -> Callable[..., Any]:
        return cast(Any, exception_handler)

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        if not isinstance(request.data, list):
            return super().create(request, *args, **kwargs)
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        return Response(serializer.data, status=201)


@dataclass(frozen=True)
class Twin:
    """The two of them. Every answer of ours is held to the contract that we publish of it.

    Attributes:
        ours: moved in.
        plain: not.
        model: whose rows they show.
    """

    ours: Any
    plain: Any
    model: type[Model]

    @classmethod
    def of(cls, serializer_class: Any, model: type[Model], **declared: Any) -> Twin:
        """Declare the same twice."""
        common = {"queryset": model._default_manager.order_by("pk"), "serializer_class": serializer_class, **declared}
        ours = type("Ours", (ResourceViewSet,), {"policy": anyone, **common})
        return cls(ours, type("Theirs", (Plain,), common), model)

    def send(self, method: str, body: Any = None, key: Any = None, content_type: str = JSON) -> tuple[Outcome, Outcome]:
        """Send the same to both, and return what it came to: ours, and plain DRF's."""
        ours = self._taken_back(lambda: self._ours(method, body, key, content_type))
        return ours, self._taken_back(lambda: self._plain(method, body, key, content_type))

    def read(self, key: Any = None) -> Iterator[tuple[str, Outcome, Outcome]]:
        """Read at each level: the level, what we show, and what plain DRF shows."""
        theirs = self._plain("get", None, key, JSON)
        for level in LEVELS:
            with override_settings(READ_LEVEL=level):
                for _ in range(3):  # compiled, traced, and by the statement that was kept
                    ours = self._ours("get", None, key, JSON)
            yield level, ours, theirs

    def answer(self, method: str, body: Any = None, key: Any = None, content_type: str = JSON, **words: Any) -> Answer:
        """Send a request to ours alone, and hold the answer to the contract."""
        url = "/v1/twins" if key is None else f"/v1/twins/{key}"
        sent = {} if body is None else {"body": encoded(body, content_type), "content_type": named(content_type)}
        with served(self.ours):
            answer = Client(None).send(method.upper(), url, **sent, **words)
        self.contract.check(answer.exchange)
        return answer

    @cached_property
    def contract(self) -> Contract:
        """What we publish."""
        with served(self.ours) as urls:
            return Contract(generate(urls))

    def _ours(self, method: str, body: Any, key: Any, content_type: str) -> Outcome:
        answer = self.answer(method, body, key, content_type)
        found = answer.json if answer.content else None
        if answer.status >= 400:
            about = sorted({_member(fault) for fault in found.get("errors", ())}) or ["detail"]
            return Outcome(ALIKE.get(answer.status, answer.status), about)
        return Outcome(answer.status, found["results"] if method == "get" and key is None else found)

    def _plain(self, method: str, body: Any, key: Any, content_type: str) -> Outcome:
        of_item = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
        actions = {"get": "list", "post": "create"} if key is None else of_item
        sent = {} if body is None else {"data": encoded(body, content_type), "content_type": named(content_type)}
        request = getattr(APIRequestFactory(), method)("/", **sent)
        keys = {} if key is None else {self.plain.lookup_url_kwarg or self.plain.lookup_field: str(key)}
        answer = self.plain.as_view(actions)(request, **keys).render()
        found = json.loads(answer.content) if answer.content else None
        refused = answer.status_code >= 400 and isinstance(found, dict)
        return Outcome(answer.status_code, sorted(found) if refused else found)

    def _taken_back(self, send: Callable[[], Outcome]) -> Outcome:
        with transaction.atomic():
            outcome = send()
            rows = without_given(list(self.model._default_manager.order_by("pk").values()))
            transaction.set_rollback(True)
        return Outcome(outcome.status, without_given(outcome.body), rows)


def without_given(value: Any) -> Any:
    """Leave out what the database, or chance, gives a new row."""
    if isinstance(value, dict):
        return {name: without_given(member) for name, member in value.items() if name not in GIVEN}
    return [without_given(item) for item in value] if isinstance(value, list) else value


def _member(fault: Mapping[str, Any]) -> str:
    pointer = str(fault.get("pointer", ""))
    return pointer.split("/")[1] if "/" in pointer else "non_field_errors"


def encoded(body: Any, content_type: str) -> bytes:
    """Write a body in the form of a media type."""
    if content_type == MULTIPART:
        return encode_multipart(BOUNDARY, body)
    return (urlencode(body, doseq=True) if content_type == FORM else json.dumps(body)).encode()


def named(content_type: str) -> str:
    """Name a media type with what is needed to read it."""
    return f"{content_type}; boundary={BOUNDARY}" if content_type == MULTIPART else content_type


@contextmanager
def served(viewset: Any) -> Iterator[Any]:
    """Serve a viewset at /v1/twins for a while."""
    router = Router()
    router.register("twins", viewset, basename="twin")
    router.check()
    urls = type("urls", (), {"urlpatterns": [path("v1/", include(router.urls))]})
    with override_settings(ROOT_URLCONF=urls):
        yield urls

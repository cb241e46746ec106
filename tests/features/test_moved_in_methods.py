"""A viewset that brings its own `create`, `update`, `destroy` or `list` is held to the policy all the same."""

from typing import Any

import pytest
from django.db.models import Q
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import mixins, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.response import Response

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.actor import Actor
from resources.core.api_keys.models import ApiKey
from resources.core.policy import ALL, Policy, Verb, anyone, authenticated, read, staff, write
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Keepsake, Specimen
from tests.world import World

pytestmark = pytest.mark.django_db


class KeptSerializer(serializers.ModelSerializer[Keepsake]):
    class Meta:
        model = Keepsake
        fields = ("id", "text")


class OwnViewSet(ResourceViewSet):
    """As a project may have written it: every method anew, without a call to what it overrides."""

    policy = read(anyone) | write(staff)
    queryset = Keepsake.objects.all()
    serializer_class = KeptSerializer

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return Response(self.get_serializer(self.filter_queryset(self.get_queryset()), many=True).data)

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)

    def partial_update(self, request: Any, pk: Any = None) -> Any:
        row = self.get_object()
        row.text = request.data["text"]
        row.save()
        return Response({"text": row.text})

    def destroy(self, request: Any, pk: Any = None) -> Any:
        self.get_object().delete()
        return Response(status=204)


class MixedViewSet(mixins.CreateModelMixin, mixins.DestroyModelMixin, ResourceViewSet):  # type: ignore[misc]
    """With DRF's own methods in front of Headwater's."""

    policy = read(anyone) | write(authenticated & staff)
    queryset = Keepsake.objects.all()
    serializer_class = KeptSerializer


class Flagged(Policy):
    """Everybody reads, and what has a flag may be written."""

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows."""
        return ALL if verb == "read" else Q(flag=True)


class FlaggedViewSet(OwnViewSet):
    policy = Flagged()


class ClosedViewSet(OwnViewSet):
    policy = read(staff)


router = Router()
router.register("hidden", FlaggedViewSet, "hidden")
router.register("closed", ClosedViewSet, "closed")
router.register("own", OwnViewSet, "own")
router.register("mixed", MixedViewSet, "mixed")
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def sent() -> Any:
    Specimen.objects.create(id=1, text="a")

    def send(method: str, url: str, headers: Any = None, **body: Any) -> int:
        client = Client(HTTP_HOST="localhost", headers=headers)
        options = {"data": body, "content_type": "application/json"} if body else {}
        return int(getattr(client, method)(url, **options).status_code)

    with override_settings(ROOT_URLCONF=__name__):
        yield send


CALLS = [
    ("post", "/v1/own", {"text": "b"}, 201),
    ("patch", "/v1/own/1", {"text": "b"}, 200),
    ("delete", "/v1/own/1", {}, 204),
    ("post", "/v1/mixed", {"text": "b"}, 201),
    ("patch", "/v1/mixed/1", {"text": "b"}, 200),
    ("delete", "/v1/mixed/1", {}, 204),
]


@pytest.mark.parametrize(("method", "url", "body", "status"), CALLS)
def test_who_may_not_is_refused(sent: Any, world: World, method: str, url: str, body: Any, status: int) -> None:
    assert sent(method, url, **body) == 401
    assert list(Specimen.objects.values_list("id", "text")) == [(1, "a")]


@pytest.mark.parametrize(("method", "url", "body", "status"), CALLS)
def test_who_may_does(sent: Any, world: World, method: str, url: str, body: Any, status: int) -> None:
    more = {"id": 2} if method == "post" else {}
    key = {"Authorization": f"Bearer {ApiKey.objects.issue(world.staff)}"}
    assert sent(method, url, key, **body, **more) == status


@pytest.mark.parametrize("url", ["/v1/hidden/1", "/v1/hidden/2"])
def test_a_row_outside_the_policy_is_refused(sent: Any, world: World, url: str) -> None:
    Specimen.objects.create(id=2, text="a", flag=True)
    key = {"Authorization": f"Bearer {ApiKey.objects.issue(world.owner)}"}
    assert [sent(method, url, key) for method in ("delete", "get")] == ([403, 200] if url.endswith("1") else [204, 404])


def test_its_own_list_may_be_asked_by_who_may_read(sent: Any) -> None:
    assert sent("get", "/v1/own") == 200
    assert sent("get", "/v1/closed") == 401


class GuardedViewSet(ResourceViewSet):
    """Its `update` asks something first, for PATCH as well, which DRF sends through it."""

    policy = anyone
    queryset = Keepsake.objects.all()
    serializer_class = KeptSerializer

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.data.get("text") == "forbidden":
            raise PermissionDenied
        return super().update(request, *args, **kwargs)


class OfRedOnly(BasePermission):
    """Lets what is not read be done with red rows only."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return request.method in SAFE_METHODS or bool(obj.text == "red")


class PermittedViewSet(ResourceViewSet):
    policy = anyone
    queryset = Keepsake.objects.all()
    serializer_class = KeptSerializer
    permission_classes = (OfRedOnly,)


guarded = Router()
guarded.register("guarded", GuardedViewSet, basename="guarded")
guarded.register("permitted", PermittedViewSet, basename="permitted")


@pytest.mark.parametrize("method", ["put", "patch"])
def test_an_update_of_ones_own_is_asked_about_put_and_patch(method: str, settings: Any) -> None:
    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": [path("v1/", include(guarded.urls))]})
    Keepsake.objects.create(id=1, text="old")
    send = getattr(Client(HTTP_HOST="localhost"), method)
    for text, status, kept in (("forbidden", 403, "old"), ("new", 200, "new")):
        answer = send("/v1/guarded/1", {"text": text}, content_type="application/json")
        assert answer.status_code == status, answer.content
        assert Keepsake.objects.get().text == kept


def test_an_object_permission_is_asked_about_the_row_before_a_change_and_not_about_a_new_one(settings: Any) -> None:
    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": [path("v1/", include(guarded.urls))]})

    def send(method: str, url: str, **body: Any) -> int:
        client = Client(HTTP_HOST="localhost")
        return int(getattr(client, method)(url, body, content_type="application/json").status_code)

    assert send("post", "/v1/permitted", id=1, text="blue") == 201
    assert send("post", "/v1/permitted", id=2, text="red") == 201
    assert send("patch", "/v1/permitted/1", text="red") == 401
    assert send("patch", "/v1/permitted/2", text="blue") == 200
    assert send("patch", "/v1/permitted/2", text="red") == 401
    assert list(Specimen.objects.order_by("id").values_list("text", flat=True)) == ["blue", "blue"]

"""A file that a row has cannot come in a JSON body, and is not lost for it."""

from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Curiosity, Specimen

pytestmark = pytest.mark.django_db


class PicturedSerializer(serializers.ModelSerializer[Specimen]):
    class Meta:
        model = Curiosity
        fields = ("id", "text", "picture")
        extra_kwargs = {"picture": {"allow_null": True}}


class PicturedViewSet(ResourceViewSet):
    policy = anyone
    queryset = Curiosity.objects.all()
    serializer_class = PicturedSerializer


router = Router()
router.register("pictured", PicturedViewSet, "pictured")
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def sent() -> Any:
    Specimen.objects.create(id=1, text="a", picture="a b.png")

    def send(method: str, **body: Any) -> tuple[int, Any]:
        client = Client(HTTP_HOST="localhost")
        answer = getattr(client, method)("/v1/pictured/1", body or None, content_type="application/json")
        return answer.status_code, answer.json()

    with override_settings(ROOT_URLCONF=__name__):
        yield send


def stored() -> str | None:
    return Specimen.objects.values_list("picture", flat=True).get(id=1)


def test_what_was_read_can_be_sent_back(sent: Any) -> None:
    status, row = sent("get")
    assert status == 200
    assert row["picture"] == "http://localhost/a%20b.png"
    assert sent("put", **row) == (200, row)
    assert sent("patch", picture=row["picture"]) == (200, row)
    assert stored() == "a b.png"


def test_it_stays_where_it_is_left_out(sent: Any) -> None:
    status, row = sent("put", text="b")
    assert (status, row["text"], row["picture"]) == (200, "b", "http://localhost/a%20b.png")
    assert stored() == "a b.png"


def test_null_takes_it_away(sent: Any) -> None:
    assert sent("patch", picture=None)[1]["picture"] is None
    assert not stored()


def test_another_is_refused(sent: Any) -> None:
    status, problem = sent("put", text="b", picture="http://localhost/c.png")
    assert (status, problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (400, "/picture", "read_only")
    assert stored() == "a b.png"

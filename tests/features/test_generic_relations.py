"""Relations to rows of any model (`GenericForeignKey`) are read as DRF shows them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.read.strategies import PLANS
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.features.test_levels import at_every_level
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Remark, Topic

pytestmark = pytest.mark.django_db


class AboutField(serializers.RelatedField):
    """Shows whatever a remark is about, as DRF's guide to generic relations does."""

    def to_representation(self, value: Any) -> str:
        return f"{type(value).__name__} {value.pk}"


class RemarkSerializer(serializers.ModelSerializer[Remark]):
    about = AboutField(read_only=True)

    class Meta:
        model = Remark
        fields = ("id", "kind", "key", "text", "about")


class TopicSerializer(serializers.ModelSerializer[Topic]):
    remarks = serializers.SlugRelatedField(slug_field="text", many=True, read_only=True)

    class Meta:
        model = Topic
        fields = ("id", "name", "remarks")


class RemarkViewSet(ResourceViewSet):
    queryset = Remark.objects.all()
    serializer_class = RemarkSerializer
    policy = anyone
    filterset_fields = ("kind", "key", "text", "topics__name")
    search_fields = ("text",)
    ordering_fields = ("text", "key")


class TopicViewSet(ResourceViewSet):
    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    policy = anyone
    filterset_fields = ("name", "remarks__text", "remarks")
    search_fields = ("remarks__text",)


router = Router()
router.register(RemarkViewSet)
router.register(TopicViewSet)
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def remarks(db: None) -> Iterator[Client]:
    PLANS.clear()
    for key, name in ((1, "first"), (2, "second")):
        Topic.objects.create(id=key, name=name)
    kind, other = (ContentType.objects.get_for_model(model) for model in (Topic, Remark))
    Remark.objects.create(id=1, kind=kind, key=1, text="on the first")
    Remark.objects.create(id=2, kind=other, key=1, text="on a remark")
    Remark.objects.create(id=3, kind=kind, key=9, text="on nothing")
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)
    PLANS.clear()


def keys(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json["results"]]


def test_it_works(remarks: Client, settings: Any) -> None:
    shown = at_every_level(settings, remarks, "/v1/remarks").json["results"]
    assert [row["about"] for row in shown] == ["Topic 1", "Remark 1", None]
    assert at_every_level(settings, remarks, "/v1/remarks/1").json["about"] == "Topic 1"


def test_a_row_lists_the_remarks_about_it(remarks: Client, settings: Any) -> None:
    shown = at_every_level(settings, remarks, "/v1/topics").json["results"]
    assert [row["remarks"] for row in shown] == [["on the first"], []]


def test_they_are_filtered_and_searched(remarks: Client, settings: Any) -> None:
    assert keys(at_every_level(settings, remarks, "/v1/topics", remarks__text="on the first")) == [1]
    assert keys(at_every_level(settings, remarks, "/v1/topics", remarks__text="on a remark")) == []
    assert keys(at_every_level(settings, remarks, "/v1/topics", remarks="1")) == [1]
    assert keys(at_every_level(settings, remarks, "/v1/topics", remarks="2")) == []
    assert keys(at_every_level(settings, remarks, "/v1/topics", search="remark")) == []
    assert keys(at_every_level(settings, remarks, "/v1/topics", search="first")) == [1]
    assert keys(at_every_level(settings, remarks, "/v1/remarks", topics__name="first")) == [1]


def test_they_are_written(remarks: Client) -> None:
    kind = ContentType.objects.get_for_model(Topic)
    made = remarks.post("/v1/remarks", {"id": 5, "kind": kind.pk, "key": 2, "text": "new"})
    assert (made.status, made.json["about"]) == (201, "Topic 2")
    assert remarks.patch("/v1/remarks/5", {"key": 1}).json["about"] == "Topic 1"
    several = remarks.post("/v1/remarks", [{"id": key, "kind": kind.pk, "key": 2, "text": "x"} for key in (6, 7)])
    assert [row["about"] for row in several.json] == ["Topic 2", "Topic 2"]

"""Fields, nested serializers and viewsets that read bodies in a way of their own go on doing so."""

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
from tests.specimens.models import Drawer, Keepsake, Kind, Label, Specimen

pytestmark = pytest.mark.django_db


class ByLabel(serializers.ChoiceField):
    """Shows and takes the label of a choice."""

    def to_representation(self, value: Any) -> Any:
        return self.choices.get(value, value)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({label: value for value, label in self.choices.items()}[data.title()])


class Named(serializers.RelatedField[Label, Any, Any]):
    """Shows an object, and takes one, or a name alone."""

    def to_representation(self, value: Label) -> Any:
        return {"name": value.name}

    def to_internal_value(self, data: Any) -> Label:
        name = data["name"] if isinstance(data, dict) else data
        try:
            return self.get_queryset().get(name=name)
        except Label.DoesNotExist:
            raise serializers.ValidationError("No such label.") from None


class Kept(serializers.ModelSerializer[Drawer]):
    """Is shown whole, and named by its key."""

    class Meta:
        model = Drawer
        fields = ("id", "name")

    def to_internal_value(self, data: Any) -> Any:
        return Drawer.objects.get(pk=data) if isinstance(data, int) else super().to_internal_value(data)


class OwnSerializer(serializers.ModelSerializer[Keepsake]):
    kind = ByLabel(choices=Kind.choices, allow_null=True, required=False)
    labels = Named(queryset=Label.objects.all(), many=True, required=False)
    drawer = Kept(allow_null=True, required=False)

    class Meta:
        model = Keepsake
        fields = ("id", "text", "kind", "labels", "drawer")

    def create(self, validated_data: Any) -> Any:
        labels = validated_data.pop("labels", [])
        row = Keepsake.objects.create(**validated_data)
        row.labels.set(labels)
        return row

    def update(self, instance: Any, validated_data: Any) -> Any:
        instance.labels.set(validated_data.pop("labels", instance.labels.all()))
        vars(instance).pop("drawer_id") if "drawer" in validated_data else None
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        return instance


class OwnViewSet(ResourceViewSet):
    policy = anyone
    queryset = Keepsake.objects.order_by("id")
    serializer_class = OwnSerializer


class ShownSerializer(serializers.ModelSerializer[Specimen]):
    """What is read, with members that are never written."""

    twice = serializers.SerializerMethodField()

    class Meta:
        model = Specimen
        fields = ("id", "text", "whole", "twice")

    def get_twice(self, row: Specimen) -> str:
        return 2 * (row.text or "")


class WrittenSerializer(serializers.ModelSerializer[Specimen]):
    class Meta:
        model = Specimen
        fields = ("text",)


class TwoWaysViewSet(ResourceViewSet):
    """One serializer to read with, one to write with."""

    policy = anyone
    queryset = Specimen.objects.order_by("id")

    def get_serializer_class(self) -> Any:
        return ShownSerializer if self.request.method == "GET" else WrittenSerializer


class ItemSerializer(serializers.ModelSerializer[Specimen]):
    """Its `validate` expects what is required to be there."""

    class Meta:
        model = Specimen
        fields = ("id", "whole")
        extra_kwargs = {"whole": {"required": True}}

    def validate(self, attrs: Any) -> Any:
        if attrs["whole"] > 10:
            raise serializers.ValidationError("too much")
        return attrs


class ChestSerializer(serializers.ModelSerializer[Drawer]):
    specimens = ItemSerializer(many=True)

    class Meta:
        model = Drawer
        fields = ("id", "name", "specimens")
        extra_kwargs = {"name": {"required": True}}

    def create(self, validated_data: Any) -> Any:
        specimens = validated_data.pop("specimens")
        drawer = Drawer.objects.create(**validated_data)
        for specimen in specimens:
            Specimen.objects.create(drawer=drawer, **specimen)
        return drawer


class ChestViewSet(ResourceViewSet):
    policy = anyone
    queryset = Drawer.objects.all()
    serializer_class = ChestSerializer


router = Router()
router.register("own", OwnViewSet, "own")
router.register("two-ways", TwoWaysViewSet, "two-way")
router.register("chests", ChestViewSet, "chest")
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def sent() -> Any:
    Label.objects.bulk_create([Label(id=1, name="red"), Label(id=2, name="blue")])
    Drawer.objects.create(id=7, name="top")
    Specimen.objects.create(id=1, text="a", whole=5)

    def send(method: str, url: str, body: Any = None) -> tuple[int, Any]:
        client = Client(HTTP_HOST="localhost")
        answer = getattr(client, method)(f"/v1/{url}", body, content_type="application/json")
        return answer.status_code, answer.json()

    with override_settings(ROOT_URLCONF=__name__):
        yield send


def told(answer: tuple[int, Any]) -> Any:
    return answer[0], [(fault["pointer"], fault["code"]) for fault in answer[1].get("errors", ())]


def test_fields_of_ones_own_take_what_they_take(sent: Any) -> None:
    body = {"id": 2, "text": "b", "kind": "BIRD", "labels": [{"name": "red"}, "blue"], "drawer": 7}
    status, row = sent("post", "own", body)
    assert status == 201, row
    assert row["kind"] == "Bird"
    assert row["labels"] == [{"name": "red"}, {"name": "blue"}]
    assert row["drawer"] == {"id": 7, "name": "top"}
    assert sent("patch", "own/2", {"labels": row["labels"], "kind": row["kind"]}) == (200, row)
    assert [len(sent("post", "own", [{**body, "id": 3}, {**body, "id": 4}])[1])] == [2]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"kind": "stoned"}, [("/kind", "invalid")]),
        ({"labels": [{"title": "red"}]}, [("/labels/0", "invalid")]),
        ({"labels": ["green", "red"]}, [("/labels", "invalid")]),
        ({"labels": "red"}, [("/labels", "invalid")]),
    ],
)
def test_what_they_stumble_over_is_refused(sent: Any, body: Any, faults: Any) -> None:
    assert told(sent("patch", "own/1", body)) == (400, faults)


def test_what_was_read_can_be_sent_back_to_a_serializer_that_knows_less(sent: Any) -> None:
    _, row = sent("get", "two-ways/1")
    assert row == {"id": 1, "text": "a", "whole": 5, "twice": "aa"}
    assert sent("put", "two-ways/1", {**row, "text": "b"}) == (200, {"text": "b"})
    _, row = sent("get", "two-ways/1")
    assert told(sent("put", "two-ways/1", {**row, "whole": 6})) == (400, [("/whole", "unknown")])
    assert told(sent("patch", "two-ways/1", {"prose": None})) == (400, [("/prose", "unknown")])
    assert told(sent("post", "two-ways", {"text": "c", "whole": 5})) == (400, [("/whole", "unknown")])


def test_nested_code_is_asked_of_whole_objects_only(sent: Any) -> None:
    missing = {"id": 1, "name": "chest", "specimens": [{"id": 5}]}
    assert told(sent("post", "chests", missing)) == (400, [("/specimens/0/whole", "required")])
    wrong = {"id": 1, "nome": "chest", "specimens": [{"id": 5, "whole": 11}]}
    assert set(told(sent("post", "chests", wrong))[1]) == {
        ("/nome", "unknown"),
        ("/name", "required"),
        ("/specimens/0", "invalid"),
    }
    assert sent("post", "chests", {"id": 1, "name": "chest", "specimens": [{"id": 5, "whole": 1}]})[0] == 201

"""Relations that lead nowhere, or to several rows: the contract says what is shown, and what is wrong is a 400."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.views.declarations import check_declarations
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from openapi.core.generation import document
from resources.core.policy import anyone
from tests.client import Client
from tests.contract import Contract
from tests.features.test_levels import at_every_level
from tests.specimens.models import Book, Club, Label, Mark, Seat, Specimen, Stamp

pytestmark = pytest.mark.django_db


class StampSerializer(serializers.ModelSerializer):
    class Meta:
        model = Stamp
        fields = ("id", "name")


class BookSerializer(serializers.ModelSerializer):
    stamped = StampSerializer(source="stamp", read_only=True)
    stamp_name = serializers.CharField(source="stamp.name", read_only=True, default=None)

    class Meta:
        model = Book
        fields = ("id", "stamp", "stamped", "stamp_name")
        read_only_fields = ("stamp",)


class BookViewSet(ResourceViewSet):
    policy = anyone
    queryset = Book.objects.all()
    serializer_class = BookSerializer


class SpecimenSerializer(serializers.ModelSerializer):
    labels = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    named = serializers.PrimaryKeyRelatedField(source="drawer", read_only=True)

    class Meta:
        model = Specimen
        fields = ("id", "labels", "named")


class SpecimenViewSet(ResourceViewSet):
    policy = anyone
    queryset = Specimen.objects.all()
    serializer_class = SpecimenSerializer


class SluggedSerializer(serializers.ModelSerializer):
    label = serializers.SlugRelatedField(slug_field="name", queryset=Label.objects.all())

    class Meta:
        model = Mark
        fields = ("id", "label")


class MarkViewSet(ResourceViewSet):
    policy = anyone
    queryset = Mark.objects.all()
    serializer_class = SluggedSerializer


router = Router()
router.register("leafs", BookViewSet, basename="leaf")
router.register("kinds", SpecimenViewSet, basename="kind")
router.register("slugged", MarkViewSet, basename="slugged")
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def client() -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(Contract(document.generate(__name__)))


def test_a_one_to_one_without_a_row_is_null_as_the_contract_says(client: Client, settings: Any) -> None:
    Book.objects.create(id=1)
    Stamp.objects.create(id=5, name="Seen", book=Book.objects.create(id=2))
    none, seen = at_every_level(settings, client, "/v1/leafs").json["results"]
    assert (none["stamp"], none["stamp_name"]) == (None, None)
    assert (seen["stamp"], seen["stamped"], seen["stamp_name"]) == (5, {"id": 5, "name": "Seen"}, "Seen")


def test_keys_that_are_only_read_need_no_queryset(client: Client, settings: Any) -> None:
    Specimen.objects.create(id=1)
    assert at_every_level(settings, client, "/v1/kinds").json["results"] == [{"id": 1, "labels": [], "named": None}]


@pytest.mark.parametrize(
    "body", [{"id": 9, "label": "twice"}, [{"id": 9, "label": "twice"}, {"id": 8, "label": "once"}]]
)
def test_a_slug_that_several_rows_have_is_refused(client: Client, body: Any) -> None:
    for key, name in ((1, "twice"), (2, "twice"), (3, "once")):
        Label.objects.create(id=key, name=name)
    answer = client.post("/v1/slugged", body)
    assert answer.status == 400, answer.text
    pointer = "/0/label" if isinstance(body, list) else "/label"
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [(pointer, "several")]
    assert Mark.objects.count() == 0


@pytest.mark.parametrize(
    "member",
    [
        serializers.PrimaryKeyRelatedField(queryset=Club.objects.all()),
        serializers.HyperlinkedRelatedField(view_name="leaf-detail", read_only=True),
    ],
    ids=lambda member: type(member).__name__,
)
def test_a_key_that_would_be_taken_for_another_does_not_start(member: Any) -> None:
    meta = type("Meta", (), {"model": Seat, "fields": ("id", "club")})
    serializer: Any = type("SeatSerializer", (serializers.ModelSerializer,), {"club": member, "Meta": meta})
    declared = {"policy": anyone, "queryset": Seat.objects.all(), "serializer_class": serializer}
    with pytest.raises(ImproperlyConfigured, match=r"SeatSerializer.club: .* show the number .*SlugRelatedField\("):
        check_declarations(type("SeatViewSet", (ResourceViewSet,), declared))


def test_the_field_that_is_made_by_itself_starts() -> None:
    meta = type("Meta", (), {"model": Seat, "fields": ("id", "club")})
    serializer: Any = type("SeatSerializer", (serializers.ModelSerializer,), {"Meta": meta})
    declared = {"policy": anyone, "queryset": Seat.objects.all(), "serializer_class": serializer}
    check_declarations(type("SeatViewSet", (ResourceViewSet,), declared))

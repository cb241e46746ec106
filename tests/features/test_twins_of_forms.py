"""A viewset that names DRF's parsers takes forms as in plain DRF, files among them, held to what bodies are held to."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework import serializers
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser

from tests.features.test_twins_of_serializers import Nested
from tests.twins.models import Booking
from tests.twins.rows import FULL
from tests.twins.twin import FORM, JSON, MULTIPART, Twin

pytestmark = pytest.mark.usefixtures("twins")
WRITES = (("post", None), ("put", FULL), ("patch", FULL))
WHOLE: dict[str, Any] = {
    "reference": "N",
    "note": "x y",
    "nights": "3",
    "price": "2.50",
    "begins_on": "2026-01-02",
    "booked_at": "2026-01-02T03:04:05Z",
    "board": "half",
    "stars": "1",
    "paid": "true",
    "details": '{"a": [1]}',
    "website": "https://x.org",
    "score": "1.5",
    "guest": "901",
    "companions": ["901", "902"],
}


class FormSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = tuple(WHOLE)


class Tagged(Nested):
    tags = serializers.ListField(child=serializers.IntegerField(), source="details")

    class Meta(Nested.Meta):
        fields = ("reference", "guest", "tags")


class Paper(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("reference", "paper")


def twin(kind: Any) -> Twin:
    return Twin.of(kind, Booking, parser_classes=(MultiPartParser, FormParser, JSONParser))


@pytest.mark.parametrize("content_type", [FORM, MULTIPART])
@pytest.mark.parametrize(("method", "key"), WRITES)
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"paid": "on", "stars": "", "begins_on": "", "score": "", "guest": "", "board": ""},
        {"nights": "x"},
        {"details": "{"},
        {"companions": ["9"]},
        {"guest": "x"},
        {"paid": "perhaps"},
        {"board": "none"},
    ],
)
def test_it_takes_what_drf_takes(content_type: str, method: str, key: Any, changed: dict[str, Any]) -> None:
    ours, theirs = twin(FormSerializer).send(method, WHOLE | changed, key, content_type)
    assert ours == theirs


@pytest.mark.parametrize("content_type", [FORM, MULTIPART])
@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize("form", [{"reference": "N"}, {"nights": "5"}, {"reference": "N", "paid": "false"}])
def test_what_a_form_leaves_out(content_type: str, method: str, form: Any) -> None:
    ours, theirs = twin(FormSerializer).send(method, form, None if method == "post" else FULL, content_type)
    assert ours == theirs


@pytest.mark.parametrize(("method", "key"), WRITES)
@pytest.mark.parametrize(
    "form",
    [
        {"reference": "N", "guest.name": "Cy", "tags": ["1", "2"]},
        {"reference": "N", "guest.name": "Cy", "tags[0]": "1", "tags[1]": "3"},
        {"reference": "N", "guest.name": "Cy", "tags": ["x"]},
    ],
)
def test_names_that_lead_into_objects_and_lists(method: str, key: Any, form: Any) -> None:
    ours, theirs = twin(Tagged).send(method, form, key, MULTIPART)
    for each in (ours, theirs):
        for row in each.rows:
            row.pop("guest_id")
    assert ours == theirs


def test_an_unknown_member_is_refused_and_a_put_replaces() -> None:
    both = twin(FormSerializer)
    answer = both.answer("patch", {"nichts": "5"}, FULL, FORM)
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/nichts"]
    assert both.answer("put", {"reference": "N"}, FULL, FORM).json["note"] == ""


def test_json_stays_strict_beside_forms() -> None:
    assert twin(FormSerializer).answer("patch", {"nights": "5"}, FULL, JSON).status == 400


def test_where_no_parser_is_named_forms_are_refused_with_what_is_read() -> None:
    answer = Twin.of(FormSerializer, Booking).answer("patch", {"nights": "5"}, FULL, FORM)
    assert (answer.status, answer.headers["Accept-Patch"]) == (415, "application/json, application/merge-patch+json")


def test_a_form_brings_a_file_keeps_it_and_takes_another(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    both, paper = twin(Paper), SimpleUploadedFile("a.txt", b"one")
    row = both.answer("post", {"reference": "N", "paper": paper}, content_type=MULTIPART)
    assert (row.status, row.json["paper"].endswith("a.txt")) == (201, True)
    stored = Booking.objects.get(reference="N")
    assert stored.paper.read() == b"one"
    assert both.answer("put", {"reference": "M"}, stored.pk, MULTIPART).json["paper"] == row.json["paper"]
    paper = SimpleUploadedFile("b.txt", b"two")
    assert both.answer("patch", {"paper": paper}, stored.pk, MULTIPART).json["paper"].endswith("b.txt")
    assert both.answer("patch", {"paper": None}, stored.pk, JSON).json["paper"] is None

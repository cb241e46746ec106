"""What moved-in serializers show leaves as CSV whole, and what a choice may be can be filtered for."""

from typing import Any

import pytest
from rest_framework import serializers

from tests.features.test_twins_of_serializers import NoteSerializer
from tests.twins.models import Booking, Guest
from tests.twins.twin import Twin

pytestmark = pytest.mark.usefixtures("twins")


class GuestInCode(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("name",)

    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), "initial": instance.name[0]}


class InCode(NoteSerializer):
    """Has further members, one of them in some rows only, and leaves one out."""

    guest = GuestInCode(read_only=True)

    class Meta(NoteSerializer.Meta):
        fields = ("reference", "note", "guest")

    def to_representation(self, instance: Any) -> Any:
        shown = super().to_representation(instance)
        del shown["note"]
        return shown | ({"paid": instance.paid} if instance.paid else {}) | {"all": {"of": [instance.reference]}}


class NestedInCode(NoteSerializer):
    guest = GuestInCode(read_only=True)

    class Meta(NoteSerializer.Meta):
        fields = ("reference", "guest")


def csv(kind: Any, **words: Any) -> list[str]:
    answer = Twin.of(kind, Booking).answer("get", accept="text/csv", **words)
    assert answer.status == 200, answer.text
    return answer.text.splitlines()


def test_members_that_code_adds_are_columns() -> None:
    assert csv(InCode) == [
        "reference,guest.name,guest.initial,paid,all",
        'R1,Ann,A,true,"{""of"":[""R1""]}"',
        'R2,,,,"{""of"":[""R2""]}"',
    ]


def test_in_nested_objects_too() -> None:
    assert csv(NestedInCode) == ["reference,guest.name,guest.initial", "R1,Ann,A", "R2,,"]


def test_without_a_row_the_declared_members_are_the_header() -> None:
    Booking.objects.all().delete()
    assert csv(InCode) == ["reference,note,guest.name"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"board": ""}, ["R2"]),
        ({"board__not": ""}, ["R1"]),
        ({"board": "half"}, ["R1"]),
        ({"filter": {"or": [{"board": ""}, {"board": "full"}]}}, ["R2"]),
    ],
)
def test_a_blank_choice_can_be_filtered_for(query: dict[str, Any], found: list[str]) -> None:
    answer = Twin.of(NoteSerializer, Booking, filterset_fields=("board", "stars")).answer("get", **query)
    assert [row["reference"] for row in answer.json["results"]] == found


@pytest.mark.parametrize("query", [{"stars": ""}, {"board": "none"}, {"board__in": ""}])
def test_other_choices_are_refused_as_before(query: dict[str, Any]) -> None:
    both = Twin.of(NoteSerializer, Booking, filterset_fields=("board", "stars"))
    assert both.answer("get", **query).status == 400

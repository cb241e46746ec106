"""A `Prefetch` with a queryset of its own decides which related rows are shown, compiled or not."""

from typing import Any

import pytest
from django.db.models import F, Prefetch
from rest_framework import serializers

from serializers.core.read.compiled.compile import compile_row
from serializers.core.read.compiled.refusals import NotCompiled
from tests.serializers.core.read.compiled.test_compiler import NOWHERE, DrawerSerializer, MarkSerializer, both_ways, of
from tests.specimens.models import Drawer, Label, Mark, Specimen

pytestmark = pytest.mark.django_db
OPEN_LABELS, OPEN_MARKS = Label.objects.filter(secret=False), Mark.objects.filter(secret=False)


class CountedMark(serializers.ModelSerializer[Mark]):
    twice = serializers.IntegerField()

    class Meta:
        model = Mark
        fields = ("id", "twice")


class LabelSerializer(serializers.ModelSerializer[Label]):
    marks = MarkSerializer(many=True)

    class Meta:
        model = Label
        fields = ("name", "marks")


class DrawerOfSpecimens(serializers.ModelSerializer[Drawer]):
    class Meta:
        model = Drawer
        fields = ("id", "specimens")


@pytest.fixture
def specimens() -> Any:
    """Two specimens in a drawer; of each one's two labels and marks, one is secret."""
    drawer = Drawer.objects.create(id=1, name="top")
    labels = [Label.objects.create(id=number, name=f"label {number}", secret=number == 2) for number in (1, 2)]
    for number in (1, 2):
        specimen = Specimen.objects.create(id=number, text="a", flag=number == 1, drawer=drawer)
        specimen.labels.set(labels)
        for label in labels:
            Mark.objects.create(
                id=10 * number + label.id, specimen=specimen, label=label, whole=label.id, secret=label.secret
            )
    return Specimen.objects.all()


MANY = {
    "objects": (of(marks=MarkSerializer(many=True)), Prefetch("marks", OPEN_MARKS)),
    "in an order": (of(marks=MarkSerializer(many=True)), Prefetch("marks", Mark.objects.order_by("-id"))),
    "annotated": (of(marks=CountedMark(many=True)), Prefetch("marks", OPEN_MARKS.annotate(twice=F("whole") * 2))),
    "keys": (
        of(labels=serializers.PrimaryKeyRelatedField(many=True, read_only=True)),
        Prefetch("labels", OPEN_LABELS),
    ),
    "slugs": (
        of(labels=serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)),
        Prefetch("labels", OPEN_LABELS),
    ),
    "inside another": (
        of(labels=LabelSerializer(many=True)),
        Prefetch("labels", OPEN_LABELS.prefetch_related(Prefetch("marks", OPEN_MARKS.filter(specimen=1)))),
    ),
    "beyond a to-one relation": (
        of(drawer=DrawerOfSpecimens()),
        Prefetch("drawer__specimens", Specimen.objects.filter(flag=True)),
    ),
}


@pytest.mark.parametrize("name", MANY)
def test_the_rows_of_a_list(specimens: Any, name: str) -> None:
    serializer, prefetch = MANY[name]
    compiled, shown = both_ways(serializer, specimens.prefetch_related(prefetch))
    assert compiled == shown
    assert name == "annotated" or compiled != both_ways(serializer, specimens)[0]


@pytest.mark.parametrize(
    ("prefetch", "reason"),
    [
        (Prefetch("drawer", Drawer.objects.filter(secret=False)), "a Prefetch chooses which row drawer leads to"),
        (Prefetch("marks", OPEN_MARKS.order_by("id")[:1]), "marks: a Prefetch chooses some of its rows by their place"),
        (Prefetch("marks__label", OPEN_LABELS), "a Prefetch chooses which row marks__label leads to"),
        (Prefetch("marks__label__marks", OPEN_MARKS), "marks: a Prefetch chooses rows inside of it"),
    ],
)
def test_what_only_python_can_show(specimens: Any, prefetch: Any, reason: str) -> None:
    serializer = of(drawer=DrawerSerializer(), marks=MarkSerializer(many=True))
    with pytest.raises(NotCompiled) as refused:
        compile_row(serializer, specimens.prefetch_related(prefetch), NOWHERE)
    assert str(refused.value) == reason

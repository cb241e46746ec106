"""Lists that a serializer shows itself are loaded in the order in which the database would write them."""

from typing import Any

import pytest
from django.db.models import Prefetch
from rest_framework import serializers

from api.core.query.parameters.expansion import load
from resources.core.actor import ANONYMOUS
from serializers.core.read.selection import Selection
from tests import specimens

specimens.install()


def labels(*lookups: Any) -> list[int]:
    """Return the keys of three labels of a specimen, as they are loaded beside somebody's own lookups."""
    from tests.specimens.models import Label, Specimen

    class LabelledSerializer(serializers.ModelSerializer):
        class Meta:
            model = Specimen
            fields = ("id", "labels")

    specimen = Specimen.objects.create(id=1)
    for key in (3, 1, 2):
        specimen.labels.add(Label.objects.create(id=key))
    [found] = load(Specimen.objects.prefetch_related(*lookups), LabelledSerializer(), Selection(), ANONYMOUS)
    return [label.id for label in found.labels.all()]


@pytest.mark.django_db
def test_by_their_key_where_nobody_says_otherwise() -> None:
    assert labels() == [1, 2, 3]


@pytest.mark.django_db
def test_as_somebody_s_own_prefetch_has_them() -> None:
    from tests.specimens.models import Label

    assert labels(Prefetch("labels", Label.objects.order_by("-id"))) == [3, 2, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["labels", "labels__specimens"])
def test_a_list_that_is_loaded_already_is_let_be(lookup: str) -> None:
    assert sorted(labels(lookup)) == [1, 2, 3]

"""Fields that are made of what others were made of are those that DRF would make, and belong to one serializer."""

from typing import Any

import pytest
from rest_framework import serializers

import api.urls  # noqa: F401 - registers the resources
from api.core.resource.registry import REGISTRY
from resources.places.models import Country
from serializers.core.write.field_cache import draft

pytestmark = pytest.mark.django_db  # whose rows a relation's text shows
KINDS = {type(resource.serializer) for resource in REGISTRY.by_model.values()}


class Plain(serializers.ModelSerializer[Country]):
    words = serializers.ListField(child=serializers.CharField(max_length=5), validators=[len])
    nearby = serializers.PrimaryKeyRelatedField(queryset=Country.objects.all(), many=True)

    class Meta:
        model = Country
        fields = ("id", "words", "nearby", "languages", "currency", "continent", "population")


class Decided(Plain):
    def build_standard_field(self, *args: Any) -> Any:
        return super().build_standard_field(*args)


def drafted(kind: Any) -> Any:
    serializer = kind()
    draft(serializer)
    return serializer


@pytest.mark.parametrize("kind", [*sorted(KINDS, key=lambda kind: kind.__name__), Plain])
def test_they_are_what_drf_would_make(kind: Any) -> None:
    expected, first, second = kind(), drafted(kind), drafted(kind)
    assert "fields" in vars(first)
    assert repr(first) == repr(second) == repr(expected)
    for name, field in expected.fields.items():
        for made in (first.fields[name], second.fields[name]):
            assert type(made) is type(field)
            assert made.root in (first, second)
            assert list(map(type, made.validators)) == list(map(type, field.validators))


def test_no_part_is_shared() -> None:
    first, second = drafted(Plain), drafted(Plain)
    for name, field in first.fields.items():
        other = second.fields[name]
        assert field is not other
        assert field.validators is not other.validators
    assert first.fields["words"].child is not second.fields["words"].child
    assert first.fields["nearby"].child_relation is not second.fields["nearby"].child_relation
    assert first.fields["words"].child.root is first


def test_a_class_that_decides_by_itself_is_left_to_it() -> None:
    assert "fields" not in vars(drafted(Decided))


def test_choices_that_are_asked_for_anew_are_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Another(Plain):
        pass

    relation: Any = Country._meta.get_field("currency").remote_field
    monkeypatch.setattr(relation, "limit_choices_to", lambda: {"decimals": 2})
    assert "fields" not in vars(drafted(Another))


def test_fields_that_are_there_stay() -> None:
    serializer = Plain()
    field = serializer.fields["id"]
    draft(serializer)
    assert serializer.fields["id"] is field

"""Serializers that moved in read, show and save as in plain DRF, with whatever hook, option and list of their own."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from tests.twins.models import Booking, Guest
from tests.twins.rows import EMPTY, FULL
from tests.twins.twin import Twin

pytestmark = pytest.mark.usefixtures("twins")
WRITES = (("post", None), ("put", FULL), ("patch", FULL))
BODIES: tuple[Any, ...] = (
    {"reference": "N", "note": "hey"},
    {"reference": "N", "note": "bad"},
    {"reference": "N", "note": "X"},
    {"reference": "N", "note": ""},
    {"reference": "R2", "note": "hey"},
    {"note": "b"},
    {"reference": "", "note": ""},
)


class NoteSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields: Any = ("id", "reference", "note")


class Validated(NoteSerializer):
    def validate_note(self, value: str) -> str:
        if value == "bad":
            raise serializers.ValidationError("bad note")
        return value.upper()

    def validate(self, attrs: Any) -> Any:
        if attrs.get("note") == "X":
            raise serializers.ValidationError({"note": "x"})
        return {**attrs, "slug": "validated"}


class Valid(NoteSerializer):
    def is_valid(self, *, raise_exception: bool = False) -> bool:
        self.initial_data = {**self.initial_data, "note": "valid"}
        return super().is_valid(raise_exception=raise_exception)


class Run(NoteSerializer):
    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation({**data, "note": "run"})


class Internal(NoteSerializer):
    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({**data, "note": "internal"})


class Initial(NoteSerializer):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].required = True


class Saved(NoteSerializer):
    def save(self, **options: Any) -> Any:
        return super().save(slug="saved", **options)


class Made(NoteSerializer):
    def create(self, validated_data: Any) -> Any:
        return Booking.objects.create(**{**validated_data, "slug": "made"})

    def update(self, instance: Any, validated_data: Any) -> Any:
        return super().update(instance, {**validated_data, "slug": "changed"})


class Fields(NoteSerializer):
    def get_fields(self) -> Any:
        return super().get_fields() | {"note": serializers.CharField(max_length=3, required=False)}


class Built(NoteSerializer):
    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        return kind, options | ({"max_length": 3} if field_name == "note" else {})


class Upper(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return str(value).upper()


class Mapped(NoteSerializer):
    note_kind = type(Booking._meta.get_field("note"))
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {note_kind: Upper}


class Shown(NoteSerializer):
    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), "more": instance.nights, "list": [1]}


class WriteOnly(NoteSerializer):
    class Meta(NoteSerializer.Meta):
        extra_kwargs = {"note": {"write_only": True}}


class Required(NoteSerializer):
    class Meta(NoteSerializer.Meta):
        extra_kwargs = {"note": {"required": True, "min_length": 3}}


class OfTheContext:
    requires_context = True

    def __call__(self, field: Any) -> str:
        return f"default of {field.field_name}"


class Defaults(NoteSerializer):
    note = serializers.CharField(default=OfTheContext())
    slug = serializers.CharField(default=serializers.CreateOnlyDefault("once"))
    email = serializers.HiddenField(default="a@example.org")

    class Meta(NoteSerializer.Meta):
        fields = ("id", "reference", "note", "slug", "email")


class Together(NoteSerializer):
    class Meta(NoteSerializer.Meta):
        validators = [UniqueTogetherValidator(Booking.objects.all(), ("reference", "note"))]


class Bare(serializers.Serializer[Booking]):
    reference = serializers.CharField()
    note = serializers.CharField(default="bare")

    def validate_reference(self, value: str) -> str:
        if value == "R2":
            raise serializers.ValidationError("taken")
        return value

    def create(self, validated_data: Any) -> Any:
        return Booking.objects.create(**validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        return instance


KINDS = (
    *(NoteSerializer, Validated, Valid, Run, Internal, Initial, Saved, Made, Fields, Built, Mapped, Shown, WriteOnly),
    *(Required, Defaults, Together, Bare),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", [None, FULL, EMPTY])
def test_it_shows_what_drf_shows(kind: Any, key: Any) -> None:
    for level, ours, theirs in Twin.of(kind, Booking).read(key):
        assert (level, ours) == (level, theirs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "key"), WRITES)
def test_it_reads_and_saves_what_drf_does(kind: Any, method: str, key: Any) -> None:
    both = Twin.of(kind, Booking)
    for body in BODIES:
        ours, theirs = both.send(method, body, key)
        assert (body, ours) == (body, theirs)


class Renaming(NoteSerializer):
    """Takes other members than it shows."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"reference": data["ref"].upper(), "note": "renamed"})


@pytest.mark.parametrize(("method", "key"), WRITES)
def test_a_body_that_only_code_of_its_own_understands_is_left_to_it(method: str, key: Any) -> None:
    ours, theirs = Twin.of(Renaming, Booking).send(method, {"ref": "n"}, key)
    assert ours == theirs
    assert ours.body == {"reference": "N", "note": "renamed"}


@pytest.mark.parametrize("body", [{}, {"ref": 5}, [5], "text", None])
def test_a_body_that_it_stumbles_over_is_refused_and_no_fault_of_ours(body: Any) -> None:
    both = Twin.of(Renaming, Booking)
    assert both.answer("post", body).status == 400
    assert Booking.objects.count() == 2


class Named(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("name",)


class Nested(NoteSerializer):
    guest = Named()

    class Meta(NoteSerializer.Meta):
        fields = ("reference", "guest")

    def create(self, validated_data: Any) -> Any:
        guest = Guest.objects.create(**validated_data.pop("guest"))
        return Booking.objects.create(guest=guest, **validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        if "guest" in validated_data:
            Guest.objects.filter(pk=instance.guest_id).update(**validated_data.pop("guest"))
            instance.guest.refresh_from_db()
        return super().update(instance, validated_data)


@pytest.mark.parametrize(("method", "key"), WRITES)
@pytest.mark.parametrize("guest", [{"name": "Cy"}, {"name": ""}, {}, None, 5])
def test_nested_objects(method: str, key: Any, guest: Any) -> None:
    ours, theirs = Twin.of(Nested, Booking).send(method, {"reference": "N", "guest": guest}, key)
    for each in (ours, theirs):
        for row in each.rows:
            row.pop("guest_id")  # of a guest who is made, on either side, for this request
    assert ours == theirs


class Deep(serializers.ModelSerializer[Booking]):
    """Two relations, each as objects: of one model here, and of others in `test_depth_...`."""

    class Meta:
        model = Booking
        exclude = ("token", "paper")
        depth = 1


@pytest.mark.parametrize("key", [None, FULL, EMPTY])
def test_depth_and_every_column_at_once(key: Any) -> None:
    for level, ours, theirs in Twin.of(Deep, Booking).read(key):
        assert (level, ours) == (level, theirs)


LIST = [{"reference": "A", "note": "x"}, {"reference": "B"}]


class Listed(serializers.ListSerializer[Any]):
    def create(self, validated_data: Any) -> Any:
        assert self.child is not None
        return [self.child.create({**each, "note": "by list"}) for each in validated_data]


class Checked(serializers.ListSerializer[Any]):
    def validate(self, attrs: Any) -> Any:
        if len(attrs) > 1:
            raise serializers.ValidationError("one at a time")
        return attrs


class Converted(serializers.ListSerializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value([{**each, "note": "converted"} for each in data])


def listed_by(lists: Any) -> Any:
    meta = type("Meta", (NoteSerializer.Meta,), {"list_serializer_class": lists})
    return type("ListedSerializer", (NoteSerializer,), {"Meta": meta})


@pytest.mark.parametrize("lists", [serializers.ListSerializer, Listed, Checked, Converted])
@pytest.mark.parametrize("body", [LIST, LIST[:1], [{"reference": "R1"}], [{}], []])
def test_a_list_is_read_and_saved_by_the_class_that_the_serializer_names(lists: Any, body: Any) -> None:
    ours, theirs = Twin.of(listed_by(lists), Booking).send("post", body)
    assert ours.status == theirs.status
    assert ours.rows == theirs.rows
    if ours.status < 400:
        assert ours.body == theirs.body


def test_a_list_of_its_own_is_as_strict_and_as_whole_as_any(twins: None) -> None:
    answer = Twin.of(listed_by(Listed), Booking).answer("post", [*LIST, {"reference": "C", "nome": "x"}, 5])
    assert answer.status == 400
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/2/nome", "/3"]
    assert Booking.objects.count() == 2

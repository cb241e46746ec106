"""Every field class of DRF, with its options, shows and takes in a moved-in serializer what it does in plain DRF.

Beside that stands what is stricter here, which the guide on moving in says: no values of other types, and RFC 3339.
"""

from collections.abc import Iterator
from datetime import timedelta, timezone
from typing import Any

import pytest
from rest_framework import serializers

from tests.twins.models import Booking, Guest
from tests.twins.rows import EMPTY, FULL
from tests.twins.twin import Twin

pytestmark = pytest.mark.usefixtures("twins")
UUID = "12345678-1234-4234-9234-123456789055"
TWO_HOURS_EAST = timezone(timedelta(hours=2))
GERMAN = "%d.%m.%Y"


class GuestSerializer(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("name",)


def guests(kind: Any, *args: Any, **options: Any) -> Any:
    return kind(*args, queryset=Guest.objects.order_by("pk"), **options)


FIELDS: dict[str, tuple[Any, list[Any]]] = {
    "text": (serializers.CharField(source="note", required=False), ["a", "", None]),
    "blank": (serializers.CharField(source="note", allow_blank=True), ["", "a"]),
    "bounded": (serializers.CharField(source="note", min_length=2, max_length=3), ["a", "ab", "abcd"]),
    "initial": (serializers.CharField(source="note", initial="first", required=False), ["x"]),
    "pattern": (serializers.RegexField("^[a-z]+$", source="note"), ["a", "1"]),
    "slug": (serializers.SlugField(), ["a-b", "a b", "é"]),
    "letters": (serializers.SlugField(source="slug", allow_unicode=True), ["é", "a b"]),
    "website": (serializers.URLField(), ["https://x.org", "x"]),
    "link": (serializers.URLField(source="website", allow_blank=True), ["https://x.org", ""]),
    "email": (serializers.EmailField(), ["a@b.org", "a"]),
    "token": (serializers.UUIDField(), [UUID]),
    "hex": (serializers.UUIDField(source="token", format="hex"), [UUID.replace("-", "")]),
    "urn": (serializers.UUIDField(source="token", format="urn"), [f"urn:uuid:{UUID}"]),
    "address": (serializers.IPAddressField(), ["1.2.3.4", "::1", "x"]),
    "version 4": (serializers.IPAddressField(source="address", protocol="ipv4"), ["1.2.3.4", "::1"]),
    "nights": (serializers.IntegerField(min_value=1, max_value=5), [1, 0, 9]),
    "big": (serializers.BigIntegerField(source="nights", coerce_to_string=True), [5, "5", "x"]),
    "score": (serializers.FloatField(), [1, 1.5]),
    "price": (serializers.DecimalField(8, 2), ["1.50", 1, 1.25, "1.255"]),
    "as number": (serializers.DecimalField(8, 2, source="price", coerce_to_string=False), [1.5, "2.50"]),
    "normalised": (serializers.DecimalField(8, 2, source="price", normalize_output=True), ["1.50"]),
    "rounded": (serializers.DecimalField(8, 2, source="price", rounding="ROUND_HALF_UP"), ["1.50"]),
    "any digits": (serializers.DecimalField(None, None, source="price"), ["1.50"]),
    "at least": (serializers.DecimalField(8, 2, source="price", min_value=2), ["1.50", "2.00"]),
    "begins_on": (serializers.DateField(required=False), ["2026-01-02", "02.01.2026", None]),
    "german": (serializers.DateField(source="begins_on", input_formats=[GERMAN]), ["02.01.2026", "2026-01-02", "x"]),
    "german, shown": (
        serializers.DateField(source="begins_on", input_formats=[GERMAN, "iso-8601"], format=GERMAN),
        ["02.01.2026", "2026-01-02"],
    ),
    "booked_at": (serializers.DateTimeField(), ["2026-01-02T03:04:05Z"]),
    "minutes": (
        serializers.DateTimeField(
            source="booked_at", input_formats=[f"{GERMAN} %H:%M"], format=f"{GERMAN} %H:%M", allow_null=True
        ),
        ["02.01.2026 10:11", "x", None],
    ),
    "elsewhere": (
        serializers.DateTimeField(
            source="booked_at", input_formats=[f"{GERMAN} %H:%M"], default_timezone=TWO_HOURS_EAST
        ),
        ["02.01.2026 10:11"],
    ),
    "arrives_at": (serializers.TimeField(), ["10:11:12", "10:11", "x"]),
    "hours": (serializers.TimeField(source="arrives_at", input_formats=["%I %p"], format="%I %p"), ["10 PM", "x"]),
    "stay": (serializers.DurationField(max_value=timedelta(days=1)), ["P1DT00H00M00S", "P2DT00H00M00S"]),
    "board": (serializers.ChoiceField(["half", "full"]), ["half", "", "x"]),
    "any board": (serializers.ChoiceField(["half", "full"], source="board", allow_blank=True), ["half", ""]),
    "half board": (serializers.ChoiceField(["half"], source="board"), ["half", "full"]),
    "grouped": (serializers.ChoiceField([("G", [("half", "H"), ("full", "F")])], source="board"), ["full", "x"]),
    "stars": (serializers.ChoiceField([(1, "one"), (2, "two")], allow_null=True), [1, None]),
    "several": (serializers.MultipleChoiceField(choices=["a", "b"], source="details"), [["a"], ["a", "a"], ["x"], []]),
    "some": (serializers.MultipleChoiceField(choices=["a"], source="details", allow_empty=False), [[], ["a"]]),
    "list": (serializers.ListField(source="details"), [[1, "a"], [], "x", {}]),
    "dictionary": (serializers.DictField(source="details"), [{"a": 1}, {}, []]),
    "numbers": (serializers.DictField(child=serializers.IntegerField(), source="details"), [{"a": 1}, {"a": "x"}]),
    "not empty": (serializers.DictField(source="details", allow_empty=False), [{}, {"a": 1}]),
    "texts": (serializers.HStoreField(source="details"), [{"a": "1", "b": None}]),
    "details": (serializers.JSONField(), [{"a": 1}, [1], 5, "x"]),
    "paid": (serializers.BooleanField(allow_null=True, required=False), [True, False, None]),
    "paid or not": (serializers.BooleanField(source="paid", required=False), [True]),
    "guest": (guests(serializers.PrimaryKeyRelatedField), [901, 9, None]),
    "no guest": (guests(serializers.PrimaryKeyRelatedField, source="guest", allow_null=True), [None, 901]),
    "by text": (guests(serializers.PrimaryKeyRelatedField, source="guest", pk_field=serializers.CharField()), ["901"]),
    "by name": (guests(serializers.SlugRelatedField, "name", source="guest"), ["Ann", "x"]),
    "companions": (guests(serializers.PrimaryKeyRelatedField, many=True), [[901], [], [901, 901], [9]]),
    "somebody": (
        guests(serializers.PrimaryKeyRelatedField, source="companions", many=True, allow_empty=False),
        [[], [901]],
    ),
    "names": (guests(serializers.SlugRelatedField, "name", source="companions", many=True), [["Ann"], ["x"]]),
    "in words": (serializers.StringRelatedField(source="guest"), []),
    "column": (serializers.ReadOnlyField(source="guest.name"), []),
    "across": (serializers.CharField(source="guest.name", read_only=True), []),
    "across, or not": (serializers.CharField(source="guest.name", default="nobody", read_only=True), []),
    "untold": (serializers.ReadOnlyField(), []),
    "twice": (serializers.ReadOnlyField(), []),
    "total": (serializers.ReadOnlyField(), []),
    "label": (serializers.CharField(source="get_board_display", read_only=True), []),
    "file path": (serializers.FilePathField("resources/core", source="note", match="^actor.py$"), ["x"]),
    "object": (GuestSerializer(source="guest", read_only=True), []),
    "objects": (GuestSerializer(source="companions", read_only=True, many=True), []),
    "method": (serializers.SerializerMethodField("count"), []),
}

STRICTER: dict[str, tuple[Any, list[Any]]] = {
    "text": (serializers.CharField(source="note"), [5]),
    "nights": (serializers.IntegerField(), ["3"]),
    "score": (serializers.FloatField(), ["1.5"]),
    "price": (serializers.DecimalField(8, 2), ["1e2"]),
    "token": (serializers.UUIDField(), [UUID.replace("-", "")]),
    "begins_on": (serializers.DateField(), ["2026-1-2"]),
    "booked_at": (serializers.DateTimeField(), ["2026-01-02T03:04"]),
    "paid": (serializers.BooleanField(), ["true"]),
    "stars": (serializers.ChoiceField([(1, "one")]), ["1"]),
    "guest": (guests(serializers.PrimaryKeyRelatedField), ["901"]),
    "numbers": (serializers.DictField(child=serializers.IntegerField(), source="details"), [{"a": "1"}]),
    "texts": (serializers.HStoreField(source="details"), [{"a": 1}]),
}
"""What DRF would convert."""


def twin(name: str, field: Any) -> Twin:
    meta = type("Meta", (), {"model": Booking, "fields": ("reference", name)})
    members = {"Meta": meta, name: field, "count": lambda self, row: row.nights}
    return Twin.of(type("TwinSerializer", (serializers.ModelSerializer,), members), Booking)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("key", [None, FULL, EMPTY])
def test_it_shows_what_drf_shows(name: str, key: Any) -> None:
    for level, ours, theirs in twin(name, FIELDS[name][0]).read(key):
        assert (level, ours) == (level, theirs)


def written(name: str) -> Iterator[tuple[str, Any, Any]]:
    for value in FIELDS[name][1]:
        yield from ((method, key, {"reference": "N", name: value}) for method, key in WRITES)
    yield from ((method, key, {"reference": "N"}) for method, key in WRITES if method != "put")


WRITES = (("post", None), ("put", FULL), ("patch", FULL))


@pytest.mark.parametrize("name", FIELDS)
def test_it_takes_what_drf_takes(name: str) -> None:
    both = twin(name, FIELDS[name][0])
    for method, key, body in written(name):
        ours, theirs = both.send(method, body, key)
        if name == "any digits" and ours.status < 400:  # which DRF shows as sent, before it is read again
            ours, theirs = (type(each)(each.status, None, each.rows) for each in (ours, theirs))
        assert (method, body, ours) == (method, body, theirs)


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in ("hours", "bounded")])
def test_what_was_read_can_be_sent_back(name: str) -> None:
    both = twin(name, FIELDS[name][0])
    row = both.answer("get", key=FULL).json
    for method in ("put", "patch"):
        ours, theirs = both.send(method, row, FULL)
        if theirs.status < 400:  # a text that has no such choice, to DRF either
            assert (method, ours) == (method, theirs)


@pytest.mark.parametrize("name", STRICTER)
def test_values_of_other_types_are_refused(name: str) -> None:
    field, values = STRICTER[name]
    both = twin(name, field)
    for value in values:
        ours, theirs = both.send("post", {"reference": "N", name: value})
        assert (ours.status, ours.body, theirs.status) == (400, [name], 201)

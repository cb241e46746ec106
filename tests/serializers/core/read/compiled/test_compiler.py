"""The compiler writes what DRF would: every kind of field, over any rows; what it cannot compile it says, and why."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Count, F, Q, TextField, Value, Window
from django.db.models.functions import Concat, RowNumber, Upper
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from serializers.core.fields import SerializerMethodField
from serializers.core.json import encode
from serializers.core.read.compiled.compile import compile_row
from serializers.core.read.compiled.compiler import Sources
from serializers.core.read.compiled.holes import TOKEN, filled
from serializers.core.read.compiled.refusals import NotCompiled
from tests.specimens.made import VALUES, related_collections, stored
from tests.specimens.models import Drawer, Label, Mark, Specimen

pytestmark = pytest.mark.django_db
NOWHERE = Sources(lambda model: None, lambda model: None)  # type: ignore[arg-type, return-value]  # nothing is expanded


class DrawerSerializer(serializers.ModelSerializer[Drawer]):
    class Meta:
        model = Drawer
        fields = ("id", "name", "secret", "parent")


class MarkSerializer(serializers.ModelSerializer[Mark]):
    class Meta:
        model = Mark
        fields = ("id", "text", "whole", "label", "secret")


class Everything(serializers.ModelSerializer[Specimen]):
    """Every field that a model's columns make, and the hand-written ones that are common."""

    drawer_name = serializers.CharField(source="drawer.name", allow_null=True)
    kept_in = DrawerSerializer(source="drawer", read_only=True)
    grand = serializers.PrimaryKeyRelatedField(source="drawer.parent", read_only=True, allow_null=True)
    called = serializers.SlugRelatedField(source="drawer", slug_field="name", read_only=True)
    tags = serializers.SlugRelatedField(source="labels", slug_field="name", many=True, read_only=True)
    sorted_labels = serializers.PrimaryKeyRelatedField(source="labels", many=True, read_only=True)
    written_marks = MarkSerializer(source="marks", many=True, read_only=True)
    how_many = serializers.ReadOnlyField()
    loud = SerializerMethodField(sql=Upper(F("prose")))

    class Meta:
        model = Specimen
        fields = (
            *("id", *VALUES, "notes", "drawer", "labels", "drawer_name", "kept_in", "grand", "called", "tags"),
            *("sorted_labels", "written_marks", "how_many", "loud"),
        )

    def get_loud(self, row: Any) -> Any:
        return row.loud_by_sql


def both_ways(serializer: Any, rows: Any) -> tuple[list[Any], list[Any]]:
    """Return rows as the database writes them and as DRF does, with the order of members."""
    row = compile_row(serializer, rows, NOWHERE)
    texts = rows.annotate(_json=row.json).order_by("pk").values_list("_json", flat=True)
    compiled = [json.loads(filled(text, row.fills, "http://here"), object_pairs_hook=list) for text in texts]
    shown = [encode(serializer.to_representation(instance)) for instance in rows.order_by("pk")]
    return compiled, [json.loads(text, object_pairs_hook=list) for text in shown]


def sorted_lists(rows: list[Any]) -> list[Any]:
    """Put lists of related rows, which have no order of their own, in one."""
    lists = ("labels", "tags", "sorted_labels", "written_marks")
    return [[(name, sorted(value, key=str) if name in lists else value) for name, value in row] for row in rows]


@given(data=st.data())
def test_every_kind_of_field(data: st.DataObject) -> None:
    with stored(data.draw(related_collections(set(VALUES)))):
        rows = Specimen.objects.annotate(how_many=Count("marks"), loud_by_sql=Upper(F("prose")))
        compiled, shown = both_ways(Everything(), rows)
        assert sorted_lists(compiled) == sorted_lists(shown)


def wide(members: int) -> Any:
    fields = {f"field_{number}": serializers.IntegerField(source="whole") for number in range(members)}
    return type("Wide", (serializers.Serializer,), fields)()


@pytest.mark.parametrize("members", [0, 1, 49, 50, 51, 63, 64, 100, 130])
def test_objects_of_any_width(members: int) -> None:
    Specimen.objects.create(id=1, whole=7)
    compiled, shown = both_ways(wide(members), Specimen.objects.all())
    assert compiled == shown


@pytest.mark.parametrize("name", ["plain", "it's", "100%", "%s", 'a "quote"', "back\\slash", "é", "\u2028", "é" * 32])
def test_members_of_any_name(name: str) -> None:
    Specimen.objects.create(id=1, whole=7)
    serializer = type("Named", (serializers.Serializer,), {name: serializers.IntegerField(source="whole")})()
    assert both_ways(serializer, Specimen.objects.all()) == ([[(name, 7)]], [[(name, 7)]])


@pytest.mark.parametrize(
    "real",
    [0.1, -0.0, 5.0, 1e15, 1e16, 1e200, 1.7976931348623157e308, 5e-324, 0.1 + 0.2, 1e232, 4.7578013708110906e-299],
)
def test_floats_to_the_last_bit(real: float) -> None:
    Specimen.objects.create(id=1, real=real)
    serializer = type("Real", (serializers.Serializer,), {"real": serializers.FloatField()})()
    [[[_, compiled]]], [[[_, shown]]] = both_ways(serializer, Specimen.objects.all())
    assert compiled.hex() == shown.hex()
    assert shown == real


@pytest.mark.parametrize("year", [1, 999, 2026, 9999])
@pytest.mark.parametrize("fraction", [0, 1, 10, 500_000, 999_999])
def test_times_to_the_last_microsecond(year: int, fraction: int) -> None:
    moment = datetime(year, 12, 31, 23, 59, 59, fraction, tzinfo=UTC)
    Specimen.objects.create(id=1, moment=moment, hour=moment.time())
    fields = {"moment": serializers.DateTimeField(), "hour": serializers.TimeField()}
    compiled, shown = both_ways(of(**fields), Specimen.objects.all())
    assert compiled == shown


def test_milliseconds_of_a_default_of_the_database(vendor: str) -> None:
    """SQLite's own clock gives three digits, which Django reads as six."""
    Specimen.objects.create(id=1)
    with connection.cursor() as cursor:
        zone = "" if vendor == "sqlite" else "+00"
        cursor.execute(f"UPDATE {Specimen._meta.db_table} SET moment = '2026-11-22 10:30:00.120{zone}'")
    compiled, shown = both_ways(of(moment=serializers.DateTimeField()), Specimen.objects.all())
    assert compiled == shown == [[("moment", "2026-11-22T10:30:00.120000Z")]]


@pytest.mark.parametrize("real", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_null(real: str, vendor: str) -> None:
    Specimen.objects.create(id=1, real=float(real))
    compiled, _ = both_ways(of(real=serializers.FloatField()), Specimen.objects.all())
    assert compiled == [[("real", None)]]


@isolate_apps("tests.specimens")
@pytest.mark.parametrize("text", ["0.0001", "-0.1000", "123456789012345.6789", "999999999999999.9999", None])
def test_decimals_of_more_digits_than_a_double_has(text: str | None) -> None:
    class Precious(models.Model):
        amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)

        class Meta:
            app_label = "specimens"

    types = {column.name: column.db_type(connection) for column in Precious._meta.concrete_fields}
    with connection.cursor() as cursor:
        table = Precious._meta.db_table
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (id integer PRIMARY KEY, amount {types['amount']})")
        cursor.execute(f"INSERT INTO {table} VALUES (1, %s)", [text])
    fields = {"amount": serializers.DecimalField(20, 4)}
    try:
        compiled, shown = both_ways(of(**fields), Precious.objects.all())
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {table}")
    assert compiled == shown


def test_rows_that_are_told_apart(vendor: str) -> None:
    """PostgreSQL cannot tell whether two JSON values are equal."""
    Specimen.objects.create(id=1, notes={"a": [1, None]})
    for key in (1, 2):
        Specimen.objects.get(id=1).labels.add(Label.objects.create(id=key, name=f"label {key}"))
    rows = Specimen.objects.filter(labels__id__gte=1).distinct()
    compiled, shown = both_ways(of(notes=serializers.JSONField(), id=serializers.IntegerField()), rows)
    assert compiled == shown
    assert len(compiled) == 1


@pytest.mark.parametrize("name", [None, "", "a.png", "a b/ü %.png", '"quoted"\'.png', "http://x"])
@pytest.mark.parametrize("use_url", [True, False])
def test_files(name: str | None, use_url: bool) -> None:
    Specimen.objects.create(id=1, picture=name)
    compiled, shown = both_ways(of(picture=serializers.FileField(use_url=use_url)), Specimen.objects.all())
    [[[_, there]]] = shown
    assert compiled == [[("picture", there if there is None or not use_url else f"http://here/{there.lstrip('/')}")]]


def of(**fields: Any) -> Any:
    return type("Of", (serializers.Serializer,), fields)()


class Shout(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return str(value).upper()


@pytest.mark.parametrize(
    ("serializer", "reason"),
    [
        (of(text=serializers.CharField(source="*")), "text: it shows the row itself"),
        (of(text=Shout()), "text: Shout decides in Python how it is shown"),
        (of(text=serializers.SerializerMethodField(method_name="x")), "text: its method is Python; give sql="),
        (of(text=serializers.StringRelatedField(source="drawer")), "text: "),
        (of(text=serializers.CharField(source="drawer.name")), "text: where a relation on the way is null"),
        (of(text=serializers.CharField(source="get_kind_display")), "text: Specimen.get_kind_display is no column"),
        (of(day=serializers.DateField(format="%d.%m.%Y")), "day: its format is '%d.%m.%Y'"),
        (of(amount=serializers.DecimalField(12, 1)), "amount: it is rounded, normalised or localised"),
        (of(amount=serializers.DecimalField(12, 2, coerce_to_string=False)), "amount: it is shown as a number"),
        (of(whole=serializers.CharField()), "whole: CharField shows a BigIntegerField in another form"),
        (of(up=serializers.PrimaryKeyRelatedField(source="drawer.parent", read_only=True)), "up: where a relation"),
        (of(up=DrawerSerializer(source="drawer.parent", read_only=True)), "up: where a relation on the way is null"),
        (of(code=serializers.UUIDField(format="hex")), "code: its format is its own"),
        (of(span=serializers.ReadOnlyField()), "span: it is shown as Python writes it"),
    ],
)
def test_what_cannot_be_compiled_says_why(serializer: Any, reason: str) -> None:
    with pytest.raises(NotCompiled) as refused:
        compile_row(serializer, Specimen.objects.all(), NOWHERE)
    assert str(refused.value).startswith(reason)


def test_another_time_zone_is_interpreted(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    with pytest.raises(NotCompiled, match="moment: it is not shown in UTC"):
        compile_row(of(moment=serializers.DateTimeField()), Specimen.objects.all(), NOWHERE)


def test_a_hole_is_filled_wherever_it_stands() -> None:
    text = f'{{"a":"{TOKEN}:0:[1,\\"x\\"]{TOKEN}","b":["{TOKEN}:1:[2]{TOKEN}"]}}'
    fills = (lambda origin, payload: f"{origin}/{payload}", lambda origin, payload: payload)
    assert json.loads(filled(text, fills, "here")) == {"a": "here/[1, 'x']", "b": [[2]]}


def test_no_text_of_a_row_is_taken_for_a_hole() -> None:
    Specimen.objects.create(id=1, prose="hole-00000000000000000000000000000000:0:[]")
    compiled, shown = both_ways(of(prose=serializers.CharField()), Specimen.objects.all())
    assert compiled == shown


def test_the_key_of_a_relation_as_a_value() -> None:
    Drawer.objects.create(id=2, parent=Drawer.objects.create(id=1))
    fields = {"id": serializers.IntegerField(), "parent_id": serializers.IntegerField()}
    compiled, shown = both_ways(of(**fields), Drawer.objects.all())
    assert compiled == shown == [[("id", 1), ("parent_id", None)], [("id", 2), ("parent_id", 1)]]


def test_an_annotation_is_a_member() -> None:
    Specimen.objects.create(id=1, text="a", drawer=Drawer.objects.create(id=2, name="b"))
    rows = Specimen.objects.annotate(both=Concat("text", Value("/"), "drawer__name", output_field=TextField()))
    assert both_ways(of(both=serializers.ReadOnlyField()), rows) == ([[("both", "a/b")]], [[("both", "a/b")]])
    assert Label.objects.count() == 0


@pytest.mark.parametrize(
    ("joined", "counted", "shown"),
    [
        (Q(marks__isnull=False), Count("*"), [2, 2]),
        (Q(), Window(RowNumber(), order_by="pk"), [1, 2]),
    ],
)
def test_what_counts_rows_counts_those_of_the_list(joined: Q, counted: Any, shown: list[int]) -> None:
    for specimen in (Specimen.objects.create(id=1), Specimen.objects.create(id=2)):
        Mark.objects.bulk_create(Mark(id=10 * specimen.pk + number, specimen=specimen) for number in (1, 2))
    rows = Specimen.objects.filter(joined).annotate(counted=counted)
    there = [[("counted", number)] for number in shown]
    assert both_ways(of(counted=serializers.ReadOnlyField()), rows) == (there, there)

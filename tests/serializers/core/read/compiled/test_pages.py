"""A page is found before it is shown: what many of its rows refer to is written once, and shown as DRF shows it."""

import json
from typing import Any

import pytest
from django.db import connection
from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from resources.core.database.drivers import LIMIT
from resources.core.database.related import relation
from serializers.core.read.compiled.compile import CompiledRow, compile_row
from serializers.core.read.compiled.compiler import Sources
from serializers.core.read.compiled.pages import page_first, refers
from serializers.core.read.selection import EVERYTHING, Expansion, Selection, present
from tests.specimens.models import Drawer, Specimen

pytestmark = pytest.mark.django_db
EVERY_ROW = Sources(lambda model: None, lambda model: None)  # type: ignore[arg-type, return-value]  # no list is expanded
NO_DRAWER = Sources(lambda model: Drawer.objects.none(), lambda model: None)  # type: ignore[arg-type, return-value]


class DrawerSerializer(serializers.ModelSerializer[Drawer]):
    class Meta:
        model = Drawer
        fields = ("id", "name", "parent", "specimens")


class SpecimenSerializer(serializers.ModelSerializer[Specimen]):
    class Meta:
        model = Specimen
        fields = ("id", "drawer", "text")


def expanded() -> Any:
    serializer = SpecimenSerializer()
    present(serializer, Selection(expand=(Expansion("drawer", DrawerSerializer, EVERYTHING),)))
    return serializer


def compiled(rows: Any, sources: Sources = EVERY_ROW) -> tuple[CompiledRow, QuerySet[Any]]:
    row = compile_row(expanded(), rows, sources, page=True)
    return row, page_first(rows, row.referred).annotate(_json=row.json).values_list("_json", flat=True)


@pytest.fixture(autouse=True)
def rows() -> Any:
    """Specimens in two drawers, and in none, in an order that is not that of their keys."""
    inner = Drawer.objects.create(id=2, name="b", parent=Drawer.objects.create(id=1, name="a"))
    for key, drawer_id in enumerate((1, inner.pk, 1, None, inner.pk)):
        Specimen.objects.create(id=key, text=f"{-key}", drawer_id=drawer_id)
    return Specimen.objects.filter(text__lt="9").order_by("text", "-pk")


@pytest.mark.parametrize("part", [slice(None), slice(2), slice(1, 4), slice(4, 9), slice(0, 0)])
def test_every_part_is_what_drf_shows(rows: Any, part: slice) -> None:
    _, found = compiled(rows)
    shown = [json.loads(text, object_pairs_hook=list) for text in found[part]]
    # A database may give a list without an order in any; with one, DRF shows it in that of its compiled form.
    in_order = rows.prefetch_related(Prefetch("drawer__specimens", Specimen.objects.order_by("pk")))
    there = json.dumps([expanded().to_representation(row) for row in in_order[part]])
    assert shown == json.loads(there, object_pairs_hook=list)


def test_what_may_not_be_read_stays_a_key(rows: Any) -> None:
    _, found = compiled(rows, NO_DRAWER)
    assert [json.loads(text)["drawer"] for text in found] == list(rows.values_list("drawer", flat=True))


def test_the_conditions_and_the_limit_belong_to_the_page(rows: Any) -> None:
    row, found = compiled(rows)
    assert [each.relation.name for each in row.referred] == ["drawer"]
    page, _, shown = str(found[:2].query).partition('"_page_drawer" AS MATERIALIZED')
    assert ("LIMIT" in page, "WHERE" in page) == (True, True)
    assert "LIMIT" not in shown
    assert LIMIT in str(found.query).partition('"_page_drawer" AS MATERIALIZED')[0]


def test_columns_alone_are_as_soon_joined_on_sqlite(rows: Any) -> None:
    class Plain(serializers.ModelSerializer[Drawer]):
        class Meta:
            model = Drawer
            fields = ("id", "name")

    serializer = SpecimenSerializer()
    present(serializer, Selection(expand=(Expansion("drawer", Plain, EVERYTHING),)))
    row = compile_row(serializer, rows, EVERY_ROW, page=True)
    assert bool(row.referred) == (connection.vendor == "postgresql")


def test_it_can_be_explained(rows: Any) -> None:
    assert "_page" in compiled(rows)[1][:2].explain()


def test_only_a_column_of_the_table_itself_refers() -> None:
    assert refers(relation(Specimen, "drawer"), Specimen)
    assert not refers(relation(Specimen, "drawer"), Drawer)
    assert not refers(relation(Drawer, "specimens"), Drawer)

"""A viewset whose `filterset_fields` is a dict offers the lookups that it names, and no others."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.client import Client
from tests.features.problems import refused
from tests.specimens.models import Drawer, Label, Mark, Specimen


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text__regex": "^a.c$"}, {1}),
        ({"text__iregex": "^A.C$"}, {1}),
        ({"text__gt": "abb"}, {1}),
        ({"text__range": "a,b"}, {1}),
        ({"whole__range": "1,10"}, {1}),
        ({"amount__range": "0.001,9.999"}, {1}),
        ({"amount__in": "5,6"}, {1}),
        ({"day__year": 2026}, {1}),
        ({"day__year__gte": 2026}, {1}),
        ({"day__month__in": "10,11"}, {1}),
        ({"day__range": "2026-01-01,2026-12-31"}, {1}),
        ({"moment__date": "2026-11-22"}, {1}),
        ({"moment__date__lt": "2026-11-23"}, {1}),
        ({"moment__year__range": "2026,2027"}, {1}),
        ({"moment__hour": 10}, {1}),
        ({"moment__time__gte": "10:30"}, {1}),
        ({"moment__range": "2026-11-22T00:00:00Z,2026-11-23T00:00:00Z"}, {1}),
        ({"kind__in": "1"}, {1}),
        ({"drawer__name__icontains": "OA"}, {1}),
        ({"labels__isnull": "false"}, {1}),
        ({"labels__isnull": "true"}, {2}),
        ({"marks__isnull": "true"}, {2}),
        ({"labels__in": "1,2"}, {1}),
        ({"marks__whole__range": "1,2"}, {1}),
        ({"text__regex__not": "^a.c$"}, {2}),
        ({"marks__whole__range__not": "1,2"}, {2}),
    ],
)
def test_a_dict_may_name_any_lookup(specimens: Client, query: Any, expected: set[int]) -> None:
    drawer = Drawer.objects.create(id=1, name="Oak")
    row = Specimen.objects.create(
        id=1,
        text="abc",
        whole=5,
        amount=5,
        day=date(2026, 11, 22),
        moment=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        kind=1,
        drawer=drawer,
        notes={"a": 1},
    )
    row.labels.add(Label.objects.create(id=1))
    Mark.objects.create(id=1, specimen=row, whole=2)
    Specimen.objects.create(id=2)
    answer = specimens.get("/v1/curiosities", fields="id", **query)
    assert answer.status == 200, answer.text
    assert {row["id"] for row in answer.json["results"]} == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text__regex", "("),
        ("text__regex", "[z-a]"),
        ("text__iregex", "*"),
        ("day__year", "x"),
        ("day__year", "2026-11-22"),
        ("day__month__in", "a,b"),
        ("day__range", "2026-01-01"),
        ("day__range", "2026-01-01,2026-01-02,2026-01-03"),
        ("moment__date", "2026-11-22T10:30:00Z"),
        ("moment__date__lt", "banana"),
        ("moment__time__gte", "noon"),
        ("whole__range", "1"),
        ("kind__in", "3"),
        ("labels__isnull", "maybe"),
        ("text", "abc"),
        ("text__icontains", "abc"),
        ("text__gte", "abc"),
        ("day", "2026-11-22"),
        ("drawer__name", "Oak"),
        ("labels", "1"),
    ],
)
def test_a_dict_offers_nothing_else_and_is_strict(specimens: Client, name: str, value: str) -> None:
    refused(specimens.get("/v1/curiosities", **{name: value}), name)

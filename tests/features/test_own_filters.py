"""A django-filter FilterSet of one's own keeps its meaning, and reads its values strictly."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import django_filters
import pytest
from django.core.exceptions import ImproperlyConfigured

from api.core.viewset import ReadOnlyResourceViewSet
from resources.core.policy import anyone
from tests.client import Answer, Client
from tests.specimens.models import Drawer, Keepsake, Label, Mark, Specimen
from tests.specimens.urls import serializer_of

URL = "/v1/keepsakes"


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    """One row with everything, labelled twice, one without anything, and one in a drawer of its own."""
    oak = Drawer.objects.create(id=1, name="Oak")
    pine = Drawer.objects.create(id=2, name="Pine", parent=oak)
    Drawer.objects.create(id=3, name="Safe", secret=True)
    full = Specimen.objects.create(
        id=1,
        text="abc",
        whole=5,
        real=1.5,
        amount=5,
        flag=True,
        day=date(1999, 12, 31),
        moment=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        hour=time(10, 30),
        span=timedelta(hours=1),
        code=UUID(int=7),
        kind=1,
        drawer=pine,
    )
    Specimen.objects.create(id=2)
    Specimen.objects.create(id=3, text="xyz", whole=6, real=9, day=date(2026, 11, 22), kind=2, drawer=oak)
    for key, name in ((1, "Straße"), (2, "strasse")):
        full.labels.add(Label.objects.create(id=key, name=name))
        Mark.objects.create(id=key, specimen=full)


def found(specimens: Client, **query: Any) -> list[int]:
    answer = specimens.get(URL, fields="id", ordering="id", **query)
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["results"]]


EVERY = [
    ({"is_old": True}, [1]),
    ({"is_old": False}, [3]),
    ({"is_old__not": True}, [2, 3]),
    ({"has_label": True}, [1]),
    ({"has_label": False}, [2, 3]),
    ({"text_is": "abc"}, [1]),
    ({"text_is__not": "abc"}, [2, 3]),
    ({"label_name": "STRASSE"}, [1]),
    ({"label_name__not": "STRASSE"}, [2, 3]),
    ({"many_marks": 2}, [1]),
    ({"many_marks__not": 2}, [2, 3]),
    ({"whole_in": [5, 7]}, [1]),
    ({"days": ["1999-01-01", "2000-01-01"]}, [1]),
    ({"kind": "2"}, [3]),
    ({"kind__not": "2"}, [1, 2]),
    ({"kinds": ["1"]}, [1]),
    ({"drawer": "2"}, [1]),
    ({"label": ["2"]}, [1]),
    ({"real_min": "2"}, [3]),
    ({"real_max": "2"}, [1]),
    ({"real_min": "1.5", "real_max": "8"}, [1]),
    ({"real_min__not": "2"}, [1, 2]),
    ({"moment_after": "2026-11-22T10:30:00Z"}, [1]),
    ({"moment_before": "2026-11-22T10:29:59Z"}, []),
    ({"day_after": "2000-01-01"}, [3]),
    ({"day_before": "1999-12-31"}, [1]),
    ({"moment_is": "2026-11-22T11:30:00+01:00"}, [1]),
    ({"hour": "10:30"}, [1]),
    ({"span": "PT1H"}, [1]),
    ({"code": str(UUID(int=7))}, [1]),
    ({"some_text": "xyz"}, [3]),
    ({"typed": "b"}, [1]),
    ({"amount": "5.000"}, [1]),
    ({"amount__gte": "4.999"}, [1]),
    ({"amount__in": [1, "5.0"]}, [1]),
    ({"flag": True}, [1]),
    ({"drawer__parent": 1}, [1]),
]


@pytest.mark.parametrize(("query", "expected"), EVERY)
def test_every_stock_filter_keeps_its_meaning(specimens: Client, query: dict[str, Any], expected: list[int]) -> None:
    assert found(specimens, **query) == expected
    assert found(specimens, filter=query) == expected
    rest = [key for key in (1, 2, 3) if key not in expected]
    assert found(specimens, filter={"not": query}) == rest


def test_a_choice_of_several_is_written_once_for_each(specimens: Client) -> None:
    answer = specimens.get(f"{URL}?kinds=1&kinds=2&fields=id&ordering=id&limit=1")
    assert [row["id"] for row in answer.json["results"]] == [1]
    assert [row["id"] for row in specimens.get(answer.json["next"]).json["results"]] == [3]
    assert found(specimens, filter={"kinds": ["1", "2"]}) == [1, 3]
    answer = specimens.get(f"{URL}?label=1&label=2&fields=id")
    assert [row["id"] for row in answer.json["results"]] == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("is_old", "banana"),
        ("is_old", ""),
        ("has_label", "1"),
        ("text_is__in", "a"),
        ("label_name", ""),
        ("many_marks", "two"),
        ("many_marks", "NaN"),
        ("whole_in", "5,x"),
        ("whole_in", "5,"),
        ("days", "1999-01-01"),
        ("days", "10/25/2006,10/26/2006"),
        ("kind", "3"),
        ("kind", ""),
        ("kinds", "3"),
        ("kinds", ""),
        ("drawer", "99"),
        ("drawer", "3"),
        ("drawer", "x"),
        ("drawer", "9" * 30),
        ("label", "99"),
        ("label", "x"),
        ("real", "1"),
        ("real_min", "many"),
        ("real_max", ""),
        ("moment_after", "2026-11-22"),
        ("day_after", "10/25/2006"),
        ("day_before", "2026-02-30"),
        ("moment_is", "22 Nov 2026"),
        ("hour", "noon"),
        ("span", "1 day"),
        ("code", "7"),
        ("some_text", "nowhere"),
        ("typed", "1"),
        ("amount", "five"),
        ("flag", "yes"),
        ("drawer__parent", "x"),
    ],
)
def test_what_does_not_parse_is_refused(specimens: Client, name: str, value: str) -> None:
    refused(specimens.get(URL, **{name: value}), name)
    refused(specimens.get(URL, filter={name: value}), "filter")


def refused(answer: Answer, parameter: str) -> None:
    assert answer.status == 400, answer.text
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


def test_a_parameter_of_one_value_stands_once(specimens: Client) -> None:
    refused(specimens.get(f"{URL}?kind=1&kind=2"), "kind")
    refused(specimens.get(URL, filter={"kind": ["1", "2"]}), "filter")


def test_the_nearest_name_is_suggested(specimens: Client) -> None:
    answer = specimens.get(URL, real_mim=1)
    assert "Did you mean 'real_min'?" in answer.json["errors"][0]["detail"]


def test_a_number_may_be_searched_for(specimens: Client) -> None:
    assert found(specimens, search="3") == [3]
    assert found(specimens, search="ABC") == [1]


@pytest.mark.parametrize(
    "unfit",
    [
        type("ByLuck", (django_filters.OrderingFilter,), {"filter": lambda self, rows, value: rows.order_by("?")})(),
        django_filters.LookupChoiceFilter(field_name="whole"),
    ],
)
def test_what_is_no_condition_stops_the_start(unfit: django_filters.Filter) -> None:
    filters = type("Unfit", (django_filters.FilterSet,), {"unfit": unfit})
    attributes = {
        "queryset": Keepsake.objects.all(),
        "serializer_class": serializer_of(Keepsake),
        "policy": anyone,
        "filterset_class": filters,
    }
    viewset = type("UnfitViewSet", (ReadOnlyResourceViewSet,), attributes)
    with pytest.raises(ImproperlyConfigured, match=r"Unfit\.unfit is a \w+, which is no condition on rows"):
        viewset.grammar()

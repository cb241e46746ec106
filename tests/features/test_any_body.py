"""Whatever is sent: it is refused, or it reads back as it was sent. Never a fault of ours, on neither database."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rest_framework import serializers

from api.places import CityViewSet, CountryViewSet, CurrencyViewSet
from api.trips import StopViewSet, TripViewSet
from resources.core.policy import ALL
from serializers.core.fields import UUIDv7
from serializers.core.write.validation import prepare
from tests.client import Answer, Client
from tests.features.bodies import BODIES
from tests.world import World, key

VIEWSETS = {
    viewset.plural(): viewset for viewset in (TripViewSet, StopViewSet, CountryViewSet, CurrencyViewSet, CityViewSet)
}
KEPT = {"revision", "updated_at"}

texts = st.text(max_size=12) | st.sampled_from(
    ["", " ", "\x00", "\x1f", "\ud800", "\u2028", "\ufeff", "é", "e\u0301", "%", "'"]
)
integers = st.integers(-10, 300) | st.integers(-(2**66), 2**66) | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63)])
floats = st.floats() | st.sampled_from([0.1, -0.0, 5e-324, 1e19, 2.0**63, 12345678901234567.0])
scalars = st.none() | st.booleans() | integers | floats | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)
days = st.dates(date(2027, 4, 29), date(2027, 5, 11)) | st.dates()
decimals = (
    st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(-10, 10**11, places=2) | st.decimals(0, 99, places=3)
)


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


zones = st.just(UTC) | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=zones) | st.datetimes(datetime(2027, 4, 30), datetime(2027, 5, 10), timezones=zones)
keys = st.integers(0, 40).map(key).map(str) | st.uuids().map(str)
places = st.sampled_from(["EUR", "CHF", "FR", "CH", "fr", "de", "FR-IDF", "LFPG", 2988507, 1850147, 1, "XX"])

KINDS: tuple[tuple[type[Any], Callable[[Any], SearchStrategy[Any]]], ...] = (
    (UUIDv7, lambda field: keys),
    (serializers.ChoiceField, lambda field: st.sampled_from(list(field.choices)) | texts),
    (serializers.BooleanField, lambda field: st.booleans()),
    (serializers.IntegerField, lambda field: integers),
    (serializers.FloatField, lambda field: st.floats(-200, 200) | floats),
    (serializers.DecimalField, lambda field: decimals.map(str) | floats | integers),
    (serializers.DateTimeField, lambda field: moments.map(written)),
    (serializers.DateField, lambda field: days.map(date.isoformat)),
    (serializers.JSONField, lambda field: values),
    (serializers.ManyRelatedField, lambda field: st.lists(places | texts, max_size=4)),
    (serializers.PrimaryKeyRelatedField, lambda field: places | keys),
    (serializers.CharField, lambda field: st.text(max_size=(field.max_length or 20) + 1) | texts),
)


def value_of(field: Any) -> SearchStrategy[Any]:
    likely = next(make(field) for kind, make in KINDS if isinstance(field, kind))
    return likely | likely | likely | (st.none() | values)


def bodies(resource: str) -> SearchStrategy[Any]:
    """Bodies as their authors may have meant them, now and then with something else among the members."""
    viewset = VIEWSETS[resource]
    serializer = viewset.serializer_class()
    prepare(serializer, lambda model: ALL)
    fields = {name: value_of(field) for name, field in serializer.fields.items() if not field.read_only}
    some = st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True)
    whole = some.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in names}))
    noise = st.dictionaries(texts | st.sampled_from(list(serializer.fields)), values, max_size=1)
    return st.tuples(whole, st.just({}) | st.just({}) | st.just({}) | noise).map(lambda pair: pair[0] | pair[1])


def same(sent: Any, read: Any, field: Any) -> bool:
    """Whether what was read says what was sent."""
    if sent is None or read is None:
        return sent is read
    if isinstance(field, serializers.DecimalField):
        return Decimal(str(sent)) == Decimal(read)
    if isinstance(field, serializers.DateTimeField):
        return datetime.fromisoformat(sent) == datetime.fromisoformat(read)
    if isinstance(field, serializers.ManyRelatedField):
        return set(sent) == set(read)
    return json.dumps(sent, sort_keys=True) == json.dumps(read, sort_keys=True) or bool(sent == read)


def check(client: Client, answer: Answer, sent: Any, resource: str) -> None:
    assert answer.status in (200, 201, 400, 409), answer.text
    if answer.status >= 400:
        assert answer.json["type"].endswith(("/invalid-body", "/malformed-request", "/conflict")), answer.text
        return
    row = answer.json
    fields = VIEWSETS[resource].serializer_class().fields
    for name, value in sent.items():
        assert same(value, row[name], fields[name]) or name in KEPT, (name, value, row[name])
    path = f"/v1/{resource}/{row['id']}"
    assert client.get(path).json == row
    back = client.put(path, row)
    assert back.status == 200, back.text
    assert {n: v for n, v in back.json.items() if n not in KEPT} == {n: v for n, v in row.items() if n not in KEPT}


@pytest.mark.parametrize("resource", VIEWSETS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_body(api: Client, world: World, resource: str, data: st.DataObject) -> None:
    person = world.owner if resource in ("trips", "stops") else world.staff
    drawn = data.draw(bodies(resource))
    with transaction.atomic():
        client = api.acting_for(person)
        body = BODIES[resource] | drawn
        created = client.post(f"/v1/{resource}", body)
        check(client, created, body, resource)
        if created.status == 201:
            change = data.draw(bodies(resource))
            check(client, client.patch(f"/v1/{resource}/{created.json['id']}", change), change, resource)
        transaction.set_rollback(True)

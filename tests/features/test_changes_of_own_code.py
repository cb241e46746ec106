"""Changes of resources whose rows code of their own chooses or shows: nobody is told more than their list shows."""

from typing import Any

import pytest
from django.db.models import BooleanField, Count, Q
from django.db.models.expressions import RawSQL
from rest_framework import serializers
from rest_framework.permissions import BasePermission

from api.core.resource.registry import REGISTRY
from api.places import CityViewSet
from api.trips import TripViewSet
from resources.core.journal import log
from resources.core.policy import ALL, NONE, Policy, anyone, read, staff
from resources.places.models import City
from resources.trips.models import Trip
from serializers.places import CitySerializer
from tests.client import Client
from tests.declarations import redeclare
from tests.world import World, key

pytestmark = pytest.mark.django_db(transaction=True)

PARIS, BERN, TRIP = 2988507, 2661552, str(key(10))


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a viewset declare something else, wherever it is asked for."""

    def change(viewset: Any, **attributes: Any) -> None:
        redeclare(monkeypatch, viewset, **attributes)
        changed = viewset.resource_type()
        every = {changed if each.plural == changed.plural else each: None for each in REGISTRY.every}
        monkeypatch.setattr(REGISTRY, "every", every)

    return change


def told(api: Client, change: Any, **parameters: str) -> list[tuple[str, Any]]:
    """Return what somebody is told of a change: kinds, and what is shown."""
    log.catch_up()
    since = api.get("/v1/changes").json["next"]
    change()
    log.catch_up()
    events = (
        api.unchecked().get("/v1/changes", since=since, **parameters).json["results"]
    )  # other members than declared
    return [(event["type"], event["data"]) for event in events]


def rename(name: str = "Renamed", pk: int = PARIS) -> Any:
    return lambda: City.objects.filter(pk=pk).update(name=name)


class OnlyMine:
    """What a viewset adds that chooses rows by the request."""

    def get_queryset(self: Any) -> Any:
        user = self.request.user
        return Trip.objects.filter(owner=user.pk) if user.is_authenticated else Trip.objects.none()


def test_rows_that_are_chosen_by_the_request(world: World, api: Client, declare: Any) -> None:
    declare(TripViewSet, get_queryset=OnlyMine.get_queryset, policy=anyone)

    def change() -> None:
        Trip.objects.filter(pk=TRIP).update(name="Secret")
        Trip.objects.filter(pk=TRIP).update(owner=world.staff, name="Given away")

    owner, stranger = (api.acting_for(person) for person in (world.owner, world.stranger))
    assert told(stranger, change) == []
    Trip.objects.filter(pk=TRIP).update(owner=world.owner)
    assert [kind for kind, _ in told(owner, change)] == ["trips.deleted"]


class Large(Policy):
    """Looks a row up once more, as it is stored now."""

    def rows(self, verb: Any, actor: Any) -> Q:
        return Q(pk__in=City.objects.filter(population__gt=1_000_000).values("pk"))


class LargeInSql(Policy):
    """The same, in words that nobody reads."""

    def rows(self, verb: Any, actor: Any) -> Q:
        return Q(RawSQL("population > %s", (1_000_000,), output_field=BooleanField()))


@pytest.mark.parametrize("policy", [Large(), LargeInSql()], ids=["by key", "raw SQL"])
def test_a_policy_that_asks_of_the_row_as_it_is_now_shows_it_so(
    world: World, api: Client, declare: Any, policy: Policy
) -> None:
    declare(CityViewSet, policy=policy)

    def change() -> None:
        City.objects.filter(pk=PARIS).update(name="Secret while it is small", population=1)
        City.objects.filter(pk=PARIS).update(name="Paris", population=2_138_551)

    events = told(api, change, resource="cities")
    assert [(kind, data["name"]) for kind, data in events] == [("cities.updated", "Paris")]
    since = api.get("/v1/changes").json["next"]
    City.objects.filter(pk=PARIS).update(population=1)  # what it was is not known any more: its readers read again
    log.catch_up()
    page = api.get("/v1/changes", since=since).json
    assert (page["results"], page["reset"]) == ([], ["cities"])


def test_a_member_that_only_python_shows(world: World, api: Client, declare: Any) -> None:
    class Shouting(CitySerializer):
        loud = serializers.SerializerMethodField()

        class Meta(CitySerializer.Meta):
            fields = (*CitySerializer.Meta.fields, "loud")

        def get_loud(self, city: City) -> str:
            return city.name.upper()

    declare(CityViewSet, serializer_class=Shouting)
    events = told(api, lambda: [rename("One")(), rename("Two")()])
    assert [(data["name"], data["loud"]) for _, data in events] == [("One", "ONE"), ("Two", "TWO")]


def test_a_member_that_is_hidden_from_some(world: World, api: Client, declare: Any) -> None:
    declare(CityViewSet, field_rules={"population": staff})
    for client, sees in ((api, False), (api.acting_for(world.staff), True)):
        [(_, data)] = told(client, rename(f"For {sees}"))
        assert ("population" in data) is sees


@pytest.mark.parametrize(
    "rows",
    [
        City.objects.annotate(how_many=Count("stops")),
        City.objects.distinct(),
        City.objects.filter(population__gt=100_000),
    ],
    ids=["counted", "distinct", "fewer"],
)
def test_rows_that_are_more_than_a_table(world: World, api: Client, declare: Any, rows: Any) -> None:
    declare(CityViewSet, queryset=rows)

    def change() -> None:
        rename("One")()
        rename("Two")()

    events = told(api, change, resource="cities")
    assert [data.get("name") for _, data in events][:2] == ["One", "Two"]


def test_a_filter_of_the_viewset_counts(world: World, api: Client, declare: Any) -> None:
    declare(CityViewSet, queryset=City.objects.filter(population__gt=1_000_000))
    change = [
        lambda: City.objects.filter(pk=BERN).update(name="Small"),
        lambda: City.objects.filter(pk=BERN).update(population=2_000_000),
        lambda: City.objects.filter(pk=BERN).update(population=3_000_000),
        lambda: City.objects.filter(pk=BERN).update(population=3),
    ]
    events = told(api, lambda: [each() for each in change], resource="cities")
    assert [kind for kind, _ in events] == ["cities.created", "cities.updated", "cities.deleted"] or (
        [kind for kind, _ in events] == ["cities.deleted"]  # what may not be read any more is not shown
    )


class Nobody(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return False


def test_permission_classes_are_asked(world: World, api: Client, declare: Any) -> None:
    declare(CityViewSet, permission_classes=(Nobody,))
    assert told(api, rename()) == []
    assert api.unchecked().get("/v1/changes", resource="cities").status == 401


def test_a_list_of_ones_own_has_no_changes(world: World, api: Client, declare: Any) -> None:
    declare(CityViewSet, list=lambda self, request: None)
    assert told(api, rename()) == []
    assert api.get("/v1/changes", resource="cities").status == 400


class Verbs(Policy):
    """Lets everybody read, at times."""

    may = True

    def rows(self, verb: Any, actor: Any) -> Q:
        return ALL if type(self).may else NONE


def test_what_may_not_be_read_at_all_is_not_followed(
    world: World, api: Client, declare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(CityViewSet, policy=Verbs() | read(staff))
    assert len(told(api, rename("One"))) == 1
    monkeypatch.setattr(Verbs, "may", False)
    assert told(api, rename("Two")) == []
    assert len(told(api.acting_for(world.staff), rename("Three"))) == 1

"""A row that the statement which writes it gives back is the one that the next statement would read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import BooleanField, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from hypothesis import given
from hypothesis import strategies as st

from api.core.http.timing import Stopwatch
from api.core.query.field_rules import grammar_for
from api.core.query.shape import Shape
from api.core.read.read import ReadRequest, RowWritten, read_row, row_written
from api.core.read.strategies import PLANS
from api.core.views.resource_view import ResourceView
from api.places import CityViewSet
from api.trips import TripViewSet
from resources.core.actor import ANONYMOUS, Actor
from resources.core.database.drivers import GIVING_BACK, fetch
from resources.core.policy import ALL, Policy, Verb
from resources.places.models import City
from resources.trips.models import Trip
from serializers.core.write import row_sql
from tests.client import Client
from tests.declarations import redeclare
from tests.serializers.core.write.test_bulk_sql import Plain
from tests.specimens.made import VALUES
from tests.specimens.models import Drawer, Specimen
from tests.specimens.urls import SpecimenViewSet
from tests.world import World

pytestmark = pytest.mark.django_db

ALONE = Shape((), 0, ())
NEW = 990_000_001
CITY = {"name": "Lutetia", "population": 5, "latitude": 2.0, "longitude": 2.5, "timezone": "Europe/Paris"}


def asked(viewset: type[ResourceView], actor: Actor) -> ReadRequest:
    resource = viewset.resource_type()
    return ReadRequest(resource.source(), grammar_for(resource, actor), actor, (), "http://testserver")


def told(request: ReadRequest) -> RowWritten:
    for _ in range(2):  # what is asked for once is not kept
        found = row_written(request, ALONE, "create")
    assert found is not None
    return found


def without_returning() -> bool:
    """Whether the database does not tell exactly what it writes."""
    return connection.vendor not in GIVING_BACK


@pytest.fixture
def clerk(world: World) -> Client:
    """Somebody who may write cities; their answers are not those of the contract, where the policy is another."""
    return Client(None).acting_for(world.staff)


@given(st.fixed_dictionaries({}, optional=VALUES), st.booleans())
def test_every_type_is_given_back_as_it_is_read(values: dict[str, Any], inside: bool) -> None:
    drawer = Drawer.objects.get_or_create(id=1)[0]
    values = values | {"id": 0, "drawer": drawer if inside else None, "notes": {"sent": [*values]}}
    request = asked(SpecimenViewSet, ANONYMOUS)
    if without_returning():
        assert row_written(request, ALONE, "create") is row_written(request, ALONE, "create") is None
        return
    back = told(request)
    with transaction.atomic():
        key, given = row_sql.insert(Plain, values, back.returning)
        by_itself = read_row(request, ALONE, key, Stopwatch())
        transaction.set_rollback(True)
    assert given is not None
    shown = back.item(given)
    assert shown is not None
    assert by_itself is not None
    assert (shown.body, shown.etag) == (by_itself.body, by_itself.etag)


def test_what_only_python_can_write_is_written_even_if_nothing_is_kept_meanwhile(db: None) -> None:
    if without_returning():
        return
    back = told(asked(SpecimenViewSet, ANONYMOUS))
    Specimen.objects.create(id=0, picture="bird.png")
    change = f'UPDATE "{Specimen._meta.db_table}" SET "flag" = TRUE RETURNING {back.returning.sql}'
    [given] = fetch(connection, change, back.returning.params)
    PLANS.clear()
    shown = back.item(given)
    assert shown is not None
    assert b'"picture":"http://testserver/' in shown.body


@contextmanager
def trigger() -> Iterator[None]:
    """Let every new city be a capital."""
    change = 'UPDATE "places_city" SET "is_capital" = {} WHERE "geonameid" = NEW."geonameid"'
    made = {
        "sqlite": [f"CREATE TRIGGER capital AFTER INSERT ON Places_City BEGIN {change.format(1)}; END"],
        "postgresql": [
            f"CREATE FUNCTION capital() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {change.format('true')}; "
            "RETURN NULL; END $$",
            "CREATE TRIGGER capital AFTER INSERT ON places_city FOR EACH ROW EXECUTE FUNCTION capital()",
        ],
    }
    gone = {"sqlite": ["DROP TRIGGER capital"], "postgresql": ["DROP FUNCTION capital CASCADE"]}
    with connection.cursor() as cursor:
        for sql in made[connection.vendor]:
            cursor.execute(sql)
        yield
        for sql in gone[connection.vendor]:
            cursor.execute(sql)


def test_what_a_trigger_makes_of_a_row_is_shown(world: World, clerk: Client) -> None:
    def send(number: int) -> Any:
        answer = clerk.post("/v1/cities", CITY | {"id": NEW + number, "country": "FR"})
        assert answer.status == 201
        return answer.json["is_capital"]

    assert [send(number) for number in range(3)] == [False] * 3
    with trigger():
        assert [send(number) for number in range(3, 6)] == [True] * 3
    assert send(6) is False


def test_rules_that_are_triggers_make_nothing_of_a_row(world: World) -> None:
    request, values = asked(TripViewSet, Actor(id=world.owner.pk)), {"owner": world.owner, "name": "x"}
    returning = None if without_returning() else told(request).returning
    _, given = row_sql.insert(Trip, values | {"begins_on": "2026-01-01", "ends_on": "2026-01-02"}, returning)
    assert (given is None) is without_returning()


class Large(Policy):
    """What is done to cities is done to large ones, and larger ones are read."""

    def rows(self, verb: Verb, actor: Actor) -> Q:
        return Q(population__gte=6 if verb == "read" else 5)


@pytest.mark.parametrize(("population", "status", "shown"), [(4, 403, True), (5, 201, False), (6, 201, True)])
def test_the_policy_is_asked_of_the_row_that_is_given(
    world: World, clerk: Client, monkeypatch: pytest.MonkeyPatch, population: int, status: int, shown: bool
) -> None:
    redeclare(monkeypatch, CityViewSet, policy=Large())
    for number in range(4):
        answer = clerk.post("/v1/cities", CITY | {"id": NEW + number, "country": "FR", "population": population})
        assert (answer.status, bool(answer.text)) == (status, shown)
    assert City.objects.filter(id__gte=NEW).count() == (4 if status == 201 else 0)


class Alone(Policy):
    """A city is created where it is the only one of its name."""

    def rows(self, verb: Verb, actor: Actor) -> Q:
        others = City.objects.filter(name=OuterRef("name")).exclude(pk=OuterRef("pk"))
        return ALL if verb == "read" else ~Q(Exists(others))


def test_a_policy_that_asks_of_the_other_rows_is_asked_by_a_statement_of_its_own(
    world: World, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    redeclare(monkeypatch, CityViewSet, policy=Alone())
    statuses = [clerk.post("/v1/cities", CITY | {"id": NEW + n, "country": "FR"}).status for n in range(3)]
    assert statuses == [201, 403, 403]
    request = asked(CityViewSet, Actor(id=world.staff.pk, is_staff=True))
    assert all(row_written(request, ALONE, "create") is None for _ in range(3))


class AloneInWords(Policy):
    """The same, by SQL of a team's own: of the table by its bare name, or of a view of it."""

    def __init__(self, table: str) -> None:
        self.table = table

    def rows(self, verb: Verb, actor: Actor) -> Q:
        count = f"(SELECT COUNT(*) FROM {self.table} other WHERE other.name = places_city.name)"
        return ALL if verb == "read" else Q(RawSQL(f"({count} = 1)", (), BooleanField()))


@pytest.mark.parametrize("table", ["places_city", "Places_City", "every_city"])
def test_so_is_a_policy_by_raw_sql(world: World, clerk: Client, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW every_city AS SELECT * FROM places_city")
    redeclare(monkeypatch, CityViewSet, policy=AloneInWords(table))
    statuses = [clerk.post("/v1/cities", CITY | {"id": NEW + n, "country": "FR"}).status for n in range(4)]
    assert statuses == [201, 403, 403, 403]

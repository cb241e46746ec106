"""DELETE: 204, and the row is gone with what belongs to it; what others refer to stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import RESTRICT, Model, ProtectedError, RestrictedError
from django.db.models.signals import pre_delete
from django.test.utils import CaptureQueriesContext

from resources.places.models import Airport, City, Country, Currency, Language, Subdivision
from resources.trips.models import Invitation, Member, Stop, Trip
from tests.client import Client
from tests.world import World


def test_it_works(owner: Client, world: World) -> None:
    answer = owner.delete(f"/v1/trips/{world.trip.id}")
    assert (answer.status, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert owner.get(f"/v1/trips/{world.trip.id}").status == 404
    assert owner.delete(f"/v1/trips/{world.trip.id}").status == 404


def test_a_trip_takes_its_stops_and_members_with_it(owner: Client, world: World) -> None:
    owner.delete(f"/v1/trips/{world.trip.id}")
    assert not Member.objects.filter(trip=world.trip).exists()
    assert list(Stop.objects.values_list("trip", flat=True)) == [world.other_trip.id]
    assert list(Trip.objects.all()) == [world.other_trip]


@pytest.mark.parametrize(
    ("path", "holding"),
    [
        ("currencies/EUR", "countries, trips"),
        ("countries/CH", "airports, cities, subdivisions"),
        ("subdivisions/FR-ARA", "cities, subdivisions"),
        ("cities/2660646", "stops"),
        ("airports/LFPG", "stops"),
    ],
)
def test_what_others_refer_to_stays(staff: Client, path: str, holding: str) -> None:
    answer = staff.delete(f"/v1/{path}")
    assert answer.status == 409
    assert answer.json["detail"] == f"This is still referred to by {holding}."
    assert staff.get(f"/v1/{path}").status == 200


def test_of_what_protects_a_row_one_is_looked_at(staff: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert staff.delete("/v1/countries/FR").status == 409
    looked = [query["sql"] for query in queries if query["sql"].startswith("SELECT") and "places_city" in query["sql"]]
    assert looked
    assert all(sql.endswith("LIMIT 1") for sql in looked)


def test_a_program_of_ones_own_is_given_all_of_them(world: World) -> None:
    with pytest.raises(ProtectedError) as caught:
        Country.objects.get(pk="FR").delete()
    assert len([each for each in caught.value.protected_objects if isinstance(each, City)]) == 3


@pytest.fixture
def restrict(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Model], str], None]:
    """Give a relation the rule RESTRICT."""

    def restrict(model: type[Model], name: str) -> None:
        monkeypatch.setattr(model._meta.get_field(name).remote_field, "on_delete", RESTRICT)

    return restrict


def test_of_what_restricts_a_row_one_is_looked_at(staff: Client, restrict: Any) -> None:
    for model in (Airport, City, Subdivision):
        restrict(model, "country")
    with CaptureQueriesContext(connection) as queries:
        answer = staff.delete("/v1/countries/FR")
    assert answer.status == 409
    assert answer.json["detail"] == "This is still referred to by airports, cities, subdivisions."
    looked = [query["sql"] for query in queries if query["sql"].startswith("SELECT") and "places_city" in query["sql"]]
    assert looked
    assert all(sql.endswith("LIMIT 1") for sql in looked)


def test_a_program_of_ones_own_is_given_all_that_restrict(world: World, restrict: Any) -> None:
    restrict(City, "country")
    restrict(Airport, "country")
    restrict(Subdivision, "country")
    with pytest.raises(RestrictedError) as caught:
        Country.objects.get(pk="FR").delete()
    assert len([each for each in caught.value.restricted_objects if isinstance(each, City)]) == 3


def invite(trip: Trip, member: Member, number: int) -> None:
    email, digest = f"{number}@example.org", str(number)
    Invitation.objects.create(trip=trip, member=member, email=email, digest=digest, invited_by_id=trip.owner_id)


@pytest.mark.parametrize("listened_to", [False, True])
def test_what_restricts_a_row_and_goes_with_it_keeps_nothing(
    owner: Client, world: World, restrict: Any, listened_to: bool, request: pytest.FixtureRequest
) -> None:
    """Whether those that go are deleted unseen, or one by one since something listens."""
    if listened_to:
        pre_delete.connect(_listen, sender=Invitation)
        request.addfinalizer(lambda: pre_delete.disconnect(_listen, sender=Invitation))
    restrict(Invitation, "member")
    for number, member in enumerate(Member.objects.filter(trip=world.trip)):
        invite(world.trip, member, number)
        answer = owner.delete(f"/v1/members/{member.pk}")
        assert (answer.status, answer.json["detail"]) == (409, "This is still referred to by invitations.")
    assert Invitation.objects.filter(member__isnull=False).count() == 2
    assert owner.delete(f"/v1/trips/{world.trip.id}").status == 204
    assert not Invitation.objects.exists()


def test_one_that_stays_among_those_that_go_keeps_the_row(owner: Client, world: World, restrict: Any) -> None:
    restrict(Invitation, "member")
    first, second = Member.objects.filter(trip=world.trip)
    invite(world.trip, first, 1)
    invite(world.other_trip, second, 2)
    answer = owner.delete(f"/v1/trips/{world.trip.id}")
    assert (answer.status, answer.json["detail"]) == (409, "This is still referred to by invitations.")
    assert Invitation.objects.filter(member__isnull=False).count() == 2


def _listen(**_: object) -> None:
    """Hear of a deletion."""


def test_what_is_only_listed_elsewhere_goes(staff: Client) -> None:
    assert staff.delete("/v1/languages/haw").status == 204
    assert staff.get("/v1/countries/US").json["languages"] == ["en"]
    assert not Language.objects.filter(id="haw").exists()


def test_what_nobody_refers_to_goes(staff: Client) -> None:
    Currency.objects.create(id="XTS", name="Test", symbol="T", decimals=2)
    assert staff.delete("/v1/currencies/XTS").status == 204
    assert staff.delete("/v1/subdivisions/FR-42/").status == 204
    assert not Subdivision.objects.filter(id="FR-42").exists()


@pytest.mark.parametrize("body", [b"{}", b"{ not JSON"])
def test_a_body_means_nothing(owner: Client, world: World, body: bytes) -> None:
    # Not documented, since it has no meaning (RFC 9110, section 9.3.5); some clients send one all the same.
    path = f"/v1/stops/{world.stops[0].id}"
    assert owner.unchecked().send("DELETE", path, body, content_type="text/plain").status == 204


@pytest.mark.parametrize("query", ["?force=true", "?fields=id", "?expand=stops"])
def test_a_parameter_is_refused_and_nothing_deleted(owner: Client, world: World, query: str) -> None:
    answer = owner.delete(f"/v1/trips/{world.trip.id}{query}")
    assert (answer.status, answer.json["errors"][0]["code"]) == (400, "unknown")
    assert Trip.objects.filter(id=world.trip.id).exists()


def test_a_collection_cannot_be_deleted(owner: Client) -> None:
    answer = owner.delete("/v1/trips")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")
    assert Trip.objects.count() == 2


def test_places_keep_their_rows_in_one_piece(staff: Client) -> None:
    staff.delete("/v1/countries/XK")
    assert not Country.objects.filter(id="XK").exists()

"""DRF's `@action`: held to the policy, to strict parameters and bodies, and to one transaction, as all the rest is."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import include, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet, ResourceViewSet
from resources.accounts.models import Person
from resources.core.api_keys.models import ApiKey
from resources.core.policy import authenticated, member, owner, read, write
from resources.trips.models import Role, Stop, Trip
from serializers.trips import StopSerializer, TripSerializer
from tests.world import World, key


class RenameSerializer(serializers.Serializer):
    """What a trip is called from now on."""

    name = serializers.CharField(max_length=20)
    shout = serializers.BooleanField(default=False)


class FirstSerializer(serializers.Serializer):
    """A stop of the trip."""

    stop = serializers.PrimaryKeyRelatedField(queryset=Stop.objects.all())


class TripViewSet(ResourceViewSet):
    queryset = Trip.objects.all()
    serializer_class = TripSerializer
    policy = read(member("members")) | write(member("members", roles=[Role.EDITOR])) | owner("owner")

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=True)
    def days(self, request: Any, id: str) -> Response:
        trip = self.get_object()
        return Response({"days": (trip.ends_on - trip.begins_on).days + 1})

    @extend_schema(responses=TripSerializer)
    @action(detail=True, methods=["post"], serializer_class=RenameSerializer)
    def rename(self, request: Any, id: str) -> Response:
        trip = self.get_object()
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        trip.name = body.validated_data["name"].upper() if body.validated_data["shout"] else body.validated_data["name"]
        trip.save()
        return Response(TripSerializer(trip).data)

    @extend_schema(responses={204: None})
    @rename.mapping.delete
    def unname(self, request: Any, id: str) -> Response:
        Trip.objects.filter(pk=self.get_object().pk).update(name="-")
        return Response(status=204)

    @action(detail=True, methods=["post"], policy=owner("owner"))
    def shut(self, request: Any, id: str) -> Response:
        return Response({"shut": str(self.get_object().pk)})

    @action(detail=True, methods=["post"], verb="read", serializer_class=FirstSerializer)
    def first(self, request: Any, id: str) -> Response:
        body = self.get_serializer(data=request.data)
        return Response({"first": str(body.validated_data["stop"].pk)})

    @action(detail=True, methods=["post"])
    def half(self, request: Any, id: str) -> Response:
        trip = self.get_object()
        Trip.objects.filter(pk=trip.pk).update(name="half")
        raise IntegrityError("CHECK constraint failed: trip_ends_after_it_begins")

    @action(detail=False, extra_parameters=("most",))
    def names(self, request: Any) -> Response:
        rows = self.filter_queryset(self.get_queryset()).order_by("name")
        return Response({"names": [trip.name for trip in rows[: int(request.query_params.get("most", 9))]]})

    @action(detail=False, methods=["post"], policy=authenticated)
    def several(self, request: Any) -> Response:
        bodies = self.get_serializer(data=request.data, many=True)
        return Response({"sent": len(bodies.validated_data)})


class StopViewSet(ReadOnlyResourceViewSet):
    queryset = Stop.objects.all()
    serializer_class = StopSerializer
    policy = read(member("trip__members")) | owner("trip__owner")

    @action(detail=True, methods=["post"])
    def skip(self, request: Any, id: str) -> Response:
        return Response({"skipped": self.get_object().position})


router = Router()
for viewset in (TripViewSet, StopViewSet):
    router.register(viewset)
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]

TRIP = f"/v1/trips/{key(10)}"


@pytest.fixture
def client(world: World) -> Any:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(HTTP_HOST="localhost")


def send(client: Client, person: Person | None, method: str, url: str, body: Any = None, scopes: Any = ("*",)) -> Any:
    shown = {"Authorization": f"Bearer {ApiKey.objects.issue(person, scopes=scopes)}"} if person else {}
    return client.generic(method, url, *([b""] if body is None else [_json(body)]), "application/json", headers=shown)


def _json(body: Any) -> bytes:
    return serializers.JSONField(binary=True).to_representation(body)


def asked(client: Client, person: Person | None, method: str, url: str, body: Any = None, **words: Any) -> int:
    return send(client, person, method, url, body, **words).status_code


def faults(answer: Any) -> list[tuple[str | None, str]]:
    return [(fault.get("pointer", fault.get("parameter")), fault["code"]) for fault in answer.json()["errors"]]


def test_it_works(client: Client, world: World) -> None:
    answer = send(client, world.viewer, "GET", f"{TRIP}/days")
    assert (answer.status_code, answer.json()) == (200, {"days": 9})
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer["Vary"]


@pytest.mark.parametrize(
    ("method", "url", "statuses"),
    [
        # who: guest, stranger, viewer, editor, owner
        ("GET", f"{TRIP}/days", (401, 404, 200, 200, 200)),
        ("POST", f"{TRIP}/rename", (401, 404, 403, 200, 200)),
        ("DELETE", f"{TRIP}/rename", (401, 404, 403, 204, 204)),
        ("POST", f"{TRIP}/shut", (401, 404, 403, 403, 200)),
        ("POST", f"/v1/stops/{key(20)}/skip", (401, 404, 403, 403, 200)),
        ("GET", "/v1/trips/names", (401, 200, 200, 200, 200)),
        ("PUT", f"{TRIP}/rename", (405, 405, 405, 405, 405)),
    ],
)
def test_who_may(client: Client, world: World, method: str, url: str, statuses: tuple[int, ...]) -> None:
    people = (None, world.stranger, world.viewer, world.editor, world.owner)
    body = {"name": "Lakes"} if method == "POST" else None
    assert tuple(asked(client, person, method, url, body) for person in people) == statuses


def test_a_key_that_only_reads_does_not_act(client: Client, world: World) -> None:
    reads = ("trips:read",)
    assert asked(client, world.owner, "GET", f"{TRIP}/days", scopes=reads) == 200
    assert asked(client, world.owner, "POST", f"{TRIP}/rename", {"name": "Lakes"}, scopes=reads) == 403
    assert asked(client, world.owner, "POST", f"{TRIP}/shut", scopes=reads) == 403
    assert Trip.objects.get(id=key(10)).name == "Alps by train"


def test_parameters_are_those_declared(client: Client, world: World) -> None:
    unknown = send(client, world.owner, "GET", f"{TRIP}/days?from=today")
    assert (unknown.status_code, faults(unknown)) == (400, [("from", "unknown")])
    assert asked(client, world.owner, "POST", f"{TRIP}/shut?fields=id") == 400
    assert asked(client, world.owner, "GET", "/v1/trips/names?most=1") == 200
    near = send(client, world.owner, "GET", "/v1/trips/names?mots=1").json()["errors"][0]["detail"]
    assert "Did you mean 'most'?" in near


def test_rows_are_those_that_may_be_read(client: Client, world: World) -> None:
    assert send(client, world.viewer, "GET", "/v1/trips/names").json() == {"names": ["Alps by train"]}


def test_bodies_are_strict(client: Client, world: World) -> None:
    wrong = send(client, world.owner, "POST", f"{TRIP}/rename", {"name": 12, "shout": "yes", "colour": "red"})
    assert wrong.status_code == 400
    assert sorted(faults(wrong)) == [("/colour", "unknown"), ("/name", "invalid"), ("/shout", "invalid")]
    assert faults(send(client, world.owner, "POST", f"{TRIP}/rename", {})) == [("/name", "required")]
    assert faults(send(client, world.owner, "POST", f"{TRIP}/rename", ["Lakes"])) == [("", "invalid")]
    assert asked(client, world.owner, "POST", f"{TRIP}/rename", {"name": "Lakes", "shout": True}) == 200
    assert Trip.objects.get(id=key(10)).name == "LAKES"


def test_a_list_of_bodies_is_strict_too(client: Client, world: World) -> None:
    trip = {"name": "Lakes", "begins_on": "2027-05-01", "ends_on": "2027-05-09"}
    assert send(client, world.viewer, "POST", "/v1/trips/several", [trip, trip]).json() == {"sent": 2}
    wrong = send(client, world.viewer, "POST", "/v1/trips/several", [trip, trip | {"colour": 1}, 5])
    assert faults(wrong) == [("/1/colour", "unknown"), ("/2", "invalid")]
    assert faults(send(client, world.viewer, "POST", "/v1/trips/several", trip)) == [("", "invalid")]
    missing = send(client, world.viewer, "POST", "/v1/trips/several", [trip, {}])
    assert ("/1/name", "required") in faults(missing)


def test_a_reference_to_an_unreadable_row_is_one_to_a_missing_row(client: Client, world: World) -> None:
    hidden, missing = (
        send(client, world.viewer, "POST", f"{TRIP}/first", {"stop": str(key(number))}) for number in (23, 99)
    )
    assert faults(hidden) == faults(missing) == [("/stop", "does_not_exist")]
    assert asked(client, world.viewer, "POST", f"{TRIP}/first", {"stop": str(key(20))}) == 200


def test_an_action_keeps_all_or_nothing(client: Client, world: World) -> None:
    answer = send(client, world.owner, "POST", f"{TRIP}/half")
    assert (answer.status_code, faults(answer)) == (400, [("", "ends_too_early")])
    assert Trip.objects.get(id=key(10)).name == "Alps by train"


def test_an_action_holds_its_row(world: World, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    seen = []
    find = TripViewSet.get_object

    def noting(view: TripViewSet) -> Any:
        seen.append(transaction.get_connection().in_atomic_block)
        return find(view)

    monkeypatch.setattr(TripViewSet, "get_object", noting)
    assert asked(client, world.owner, "POST", f"{TRIP}/rename", {"name": "Lakes"}) == 200
    assert seen == [True]


def test_a_body_that_does_not_parse_is_a_problem(client: Client, world: World) -> None:
    shown = {"Authorization": f"Bearer {ApiKey.objects.issue(world.owner)}"}
    broken = client.post(f"{TRIP}/rename", b"{", content_type="application/json", headers=shown)
    assert (broken.status_code, broken["Content-Type"]) == (400, "application/problem+json")
    plain = client.post(f"{TRIP}/rename", b"a", content_type="text/plain", headers=shown)
    assert plain.status_code == 415
    assert plain["Accept"] == "application/json"

"""A row that somebody may not know of is in nobody's way: where the policy refuses a row, both worlds answer alike."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import owner
from tests.client import Answer, Client
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Appointment, Guest, PrivateNote, Talk
from tests.world import World

EVE, ADA = "eve@example.org", "ada@example.org"


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    class Meta:
        model = Appointment
        fields = ("id", "doctor", "patient")


class NoteSerializer(serializers.ModelSerializer[PrivateNote]):
    class Meta:
        model = PrivateNote
        fields = ("id", "appointment", "text")


class GuestSerializer(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("id", "owner", "email", "desk", "seat", "badge", "active", "alias")


class TalkSerializer(serializers.ModelSerializer[Talk]):
    nick = serializers.CharField(validators=[UniqueValidator(Talk.objects.all(), lookup="iexact")])

    class Meta:
        model = Talk
        fields = ("id", "owner", "day", "topic", "nick")


class AppointmentViewSet(ResourceViewSet):
    policy = owner("doctor") | owner("patient")
    queryset = Appointment.objects.order_by("id")
    serializer_class = AppointmentSerializer


class NoteViewSet(ResourceViewSet):
    policy = owner("appointment__doctor")
    queryset = PrivateNote.objects.order_by("id")
    serializer_class = NoteSerializer


class GuestViewSet(ResourceViewSet):
    policy = owner("owner")
    queryset = Guest.objects.order_by("id")
    serializer_class = GuestSerializer


class TalkViewSet(ResourceViewSet):
    policy = owner("owner")
    queryset = Talk.objects.order_by("id")
    serializer_class = TalkSerializer


class SavedGuestViewSet(GuestViewSet):
    """The same, saved by code of its own."""

    def perform_create(self, serializer: Any) -> None:
        serializer.save(active=True)

    def perform_update(self, serializer: Any) -> None:
        serializer.save(active=True)


router = Router()
router.register("appointments", AppointmentViewSet, basename="appointment")
router.register("notes", NoteViewSet, basename="note")
router.register("guests", GuestViewSet, basename="guest")
router.register("talks", TalkViewSet, basename="talk")
router.register("saved-guests", SavedGuestViewSet, basename="saved-guest")
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def clients(world: World) -> Iterator[dict[str, Client]]:
    """The patient of an appointment, its doctor, and a client of neither."""
    with override_settings(ROOT_URLCONF=__name__):
        nobody = Client(None)
        Appointment.objects.create(id=1, doctor=world.owner, patient=world.editor)
        Appointment.objects.create(id=2, doctor=world.editor, patient=world.editor)
        yield {"doctor": nobody.acting_for(world.owner), "patient": nobody.acting_for(world.editor)}


def told(answer: Answer) -> Any:
    return answer.status, {name: text for name, text in answer.json.items() if name != "instance"}


def in_both_worlds(ask: Callable[[], Answer], make: Callable[[], Any]) -> tuple[Any, Any]:
    """Ask where a row is, and where it has never been."""
    answers = []
    for world in (make, lambda: None):
        with transaction.atomic():
            world()
            answers.append(told(ask()))
            transaction.set_rollback(True)
    return answers[0], answers[1]


def note() -> None:
    PrivateNote.objects.create(appointment_id=1, text="hush")


def test_it_works(clients: dict[str, Client]) -> None:
    def ask() -> Answer:
        return clients["patient"].post("/v1/notes", {"appointment": 1})

    here, there = in_both_worlds(ask, note)
    assert here == there
    assert here[0] == 403


def test_in_a_list_among_rows_of_ones_own(clients: dict[str, Client]) -> None:
    def ask() -> Answer:
        return clients["patient"].post("/v1/notes", [{"appointment": 2}, {"appointment": 1}])

    here, there = in_both_worlds(ask, note)
    assert here == there
    assert here[0] == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_row_of_ones_own_that_is_moved_there(clients: dict[str, Client], method: str) -> None:
    mine = PrivateNote.objects.create(appointment_id=2, text="mine")

    def ask() -> Answer:
        return clients["patient"].send(method, f"/v1/notes/{mine.pk}", {"appointment": 1, "text": "mine"})

    here, there = in_both_worlds(ask, note)
    assert here == there
    assert here[0] == 403


def test_who_may_have_the_row_is_told_of_the_conflict(clients: dict[str, Client]) -> None:
    note()
    answer = clients["doctor"].post("/v1/notes", {"appointment": 1})
    assert answer.status == 409
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [("/appointment", "unique")]


TAKEN = {
    "email": {"email": ADA},
    "seat": {"desk": "A", "seat": 1},
    "badge": {"badge": 7},
    "alias": {"alias": "Ada"},
}


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize("place", ["guests", "saved-guests"])
def test_a_row_that_the_policy_refuses(
    clients: dict[str, Client], world: World, place: str, taken: str, several: bool
) -> None:
    body = {"owner": str(world.stranger.pk), "email": EVE, **TAKEN[taken]}
    mine = {"owner": str(world.editor.pk), "email": "friend@example.org"}

    def ask() -> Answer:
        return clients["patient"].post(f"/v1/{place}", [mine, body] if several else body)

    def hidden() -> None:
        Guest.objects.create(owner=world.owner, email=ADA, desk="A", seat=1, badge=7, alias="ADA")

    here, there = in_both_worlds(ask, hidden)
    assert here == there
    assert here[0] == 403


@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize("place", ["guests", "saved-guests"])
def test_giving_a_row_away_to_where_it_conflicts(
    clients: dict[str, Client], world: World, place: str, taken: str
) -> None:
    mine = Guest.objects.create(owner=world.editor, email=EVE)

    def ask() -> Answer:
        body = {"owner": str(world.stranger.pk), **TAKEN[taken]}
        return clients["patient"].patch(f"/v1/{place}/{mine.pk}", body)

    def hidden() -> None:
        Guest.objects.create(owner=world.owner, email=ADA, desk="A", seat=1, badge=7, alias="ADA")

    here, there = in_both_worlds(ask, hidden)
    assert here == there
    assert here[0] == 403


@pytest.mark.parametrize("member", [{"topic": "Tea"}, {"nick": "ADA"}])
def test_what_only_code_asks_is_asked_of_rows_that_may_be_read(
    clients: dict[str, Client], world: World, member: Any
) -> None:
    Talk.objects.create(owner=world.owner, day="2027-01-01", topic="Tea", nick="ada")
    body = {"owner": str(world.editor.pk), "day": "2027-01-01", "topic": "Cake", "nick": "eve", **member}
    assert clients["patient"].post("/v1/talks", body).status == 201
    again = clients["patient"].post("/v1/talks", body | {"topic": "Pie"} if "nick" in member else body | {"nick": "x"})
    assert (again.status, len(again.json["errors"])) == (409, 1)
    assert again.json["errors"][0]["pointer"] == f"/{next(iter(member))}"


@pytest.mark.parametrize("taken", TAKEN)
def test_what_the_database_holds_it_holds_for_all(clients: dict[str, Client], world: World, taken: str) -> None:
    Guest.objects.create(owner=world.owner, email=ADA, desk="A", seat=1, badge=7, alias="ADA")
    body = {"owner": str(world.editor.pk), "email": EVE, **TAKEN[taken]}
    assert clients["patient"].post("/v1/guests", body).status == 409

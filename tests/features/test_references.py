"""Relations that refer to another column than the key (`to_field`): everything along them means the same rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import include, path
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from api.core.http import errors
from api.core.read.strategies import PLANS
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone, member, owner, read, write
from tests.client import Client
from tests.features.test_levels import at_every_level
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Charter, Clause, Club, Friendship, Notice, Seat
from tests.world import World

pytestmark = pytest.mark.django_db


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    class Meta:
        model = Notice
        fields = ("id", "club", "text")


class CharterSerializer(serializers.ModelSerializer[Charter]):
    class Meta:
        model = Charter
        fields = ("id", "club", "text")


class ClubSerializer(serializers.ModelSerializer[Club]):
    """Shows what refers to it in every way there is."""

    notices = NoticeSerializer(many=True, read_only=True)
    charter = CharterSerializer(read_only=True)
    seats = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    friends = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    class Meta:
        model = Club
        fields = ("id", "number", "code", "name", "notices", "charter", "seats", "friends")


class SeatSerializer(serializers.ModelSerializer[Seat]):
    club_name = serializers.CharField(source="club.name", read_only=True)
    inside = ClubSerializer(source="club", read_only=True)

    class Meta:
        model = Seat
        fields = ("id", "club", "person", "club_name", "inside")


class ClubViewSet(ResourceViewSet):
    queryset = Club.objects.all()
    serializer_class = ClubSerializer
    policy = member("seats") | owner("owner")
    filterset_fields = ("number", "code", "seats", "notices", "notices__text", "charter", "charter__text", "clause",
                        "friends", "befriended", "friends__name", "owner")  # fmt: skip
    search_fields = ("name", "notices__text", "charter__text", "seats__club__name")
    ordering_fields = ("number", "code", "name", "charter__text", "clause__text")
    expand = ("notices", "charter", "seats", "friends", "befriended", "clause")


class NoticeViewSet(ResourceViewSet):
    queryset = Notice.objects.all()
    serializer_class = NoticeSerializer
    policy = member("club__seats")
    filterset_fields = ("club", "club__number", "club__name", "club__seats", "club__charter__text")
    search_fields = ("club__name", "club__charter__text", "club__notices__text")
    ordering_fields = ("club", "club__name", "text")
    expand = ("club",)


class CharterViewSet(ResourceViewSet):
    queryset = Charter.objects.all()
    serializer_class = CharterSerializer
    policy = member("club__seats") | owner("club__owner")
    filterset_fields = ("club", "club__code", "club__notices")
    ordering_fields = ("club", "club__code")
    expand = ("club",)


class ClauseViewSet(ResourceViewSet):
    queryset = Clause.objects.all()
    serializer_class = type("ClauseSerializer", (serializers.ModelSerializer,), {
        "Meta": type("Meta", (), {"model": Clause, "fields": ("club", "text")})})  # fmt: skip
    policy = member("club__seats")
    filterset_fields = ("club", "club__name")
    ordering_fields = ("club", "club__name")
    expand = ("club",)


class SeatViewSet(ResourceViewSet):
    queryset = Seat.objects.all()
    serializer_class = SeatSerializer
    policy = read(owner("person") | member("club__seats")) | write(anyone)
    filterset_fields = ("club", "club__code", "person", "club__charter")
    ordering_fields = ("club", "club__name", "person")
    expand = ("club",)


router = Router()
VIEWSETS = (ClubViewSet, NoticeViewSet, CharterViewSet, ClauseViewSet, SeatViewSet)
for viewset in VIEWSETS:
    router.register(viewset)
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture(autouse=True)
def _served() -> Any:
    PLANS.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield
    PLANS.clear()


@pytest.fixture
def clubs(world: World) -> dict[str, Client]:
    """Two clubs, each with the number that is the other's key; one is the owner's, the other the stranger's."""
    Club.objects.create(id=1, number=2, code="one", name="First")
    Club.objects.create(id=2, number=1, code="two", name="Second")
    Seat.objects.create(id=1, club_id=2, person=world.owner)
    Seat.objects.create(id=2, club_id=1, person=world.stranger)
    for key, code in ((1, "one"), (2, "two")):
        Notice.objects.create(id=key, club_id=code, text=f"Notice of {code}")
        Charter.objects.create(id=key + 10, club=Club.objects.get(id=key), text=f"Charter of {code}")
        Clause.objects.create(club_id=code, text=f"Clause of {code}")
    Friendship.objects.create(one_id=2, other_id="two")
    return {"owner": Client(None).acting_for(world.owner), "stranger": Client(None).acting_for(world.stranger)}


def keys(answer: Any) -> list[Any]:
    return [row["id"] for row in answer.json["results"]]


def test_it_works(clubs: dict[str, Client], settings: Any) -> None:
    for name, key in (("owner", 1), ("stranger", 2)):
        for resource in ("clubs", "notices"):
            assert keys(at_every_level(settings, clubs[name], f"/v1/{resource}")) == [key]


def test_what_is_somebody_elses_is_not_there(clubs: dict[str, Client]) -> None:
    assert clubs["owner"].get("/v1/notices/2").status == 404
    assert clubs["owner"].patch("/v1/notices/2", {"text": "mine"}).status == 404
    assert clubs["owner"].post("/v1/notices", {"id": 3, "club": "two"}).status == 400


def test_a_relation_is_filtered_by_what_it_refers_to(clubs: dict[str, Client], settings: Any) -> None:
    assert keys(at_every_level(settings, clubs["owner"], "/v1/notices", club="one")) == [1]
    assert keys(at_every_level(settings, clubs["owner"], "/v1/notices", club="2")) == []
    assert keys(at_every_level(settings, clubs["owner"], "/v1/charters", club="2")) == [11]
    wrong = clubs["owner"].get("/v1/charters", club="one")
    assert wrong.status == 400
    assert wrong.json["errors"][0]["detail"].startswith("Expected a whole number")


def test_the_rest_of_a_list_inside_a_row_is_linked_by_what_it_refers_to(
    clubs: dict[str, Client], settings: Any
) -> None:
    Notice.objects.bulk_create(Notice(id=100 + place, club_id="one") for place in range(100))
    answer = at_every_level(settings, clubs["owner"], "/v1/clubs", expand="notices")
    [club] = answer.json["results"]
    assert len(club["notices"]["results"]) == 100
    assert keys(at_every_level(settings, clubs["owner"], club["notices"]["next"])) == [199]


@dataclass
class Made:
    """Rows that refer to one another as objects: what everything means can be told without any key."""

    clubs: list[Club]
    seats: list[Seat]
    notices: list[Notice]
    charters: list[Charter]
    clauses: list[Clause]
    friends: list[tuple[Club, Club]]

    def store(self) -> None:
        for rows in (self.clubs, self.seats, self.notices, self.charters, self.clauses):
            for row in rows:
                row.save(force_insert=True)
        Friendship.objects.bulk_create(Friendship(one=one, other=other) for one, other in self.friends)


@st.composite
def collections(draw: st.DrawFn, people: list[Any]) -> Made:
    count = draw(st.integers(1, 3))
    ids, numbers, codes = (draw(st.permutations(values))[:count] for values in ((1, 2, 3), (1, 2, 3), ("1", "2", "b")))
    owners = st.none() | st.sampled_from(people)
    names = st.none() | st.sampled_from(["x", "y", "Z"])
    clubs = [
        Club(id=key, number=number, code=code, name=draw(names), owner=draw(owners))
        for key, number, code in zip(ids, numbers, codes, strict=True)
    ]
    club = st.sampled_from(clubs)
    seats = draw(st.lists(st.builds(Seat, club=club, person=st.sampled_from(people)), max_size=4))
    notices = draw(st.lists(st.builds(Notice, club=st.none() | club, text=st.sampled_from(["x", "w"])), max_size=4))
    texts = {"text": st.sampled_from(["x", "v"])}
    charters = [draw(st.builds(Charter, club=st.just(each), **texts)) for each in draw(st.lists(club, unique=True))]
    clauses = [draw(st.builds(Clause, club=st.just(each), **texts)) for each in draw(st.lists(club, unique=True))]
    for rows in (seats, notices, charters):
        for key, row in zip(draw(st.permutations(range(1, len(rows) + 1))), rows, strict=True):
            row.id = key
    friends = draw(st.lists(st.tuples(club, club), max_size=3, unique=True))
    return Made(clubs, seats, notices, charters, clauses, friends)


@dataclass(frozen=True)
class Seen:
    """What somebody may read of what was made."""

    made: Made
    person: Any

    def sits_in(self, club: Club | None) -> bool:
        return any(seat.club is club and seat.person is self.person for seat in self.made.seats)

    def clubs(self) -> list[Club]:
        return [club for club in self.made.clubs if self.sits_in(club) or club.owner is self.person]

    def seats(self) -> list[Seat]:
        return [seat for seat in self.made.seats if seat.person is self.person or self.sits_in(seat.club)]

    def notices(self) -> list[Notice]:
        return [notice for notice in self.made.notices if self.sits_in(notice.club)]

    def charters(self) -> list[Charter]:
        return [each for each in self.made.charters if self.sits_in(each.club) or each.club.owner is self.person]

    def clauses(self) -> list[Clause]:
        return [clause for clause in self.made.clauses if self.sits_in(clause.club)]

    def club(self, row: Any) -> list[Club]:
        """The club of a row, if it may be read."""
        return [club for club in self.clubs() if club is row.club]

    def of(self, clubs: list[Club], rows: list[Any]) -> list[Any]:
        return [row for row in rows if row.club in clubs]

    def friends(self, club: Club) -> list[Club]:
        return [other for one, other in self.made.friends if one is club and other in self.clubs()]

    def befriended(self, club: Club) -> list[Club]:
        return [one for one, other in self.made.friends if other is club and one in self.clubs()]


def names(rows: list[Any], attribute: str = "id") -> list[Any]:
    return [getattr(row, attribute) for row in rows]


Values = Callable[[Seen, Any], list[Any]]
FILTERS: dict[str, dict[str, Values]] = {
    "clubs": {
        "number": lambda seen, club: [club.number],
        "code": lambda seen, club: [club.code],
        "owner": lambda seen, club: [club.owner.email] if club.owner else [],
        "seats": lambda seen, club: names(seen.of([club], seen.seats())),
        "notices": lambda seen, club: names(seen.of([club], seen.notices())),
        "notices__text": lambda seen, club: names(seen.of([club], seen.notices()), "text"),
        "charter": lambda seen, club: names(seen.of([club], seen.charters())),
        "charter__text": lambda seen, club: names(seen.of([club], seen.charters()), "text"),
        "clause": lambda seen, club: [each.club.code for each in seen.of([club], seen.clauses())],
        "friends": lambda seen, club: names(seen.friends(club)),
        "friends__name": lambda seen, club: names(seen.friends(club), "name"),
        "befriended": lambda seen, club: names(seen.befriended(club)),
    },
    "notices": {
        "club": lambda seen, notice: [notice.club.code] if notice.club else [],
        "club__number": lambda seen, notice: names(seen.club(notice), "number"),
        "club__name": lambda seen, notice: names(seen.club(notice), "name"),
        "club__seats": lambda seen, notice: names(seen.of(seen.club(notice), seen.seats())),
        "club__charter__text": lambda seen, notice: names(seen.of(seen.club(notice), seen.charters()), "text"),
    },
    "charters": {
        "club": lambda seen, charter: [charter.club.number],
        "club__code": lambda seen, charter: names(seen.club(charter), "code"),
        "club__notices": lambda seen, charter: names(seen.of(seen.club(charter), seen.notices())),
    },
    "clauses": {
        "club": lambda seen, clause: [clause.club.code],
        "club__name": lambda seen, clause: names(seen.club(clause), "name"),
    },
    "seats": {
        "club": lambda seen, seat: [seat.club.number],
        "club__code": lambda seen, seat: names(seen.club(seat), "code"),
        "club__charter": lambda seen, seat: names(seen.of(seen.club(seat), seen.charters())),
        "person": lambda seen, seat: [seat.person.email],
    },
}
"""What each filter compares: the values that a row has there, to somebody."""

SEARCHED: dict[str, Values] = {
    "clubs": lambda seen, club: [
        club.name, *names(seen.of([club], seen.notices()), "text"), *names(seen.of([club], seen.charters()), "text"),
    ],
    "notices": lambda seen, notice: [
        *names(seen.club(notice), "name"),
        *names(seen.of(seen.club(notice), seen.charters()), "text"),
        *names(seen.of(seen.club(notice), seen.notices()), "text"),
    ],
}  # fmt: skip
ORDERED: dict[str, dict[str, Values]] = {
    "clubs": {
        **{name: FILTERS["clubs"][name] for name in ("number", "code", "charter__text")},
        "name": lambda seen, club: [club.name],
        "clause__text": lambda seen, club: names(seen.of([club], seen.clauses()), "text"),
    },
    "notices": {
        **{name: FILTERS["notices"][name] for name in ("club", "club__name")},
        "text": lambda seen, notice: [notice.text],
    },
    "charters": {name: FILTERS["charters"][name] for name in ("club", "club__code")},
    "clauses": FILTERS["clauses"],
    "seats": {
        "club": FILTERS["seats"]["club"],
        "club__name": lambda seen, seat: names(seen.club(seat), "name"),
        "person": FILTERS["seats"]["person"],
    },
}


def key_of(row: Any) -> Any:
    return row.club.code if isinstance(row, Clause) else row.id


def shown_keys(name: str, rows: list[dict[str, Any]]) -> list[Any]:
    return [row["club" if name == "clauses" else "id"] for row in rows]


def rank(value: Any) -> tuple[bool, Any]:
    """NULL is the largest value."""
    return (value is None, value)


@pytest.fixture
def asking(world: World) -> list[tuple[Any, Client]]:
    return [(person, Client(None).acting_for(person)) for person in (world.owner, world.stranger)]


@given(data=st.data())
def test_any_reading(asking: list[tuple[Any, Client]], settings: Any, data: st.DataObject) -> None:
    """Policies, filters, searches, orders and cursors, lists inside of rows and objects mean rows, not their keys."""
    made = data.draw(collections([person for person, _ in asking]))
    person, client = data.draw(st.sampled_from(asking))
    seen, name = Seen(made, person), data.draw(st.sampled_from(sorted(FILTERS)))
    rows = {key_of(row): row for row in getattr(seen, name)()}

    def ask(**query: Any) -> list[dict[str, Any]]:
        return at_every_level(settings, client, f"/v1/{name}", **query).json["results"]  # type: ignore[no-any-return]

    with stored(made):
        assert shown_keys(name, ask()) == sorted(rows)
        filter_, values = data.draw(st.sampled_from(sorted(FILTERS[name].items())))
        known = sorted({v for row in getattr(made, name) for v in values(Seen(made, person), row) if v is not None})
        value = data.draw(st.sampled_from([*known, type(known[0])(1)] if known else [1]))
        found = shown_keys(name, ask(**{filter_: value}))
        assert found == [key for key, row in sorted(rows.items()) if value in values(seen, row)], (filter_, value)
        if name in SEARCHED:
            texts = {key: "".join(filter(None, SEARCHED[name](seen, row))) for key, row in rows.items()}
            assert shown_keys(name, ask(search="x")) == [key for key, text in sorted(texts.items()) if "x" in text]
        ordering, ranks = data.draw(st.sampled_from(sorted(ORDERED[name].items())))
        expected = sorted(rows, key=lambda key: (*(rank(next(iter(ranks(seen, rows[key])), None)),), key))
        assert travelled(settings, client, name, ordering) == expected
        assert_expanded(seen, name, rows, ask)


def travelled(settings: Any, client: Client, name: str, ordering: str) -> list[Any]:
    """Follow the pages of an order, a row at a time."""
    answer, found = at_every_level(settings, client, f"/v1/{name}", ordering=ordering, limit=1), []
    while True:
        found += shown_keys(name, answer.json["results"])
        if answer.json["next"] is None:
            return found
        answer = at_every_level(settings, client, answer.json["next"])


def assert_expanded(seen: Seen, name: str, rows: dict[Any, Any], ask: Any) -> None:
    """Hold the objects and lists inside of rows against what was made."""
    if name != "clubs":
        for row in ask(expand="club"):
            club, whole = rows[shown_keys(name, [row])[0] if name != "clauses" else key_in(row)], row["club"]
            readable = seen.club(club)
            assert (whole["id"] if isinstance(whole, dict) else None) == (readable[0].id if readable else None)
        return
    for row in ask(expand="notices,seats,friends,befriended,charter"):
        club, made = rows[row["id"]], seen.made
        inside = {relation: sorted(shown_keys(relation, row[relation]["results"])) for relation in LISTS}
        assert inside == {
            "notices": sorted(names(seen.of([club], seen.notices()))),
            "seats": sorted(names(seen.of([club], seen.seats()))),
            "friends": sorted(names(seen.friends(club))),
            "befriended": sorted(names(seen.befriended(club))),
        }
        assert row["charter"] == (next(({"id": c.id, "club": club.number, "text": c.text} for c in made.charters
                                        if c.club is club), None))  # fmt: skip
    for row in ask():
        club, made = rows[row["id"]], seen.made
        assert [one["id"] for one in row["notices"]] == sorted(names(seen.of([club], made.notices)))
        assert row["seats"] == sorted(names(seen.of([club], made.seats)))
        assert row["friends"] == names(
            sorted((other for one, other in made.friends if one is club), key=key_of), "code"
        )


LISTS = ("notices", "seats", "friends", "befriended")


def key_in(clause: dict[str, Any]) -> Any:
    club = clause["club"]
    return club["code"] if isinstance(club, dict) else club


@given(data=st.data())
def test_any_writing(asking: list[tuple[Any, Client]], data: st.DataObject) -> None:
    """A reference is written as it is read, and leads to the row that has that value; policies are held to it."""
    made = data.draw(collections([person for person, _ in asking]))
    person, client = data.draw(st.sampled_from(asking))
    seen, club = Seen(made, person), data.draw(st.sampled_from(made.clubs))
    expected = 400 if club not in seen.clubs() else 201 if seen.sits_in(club) else 403
    with stored(made):
        answer = client.post("/v1/notices", {"id": 90, "club": club.code, "text": "new"})
        assert answer.status == expected, answer.text
        if expected == 201:
            assert Notice.objects.get(id=90).club == club
        several = client.post("/v1/notices", [{"id": 91 + place, "club": club.code} for place in range(2)])
        assert several.status == expected, several.text
        for notice in made.notices[:1]:
            status = 404 if notice not in seen.notices() else 200 if expected == 201 else expected
            answer = client.patch(f"/v1/notices/{notice.id}", {"club": club.code})
            assert answer.status == status, answer.text
            assert Notice.objects.get(id=notice.id).club == (club if status == 200 else notice.club)
        for charter in made.charters[:1]:
            shown = client.get(f"/v1/charters/{charter.id}")
            assert shown.status == (200 if charter in seen.charters() else 404)
            if shown.status == 200 and charter.club in seen.clubs():
                assert client.put(f"/v1/charters/{charter.id}", shown.json).json == shown.json
        clause = client.get(f"/v1/clauses/{club.code}")
        assert clause.status == (200 if seen.of([club], seen.clauses()) else 404)


@contextmanager
def stored(made: Made) -> Iterator[None]:
    """Store rows for a while."""
    with transaction.atomic():
        made.store()
        yield
        transaction.set_rollback(True)

"""What is another's is as if it were not there: every request that names it is answered as in a world without it."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import hypothesis
import pytest

from api.trips import TripViewSet
from resources.core.models import ApiKey
from resources.core.policy import anyone
from resources.trips.models import Member, Stop, Trip
from tests import short_cut
from tests.access.operations import FLAVOURS, Operation, operations
from tests.access.strangers import make_stranger
from tests.access.swaps import Ask, choices, everything, filters, pages
from tests.access.watch import Seen, Watch, undone
from tests.client import Client
from tests.contract import published
from tests.declarations import redeclare
from tests.people import device
from tests.world import make_places

THOROUGH = hypothesis.settings.get_current_profile_name() == "thorough"
QUICK_HASH = "django.contrib.auth.hashers.MD5PasswordHasher"
SEED = 4711
MOST, MOST_OF_STAFF, MOST_OF_A_KEY, READ_BOTH_WAYS = 600, 200, 120, 40
"""Requests of the ordinary suite: of each place one at most, drawn by the seed. `make strangers` sends them all."""
COMBINED = 5_000 if THOROUGH else 100
SHOWN = 5

TOLD: Mapping[str, str] = {
    "id": "No two rows have one key: 409 says that it is taken. Of its bits 74 are random: one must know it.",
}
"""What cannot be as if the other were not there, by the member of a body that names it, and why that is so."""


@pytest.fixture
def api(db: None, settings: Any) -> Client:
    settings.PASSWORD_HASHERS = [QUICK_HASH]
    make_places()
    return Client(published())


@pytest.fixture
def watch(api: Client) -> Watch:
    return watching(api)


def watching(api: Client, **values: Any) -> Watch:
    mine, theirs = make_stranger(api, "eve", **values), make_stranger(api, "ada")
    return Watch(mine, theirs, {flavour: device(api, flavour) for flavour in FLAVOURS})


def drawn(asks: list[Ask], most: int) -> list[Ask]:
    """Draw a request for every place where one can name what is another's; all of them in a thorough run."""
    if THOROUGH:
        return asks
    places: Mapping[Any, list[Ask]] = defaultdict(list)
    for ask in asks:
        places[ask.operation.id, ask.place, ask.method, ask.flavour, ask.as_guest].append(ask)
    draw = random.Random(SEED)
    found = [draw.choice(each) for each in places.values()]
    return draw.sample(found, min(most, len(found)))


def is_told(ask: Ask) -> bool:
    """Whether it is known, and written down, that this cannot be hidden."""
    member = ask.place.partition(" ")[0].rpartition("/")[2]
    return ask.place.startswith("/") and member in TOLD


def hold(watch: Watch, asks: list[Ask]) -> None:
    """Ask in both worlds, and compare all that comes."""
    here = [watch.ask(ask) for ask in asks]
    with watch.without():
        there = [watch.ask(ask) for ask in asks]
    wrong = [difference for each in zip(asks, here, there, strict=True) if (difference := differing(watch, *each))]
    assert not wrong, f"{len(wrong)} of {len(asks)}:\n" + "\n".join(wrong[:SHOWN])
    assert not [str(ask) for ask in watch.touched if not is_told(ask)]


def differing(watch: Watch, ask: Ask, here: Seen, there: Seen) -> str:
    """Say what an answer tells of the other; nothing, as it should."""
    if watch.theirs.word in here.body and watch.theirs.word not in str(ask):
        return f"{ask}\n  tells {here.body[:1000]}"
    return "" if here == there or is_told(ask) else f"{ask}\n  with them    {here}\n  without them {there}"


@pytest.mark.parametrize("is_staff", [False, True], ids=["person", "staff"])
def test_what_is_anothers_is_as_if_it_were_not_there(api: Client, is_staff: bool) -> None:
    watch = watching(api, is_staff=is_staff)
    asks = drawn(list(everything(watch.mine, watch.theirs)), MOST_OF_STAFF if is_staff else MOST)
    assert {ask.method for ask in asks} >= {"GET", "POST", "PUT", "PATCH", "DELETE"}
    hold(watch, asks)


def lists(watch: Watch) -> list[Operation]:
    """Return the lists of what is a person's own."""
    return [each for each in operations() if each.is_list and each.resource in watch.mine.rows]


def combined(watch: Watch, operation: Operation, draw: random.Random) -> Ask:
    """Draw a read of a list, by several filters that name what is the other's, in some order, with relations shown."""
    parameters = {part.value["name"]: part.value.get("schema", {}) for part in operation.parameters}
    tried = [ask.query for ask in filters(operation, watch.mine, watch.theirs)]
    plain = draw.sample([query for query in tried if "filter" not in query], draw.randint(0, 2))
    trees = draw.sample([query["filter"] for query in tried if "filter" in query], draw.randint(0, 3))
    query: dict[str, Any] = {name: value for each in plain for name, value in each.items()}
    query |= {"filter": {draw.choice(("and", "or")): trees}} if trees else {}
    query |= {"search": watch.theirs.word} if "search" in parameters and draw.random() < 0.2 else {}
    for name, most in (("ordering", 2), ("expand", 3)):
        known = choices(parameters.get(name, {}))
        words = {word.lstrip("-"): word for word in draw.sample(known, min(len(known), draw.randint(0, most)))}
        query |= {name: list(words.values())} if words else {}
    return Ask(operation, "several places", "GET", operation.path, query | {"limit": draw.randint(1, 3)})


def test_several_places_together_tell_nothing_either(watch: Watch) -> None:
    draw = random.Random(SEED)
    hold(watch, [combined(watch, draw.choice(lists(watch)), draw) for _ in range(COMBINED)])


def test_what_another_has_just_asked_for_is_not_told(watch: Watch) -> None:
    """The same shapes, by the plans and the headers that are kept of the other's requests."""
    reads = [ask for each in lists(watch) for way in (filters, pages) for ask in way(each, watch.mine, watch.theirs)]
    for ask in drawn([ask for ask in reads if ask.method == "GET"], READ_BOTH_WAYS):
        for client, word in ((watch.theirs.client, watch.mine.word), (watch.mine.client, watch.theirs.word)):
            answer = client.send(ask.method, ask.path, headers=ask.headers, **ask.query)
            assert word not in answer.text or word in str(ask)
            short_cut.hold_both_ways(answer.response)


BEYOND = {
    "trips": lambda: (Stop.objects.all().delete(), Member.objects.all().delete()),
    "stops": lambda: (Trip.objects.update(name="Another", notes="Another", budget=1), Member.objects.all().delete()),
    "members": lambda: (Trip.objects.update(name="Another", notes="Another", budget=1), Stop.objects.all().delete()),
}
"""What makes another world of what a key does not reach, by the resource that it may read."""


@pytest.mark.parametrize("resource", BEYOND)
def test_a_key_learns_nothing_beyond_its_scopes(api: Client, resource: str) -> None:
    whole = make_stranger(api, "ada")
    secret = ApiKey.objects.issue(whole.who, scopes=[f"{resource}:read"])
    watch = Watch(replace(whole, actor=replace(whole.actor, keys={"": secret})), whole, {})
    (operation,) = [each for each in lists(watch) if each.resource == resource]
    asks = drawn([ask for way in (filters, pages) for ask in way(operation, watch.mine, whole)], MOST_OF_A_KEY)
    here = [watch.ask(ask) for ask in asks]
    with undone():
        BEYOND[resource]()
        there = [watch.ask(ask) for ask in asks]
    assert [str(ask) for ask, *both in zip(asks, here, there, strict=True) if both[0] != both[1]] == []


def test_a_world_that_tells_is_noticed(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    redeclare(monkeypatch, TripViewSet, policy=anyone)
    ask = next(ask for ask in everything(watch.mine, watch.theirs) if ask.operation.id == "deleteTrip")
    with pytest.raises(AssertionError, match="deleteTrip, key"):
        hold(watch, [ask])
    assert watch.touched == [ask]

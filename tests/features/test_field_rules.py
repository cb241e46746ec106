"""Field rules: what an actor may not see does not exist for them, in any place; what they may not write stays."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.core.plans.levels import PLANS, Level
from resources.core.keyring import KEYRING
from tests.client import Answer, Client
from tests.features.test_levels import at_every_level
from tests.short_cut import hold_both_ways
from tests.specimens.models import Crate, Parcel
from tests.world import World

HIDDEN = {"shelf", "cost", "remark", "note"}
SUGGESTION = re.compile(r" Did you mean '([^']*)'\?")
SHOWN = ["id", "name", "budget", "verified", "colour"]
CRATE = {"id": 3, "name": "Third crate"}


@pytest.fixture(autouse=True)
def no_plans() -> Iterator[None]:
    PLANS.clear()
    yield
    PLANS.clear()


@pytest.fixture
def actors(specimens: Client, world: World) -> dict[str, Client]:
    """Somebody of each kind, and two crates with a parcel each: the second one costs more and has the longer note."""
    Crate.objects.create(id=1, name="First crate", shelf="low", cost=20, note="hush", verified=True, colour="blue")
    Crate.objects.create(id=2, name="Second crate", shelf="low", cost=30, note="hush hush", budget=200)
    Parcel.objects.create(id=1, crate_id=1, weight=5)
    Parcel.objects.create(id=2, crate_id=2, weight=6)
    return {
        "guest": specimens,
        "person": specimens.acting_for(world.owner),
        "staff": specimens.acting_for(world.staff),
        "narrow staff": specimens.acting_for(world.staff, "crates:write", "parcels:read"),
        "staff elsewhere": specimens.acting_for(world.staff, "parcels:read"),
    }


def names(actors: dict[str, Client], name: str, url: str) -> list[str]:
    return list(actors[name].get(url).json)


def test_it_works(actors: dict[str, Client]) -> None:
    everything = ["id", "name", "shelf", "budget", "cost", "verified", "remark", "colour"]
    expected = {
        "guest": SHOWN,
        "person": SHOWN,
        "staff": everything,
        "narrow staff": [name for name in everything if name != "cost"],
        "staff elsewhere": SHOWN,
    }
    assert {name: names(actors, name, "/v1/crates/1") for name in actors} == expected
    assert {name: list(actors[name].get("/v1/crates").json["results"][0]) for name in actors} == expected


def test_every_way_to_show_a_row(actors: dict[str, Client]) -> None:
    person = actors["person"]
    assert person.get("/v1/crates", accept="text/csv").text.splitlines()[0] == ",".join(SHOWN)
    assert list(person.get("/v1/crates", accept="application/x-ndjson").lines[0]) == SHOWN
    parcel = person.get("/v1/parcels/1?expand=crate").json
    assert parcel == {"id": 1, "crate": person.get("/v1/crates/1").json, "weight": 5, "box": {"name": "First crate"}}
    assert list(person.get("/v1/crates/1?expand=parcels").json["parcels"]["results"][0]) == list(parcel)
    assert "weight" not in actors["guest"].get("/v1/crates/1?expand=parcels").json["parcels"]["results"][0]
    columns = person.get("/v1/parcels", accept="text/csv", expand="crate").text.splitlines()[0]
    assert columns == "id,crate.id,crate.name,crate.budget,crate.verified,crate.colour,weight,box.name"
    assert actors["staff"].get("/v1/parcels/1").json["crate_note"] == "hush"


UNKNOWN = [
    "/v1/crates?{}=1",
    "/v1/crates?{}__not=1",
    "/v1/crates?{}__in=1,2",
    "/v1/crates?fields=id,{}",
    "/v1/crates/1?fields={}",
    "/v1/crates?ordering={}",
    "/v1/crates?ordering=-{}",
    '/v1/crates?filter={{"{}":1}}',
    '/v1/crates?filter={{"not":{{"or":[{{"{}__gt":1}}]}}}}',
    "/v1/parcels?crate__{}=1",
    "/v1/parcels?crate__{}__isnull=true",
    "/v1/parcels?ordering=crate__{}",
    '/v1/parcels?filter={{"crate__{}__not":1}}',
    "/v1/parcels?expand=crate&fields=crate.{}",
]


@pytest.mark.parametrize("url", UNKNOWN)
@pytest.mark.parametrize("member", ["cost", "note", "shelf"])
def test_it_is_refused_as_a_name_that_does_not_exist(actors: dict[str, Client], url: str, member: str) -> None:
    for name in ("guest", "person", "staff elsewhere"):
        hidden, missing = (actors[name].get(url.format(text)) for text in (member, "qqqq"))
        assert hidden.status == 400
        assert said(hidden).replace(member, "qqqq") == said(missing)


def said(answer: Answer) -> str:
    """Return a problem without its suggestions, which name something else for every name; no hidden one, though."""
    assert not HIDDEN & set(re.split(r"__|[^a-z]", " ".join(SUGGESTION.findall(answer.text))))
    return SUGGESTION.sub("", json.dumps({name: text for name, text in answer.json.items() if name != "instance"}))


def test_no_suggestion_reveals_it(actors: dict[str, Client]) -> None:
    urls = [
        "/v1/crates?costs=1",
        "/v1/crates?fields=costs,remarks",
        "/v1/crates?ordering=costt",
        "/v1/parcels?crate__cst=1",
    ]
    for url in urls:
        assert "Did you mean" in actors["staff"].get(url).text
        refused = actors["person"].get(url)
        assert refused.status == 400
        assert not any(f"'{name}'" in refused.text for name in ("cost", "remark", "crate__cost"))
    body = actors["person"].post("/v1/crates", {**CRATE, "costs": 1, "remarks": "", "shelve": ""})
    assert "Did you mean" not in body.text


def test_nothing_is_told_by_an_order(actors: dict[str, Client]) -> None:
    """Rows stand by their cost where it may be seen; who may not see it gets them by their names."""
    for url, by_cost, by_name in (("/v1/crates", [2, 1], [1, 2]), ("/v1/parcels", [1, 2], [1, 2])):
        assert [row["id"] for row in actors["staff"].get(url).json["results"]] == by_cost
        assert [row["id"] for row in actors["person"].get(url).json["results"]] == by_name
    Crate.objects.filter(id=1).update(cost=40)
    assert [row["id"] for row in actors["staff"].get("/v1/parcels").json["results"]] == [2, 1]
    assert [row["id"] for row in actors["person"].get("/v1/parcels").json["results"]] == [1, 2]
    person = actors["person"].get("/v1/crates", limit=1)
    assert actors["person"].get(person.json["next"]).json["results"][0]["id"] == 2
    assert actors["staff"].get(person.json["next"]).status == 400


def test_nothing_is_told_by_a_search(actors: dict[str, Client]) -> None:
    assert len(actors["staff"].get("/v1/crates?search=hush").json["results"]) == 2
    assert actors["person"].get("/v1/crates?search=hush").json["results"] == []
    assert len(actors["person"].get("/v1/crates?search=second").json["results"]) == 1
    assert actors["person"].get("/v1/parcels?search=hush").json["detail"] == "This resource cannot be searched."


def test_nothing_is_told_by_an_etag(actors: dict[str, Client]) -> None:
    def etags() -> list[str]:
        return [actors[name].get("/v1/crates/1").headers["ETag"] for name in ("person", "staff")]

    before = etags()
    Crate.objects.filter(id=1).update(note="changed", shelf="high", cost=21)
    after = etags()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]


def test_the_answers_to_writes(actors: dict[str, Client]) -> None:
    person = actors["person"]
    assert list(person.post("/v1/crates", CRATE).json) == SHOWN
    assert [list(row) for row in person.post("/v1/crates", [{**CRATE, "id": 4, "name": "Fourth one"}]).json] == [SHOWN]
    assert list(person.patch("/v1/crates/1", {"name": "First again"}).json) == SHOWN
    assert list(person.put("/v1/crates/1", {"name": "First crate"}).json) == SHOWN
    assert "cost" in actors["staff"].patch("/v1/crates/1", {"name": "First again"}).json
    assert person.patch("/v1/crates/1?fields=cost", {"name": "First"}).status == 400


def test_a_member_that_one_may_not_see_is_unknown_in_a_body(actors: dict[str, Client]) -> None:
    stored = Crate.objects.filter(id=1).values().get()
    for name in HIDDEN - {"note"}:
        for send in (
            lambda body: actors["person"].post("/v1/crates", CRATE | body),
            lambda body: actors["person"].post("/v1/crates", [CRATE | body]),
            lambda body: actors["person"].patch("/v1/crates/1", body),
            lambda body: actors["person"].put("/v1/crates/1", {"name": "First crate"} | body),
        ):
            hidden, missing = send({name: stored.get(name, "x")}), send({"qqqq": stored.get(name, "x")})
            assert hidden.status == 400
            assert said(hidden).replace(name, "qqqq") == said(missing)
    assert Crate.objects.filter(id=1).values().get() == stored


def test_a_member_that_one_may_not_write_is_read_only(actors: dict[str, Client]) -> None:
    person = actors["person"]
    assert person.patch("/v1/crates/1", {"verified": True, "colour": "blue", "budget": 99}).status == 200
    for body in ({"verified": False}, {"colour": "red"}):
        refused = person.patch("/v1/crates/1", body)
        assert [(fault["code"], fault["pointer"]) for fault in refused.json["errors"]] == [
            ("read_only", f"/{next(iter(body))}")
        ]
    assert person.post("/v1/crates", CRATE | {"verified": False}).json["errors"][0]["code"] == "read_only"
    assert person.post("/v1/crates", CRATE | {"colour": "green"}).json["errors"][0]["code"] == "read_only"
    assert actors["staff"].patch("/v1/crates/1", {"verified": False, "colour": "red", "cost": 5}).status == 200
    narrow = actors["narrow staff"].patch("/v1/crates/1", {"cost": 1})
    assert narrow.json["errors"][0]["code"] == "unknown", "who may not see it may not write it"


def test_a_new_row_takes_the_defaults(actors: dict[str, Client]) -> None:
    assert actors["person"].post("/v1/crates", CRATE).status == 201
    assert (
        actors["person"].post("/v1/crates", [{**CRATE, "id": n, "name": f"Number {n}"} for n in (4, 5)]).status == 201
    )
    for row in Crate.objects.filter(id__gte=3):
        assert (row.shelf, row.cost, row.verified, row.note, row.colour) == ("top", 10, False, "", "green")
    made = actors["staff"].post("/v1/crates", CRATE | {"id": 6, "name": "Sixth crate", "cost": 7, "colour": "pink"})
    assert (made.json["cost"], made.json["colour"]) == (7, "pink")


def test_put_resets_nothing_that_one_may_not_write(actors: dict[str, Client]) -> None:
    assert actors["person"].put("/v1/crates/1", {"name": "Other name"}).status == 200
    row = Crate.objects.get(id=1)
    assert (row.name, row.budget) == ("Other name", 100)
    assert (row.shelf, row.cost, row.verified, row.note, row.colour) == ("low", 20, True, "hush", "blue")
    assert actors["staff"].put("/v1/crates/1", {"name": "Other name"}).status == 200
    row = Crate.objects.get(id=1)
    assert (row.shelf, row.cost, row.verified, row.colour) == ("top", 10, False, "green")


@pytest.mark.parametrize("many", [False, True])
def test_a_conflict_says_nothing_of_it(actors: dict[str, Client], many: bool) -> None:
    Crate.objects.create(id=9, name="Third crate")
    refused = actors["person"].post("/v1/crates", [CRATE] if many else CRATE)
    assert refused.status == 409
    assert refused.json["detail"] == "Another row has the same values."
    assert "shelf" not in refused.text
    told = actors["staff"].post("/v1/crates", CRATE | {"shelf": "top"})
    assert (told.status, "shelf" in told.text) == (409, True)
    moved = actors["person"].patch("/v1/crates/2", {"name": "First crate"})
    assert (moved.status, moved.json["detail"]) == (409, "Another row has the same values.")


@pytest.mark.parametrize("body", [{"budget": 1}, {"name": "F"}])
def test_a_broken_rule_says_nothing_of_it(actors: dict[str, Client], body: dict[str, Any]) -> None:
    refused = actors["person"].patch("/v1/crates/1", body)
    assert refused.status == 400
    assert [(f["pointer"], f["detail"]) for f in refused.json["errors"]] == [("", "A rule of the database is broken.")]
    assert "cost" in actors["staff"].patch("/v1/crates/1", body).text
    created = actors["person"].post("/v1/crates", {"id": 8, "name": "Ninth crate", "budget": 1})
    assert created.status == 400
    assert "cost" not in created.text


READ = [
    *("/v1/crates", "/v1/crates/1", "/v1/crates?expand=parcels", "/v1/crates?search=hush", "/v1/parcels?count=exact"),
    *("/v1/parcels?expand=crate", "/v1/parcels/2?expand=crate.parcels", "/v1/crates?ordering=name&parcels__weight=5"),
    *(
        "/v1/crates?fields=name",
        "/v1/crates?verified=true&expand=parcels.crate",
        "/v1/parcels?crate__name=First%20crate",
    ),
]


def test_nobody_ever_gets_another_actors_members(actors: dict[str, Client], settings: Any) -> None:
    """Every actor asks for everything, one after the other, while the plans of all stay kept."""

    def asked(level: Level) -> dict[tuple[str, str], tuple[int, list[Any]]]:
        settings.READ_LEVEL = level.value
        answers = {(name, url): client.get(url) for url in READ for name, client in actors.items()}
        return {
            key: (got.status, json.loads(got.text, object_pairs_hook=list) if got.status == 200 else [])
            for key, got in answers.items()
        }

    reference = asked(Level.INTERPRETED)
    assert asked(Level.COMPILED) == reference
    for _ in range(3):
        assert asked(Level.TRACED) == reference
    assert len({str(found) for (_, url), found in reference.items() if url == "/v1/crates/1"}) == 3


@pytest.mark.parametrize("url", READ)
def test_the_short_cut_knows_them(actors: dict[str, Client], settings: Any, url: str) -> None:
    answers = [client.get(url).response for client in actors.values() if client.get(url).status == 200]
    for _ in range(2):
        assert all(hold_both_ways(answer) == ("search" not in url) for answer in answers)


def test_each_level_shows_the_same(actors: dict[str, Client], settings: Any) -> None:
    for url in READ:
        at_every_level(settings, actors["staff"], url)


def test_actions_of_ones_own(actors: dict[str, Client]) -> None:
    path = "/v1/crates/1/label"
    assert list(actors["person"].get(path).json[0]) == list(actors["person"].patch(path, {"name": "Same one"}).json)
    assert list(actors["person"].get(path).json[0]) == SHOWN
    assert "cost" in actors["staff"].get(path).json[0]
    codes = [
        actors["person"].patch(path, body).json["errors"][0]["code"] for body in ({"cost": 1}, {"verified": False})
    ]
    assert codes == ["unknown", "read_only"]
    assert actors["staff"].patch(path, {"cost": 1, "verified": False}).json["cost"] == 1
    broken = actors["person"].patch(path, {"budget": 0})
    assert (broken.status, "cost" in broken.text) == (400, False)


def test_what_may_be_seen_follows_the_person(actors: dict[str, Client], world: World) -> None:
    assert "shelf" in actors["staff"].get("/v1/crates/1").json
    world.staff.is_staff = False
    world.staff.save()
    KEYRING.forget()
    assert list(actors["staff"].get("/v1/crates/1").json) == SHOWN

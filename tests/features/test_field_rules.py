"""Field rules: what an actor may not see does not exist for them, in any place."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Index

from api.core.read.strategies import PLANS, Level
from resources.core.api_keys.keyring import KEYRING
from tests.client import Client
from tests.features.crates import SHOWN, said
from tests.features.test_levels import at_every_level
from tests.short_cut import hold_both_ways
from tests.specimens.models import Crate
from tests.world import World


@pytest.fixture(autouse=True)
def no_plans() -> Iterator[None]:
    PLANS.clear()
    yield
    PLANS.clear()


def names(crates: dict[str, Client], name: str, url: str) -> list[str]:
    return list(crates[name].get(url).json)


def test_it_works(crates: dict[str, Client]) -> None:
    everything = ["id", "name", "shelf", "budget", "cost", "verified", "remark", "colour"]
    expected = {
        "guest": SHOWN,
        "person": SHOWN,
        "staff": everything,
        "narrow staff": [name for name in everything if name != "cost"],
        "staff elsewhere": SHOWN,
    }
    assert {name: names(crates, name, "/v1/crates/1") for name in crates} == expected
    assert {name: list(crates[name].get("/v1/crates").json["results"][0]) for name in crates} == expected


def test_every_way_to_show_a_row(crates: dict[str, Client]) -> None:
    person = crates["person"]
    assert person.get("/v1/crates", accept="text/csv").text.splitlines()[0] == ",".join(SHOWN)
    assert list(person.get("/v1/crates", accept="application/x-ndjson").lines[0]) == SHOWN
    parcel = person.get("/v1/parcels/1?expand=crate").json
    assert parcel == {"id": 1, "crate": person.get("/v1/crates/1").json, "weight": 5, "box": {"name": "First crate"}}
    assert list(person.get("/v1/crates/1?expand=parcels").json["parcels"]["results"][0]) == list(parcel)
    assert "weight" not in crates["guest"].get("/v1/crates/1?expand=parcels").json["parcels"]["results"][0]
    columns = person.get("/v1/parcels", accept="text/csv", expand="crate").text.splitlines()[0]
    assert columns == "id,crate.id,crate.name,crate.budget,crate.verified,crate.colour,weight,box.name"
    assert crates["staff"].get("/v1/parcels/1").json["crate_note"] == "hush"


def test_what_no_index_serves_names_no_filter_that_is_hidden(
    crates: dict[str, Client], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UNINDEXED_ROWS = 10
    monkeypatch.setattr("api.core.read.unindexed.table_size", lambda model, using: 12_345)
    monkeypatch.setattr(Crate._meta, "indexes", [Index(fields=["cost"], name="crate_cost")])
    refused = {name: crates[name].get("/v1/crates?budget=100") for name in ("person", "staff")}
    assert {answer.status for answer in refused.values()} == {400}
    details = {name: answer.json["errors"][0]["detail"] for name, answer in refused.items()}
    assert details["staff"].endswith("such as id, name, cost.")
    assert details["person"].endswith("such as id, name.")
    assert not [text for text in details.values() if "12,345" in text]  # of which a person may read few


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
def test_it_is_refused_as_a_name_that_does_not_exist(crates: dict[str, Client], url: str, member: str) -> None:
    for name in ("guest", "person", "staff elsewhere"):
        hidden, missing = (crates[name].get(url.format(text)) for text in (member, "qqqq"))
        assert hidden.status == 400
        assert said(hidden).replace(member, "qqqq") == said(missing)


def test_no_suggestion_reveals_it(crates: dict[str, Client]) -> None:
    urls = [
        "/v1/crates?costs=1",
        "/v1/crates?fields=costs,remarks",
        "/v1/crates?ordering=costt",
        "/v1/parcels?crate__cst=1",
    ]
    for url in urls:
        assert "Did you mean" in crates["staff"].get(url).text
        refused = crates["person"].get(url)
        assert refused.status == 400
        assert not any(f"'{name}'" in refused.text for name in ("cost", "remark", "crate__cost"))
    body = crates["person"].post("/v1/crates", {"id": 3, "name": "Third", "costs": 1, "remarks": "", "shelve": ""})
    assert "Did you mean" not in body.text


def test_nothing_is_told_by_an_order(crates: dict[str, Client]) -> None:
    """Rows stand by their cost where it may be seen; who may not see it gets them by their names."""
    for url, by_cost, by_name in (("/v1/crates", [2, 1], [1, 2]), ("/v1/parcels", [1, 2], [1, 2])):
        assert [row["id"] for row in crates["staff"].get(url).json["results"]] == by_cost
        assert [row["id"] for row in crates["person"].get(url).json["results"]] == by_name
    Crate.objects.filter(id=1).update(cost=40)
    assert [row["id"] for row in crates["staff"].get("/v1/parcels").json["results"]] == [2, 1]
    assert [row["id"] for row in crates["person"].get("/v1/parcels").json["results"]] == [1, 2]
    person = crates["person"].get("/v1/crates", limit=1)
    assert crates["person"].get(person.json["next"]).json["results"][0]["id"] == 2
    assert crates["staff"].get(person.json["next"]).status == 400


def test_nothing_is_told_by_a_search(crates: dict[str, Client]) -> None:
    assert len(crates["staff"].get("/v1/crates?search=hush").json["results"]) == 2
    assert crates["person"].get("/v1/crates?search=hush").json["results"] == []
    assert len(crates["person"].get("/v1/crates?search=second").json["results"]) == 1
    assert crates["person"].get("/v1/parcels?search=hush").json["detail"] == "This resource cannot be searched."


def test_nothing_is_told_by_an_etag(crates: dict[str, Client]) -> None:
    def etags() -> list[str]:
        return [crates[name].get("/v1/crates/1").headers["ETag"] for name in ("person", "staff")]

    before = etags()
    Crate.objects.filter(id=1).update(note="changed", shelf="high", cost=21)
    after = etags()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]


READ = [
    *("/v1/crates", "/v1/crates/1", "/v1/crates?expand=parcels", "/v1/crates?search=hush", "/v1/parcels?count=exact"),
    *("/v1/parcels?expand=crate", "/v1/parcels/2?expand=crate.parcels", "/v1/crates?ordering=name&parcels__weight=5"),
    *(
        "/v1/crates?fields=name",
        "/v1/crates?verified=true&expand=parcels.crate",
        "/v1/parcels?crate__name=First%20crate",
    ),
]


def test_nobody_ever_gets_another_actors_members(crates: dict[str, Client], settings: Any) -> None:
    """Every actor asks for everything, one after the other, while the plans of all stay kept."""

    def asked(level: Level) -> dict[tuple[str, str], tuple[int, list[Any]]]:
        settings.READ_LEVEL = level.value
        answers = {(name, url): client.get(url) for url in READ for name, client in crates.items()}
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
def test_the_short_cut_knows_them(crates: dict[str, Client], settings: Any, url: str) -> None:
    answers = [client.get(url).response for client in crates.values() if client.get(url).status == 200]
    for _ in range(2):
        assert all(hold_both_ways(answer) == ("search" not in url) for answer in answers)


def test_each_level_shows_the_same(crates: dict[str, Client], settings: Any) -> None:
    for url in READ:
        at_every_level(settings, crates["staff"], url)


def test_what_may_be_seen_follows_the_person(crates: dict[str, Client], world: World) -> None:
    assert "shelf" in crates["staff"].get("/v1/crates/1").json
    world.staff.is_staff = False
    world.staff.save()
    KEYRING.forget()
    assert list(crates["staff"].get("/v1/crates/1").json) == SHOWN

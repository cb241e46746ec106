"""Reads are traced, compiled or interpreted, and no answer tells which: same members, same order, same values."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from api import places, trips
from api.core.read.strategies import PLANS, Level, Traces
from tests.client import Client
from tests.features.test_filters import as_json, conditions
from tests.features.test_paging import ORDERINGS
from tests.specimens.made import VALUES, Collection, collections, related_collections, stored
from tests.specimens.urls import SpecimenViewSet
from tests.world import World

RESOURCES = {viewset.plural(): viewset for viewset in (*places.VIEWSETS, *trips.VIEWSETS)}
EXPANSIONS = [
    (name, relation) for name, viewset in RESOURCES.items() for relation in ("", *viewset.grammar().expandable)
]
DEEP = [
    ("countries", "cities.subdivision.parent,airports.subdivision,subdivisions.children.cities"),
    ("stops", "trip.members,trip.currency,city.country.languages,airport.subdivision.parent"),
    ("subdivisions", "parent.parent.country,children.children.children,country.languages"),
    ("trips", "stops.city.country,stops.airport.country,members.trip.stops"),
    ("members", "trip.stops.city,trip.members.trip"),
]


@pytest.fixture(autouse=True)
def no_plans() -> Iterator[None]:
    """Begin with nothing kept, and leave nothing."""
    PLANS.clear()
    yield
    PLANS.clear()


def pairs(text: str) -> Any:
    """Read JSON so that the order of members counts."""
    return json.loads(text, object_pairs_hook=list)


def at_every_level(set_level: Any, client: Client, url: str, **query: Any) -> Any:
    """Ask at each level, and hold the answers against one another; return the answer."""
    answers = []
    for level in (Level.INTERPRETED, Level.COMPILED, *3 * [Level.TRACED]):  # compiled, then traced, then bound
        # Not by pytest's `settings`, which would grow with every example of a property.
        with override_settings(READ_LEVEL=level.value):
            answers.append(client.get(url, **query))
    for answer in answers[1:]:
        assert answer.status == answers[0].status == 200, answer.text
        assert pairs(answer.text) == pairs(answers[0].text)
        assert answer.headers.get("Link") == answers[0].headers.get("Link")
    return answers[0]


@pytest.mark.parametrize(("name", "expand"), [*EXPANSIONS, *DEEP])
def test_every_resource_and_expansion(api: Client, world: World, settings: Any, name: str, expand: str) -> None:
    query = {"expand": expand} if expand else {}
    for client in (
        api.acting_for(world.owner),
        api.acting_for(world.viewer),
        api.acting_for(world.owner, f"{name}:read"),
    ):
        listed = at_every_level(settings, client, f"/v1/{name}", limit=3, count="exact", **query)
        for row in listed.json["results"][:1]:
            at_every_level(settings, client, f"/v1/{name}/{row['id']}", **query)
    assert all(isinstance(entries, Traces) for entries in PLANS.entries.values()), PLANS.entries


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "text/csv"])
@pytest.mark.parametrize(("name", "expand"), DEEP[:2])
def test_streams(api: Client, world: World, settings: Any, name: str, expand: str, media_type: str) -> None:
    client = api.acting_for(world.owner)
    texts = []
    for level in Level:
        settings.READ_LEVEL = level.value
        answer = client.get(f"/v1/{name}", expand=expand, accept=media_type)
        texts.append(answer.text if media_type == "text/csv" else [pairs(line) for line in answer.text.splitlines()])
    assert texts[0] == texts[1] == texts[2]
    assert texts[0]


EVERY_FIELD = tuple(SpecimenViewSet.grammar().fields)
SHOWN = [
    "drawer",
    "labels",
    "marks",
    "drawer.parent",
    "drawer.children",
    "labels.marks",
    "marks.label",
    "drawer.specimens",
]


@st.composite
def queries(draw: st.DrawFn, collection: Collection) -> dict[str, Any]:
    """Make a request for specimens: filters, a group, a search, an order, members, relations."""
    chosen = draw(st.lists(conditions(collection), max_size=2, unique_by=lambda condition: condition.name))
    query: dict[str, Any] = (
        {"limit": draw(st.integers(1, 4)), "filter": as_json({"conditions": chosen})} if chosen else {}
    )
    if draw(st.booleans()):
        query["ordering"] = ",".join(draw(ORDERINGS))
    if draw(st.booleans()):
        query["search"] = draw(st.sampled_from(["a", "ss é", "%"]))
    if draw(st.booleans()):
        query["expand"] = ",".join(draw(st.lists(st.sampled_from(SHOWN), min_size=1, max_size=3, unique=True)))
    if draw(st.booleans()):
        query["fields"] = ",".join(draw(st.lists(st.sampled_from(EVERY_FIELD), min_size=1, max_size=5, unique=True)))
    return query | draw(st.sampled_from([{}, {"count": "exact"}]))


SCOPES = ("specimens:read", "drawers:read", "labels:read", "marks:read")
ASKING = ("guest", "person", "staff", "narrow", "more", "less", "staff with less", "elsewhere")


@pytest.fixture
def asking(specimens: Client, world: World) -> dict[str, Client]:
    """Somebody of each kind that the field rules of the specimens tell apart."""
    return {
        "guest": specimens,
        "person": specimens.acting_for(world.owner),
        "staff": specimens.acting_for(world.staff),
        "narrow": specimens.acting_for(world.owner, *SCOPES),
        "more": specimens.acting_for(world.owner, *SCOPES, "specimens:more"),
        "less": specimens.acting_for(world.owner, *SCOPES, "specimens:less"),
        "staff with less": specimens.acting_for(world.staff, *SCOPES, "specimens:less"),
        "elsewhere": specimens.acting_for(world.staff, "trips:read", "drawers:read"),
    }


HIDES: dict[str, dict[str, set[str]]] = {
    "specimens": {
        "prose": {"narrow", "less"},
        "amount": {"person", "narrow", "more", "less"},
        "drawer": {"person", "staff", "less", "staff with less"},
    },
    "drawers": {"name": {"person", "narrow", "more", "less"}},
    "labels": {"name": {"narrow", "less"}},
    "marks": {"text": {"person", "narrow", "more", "less"}, "label": {"narrow", "less"}},
}
"""From whom each member is hidden, as the field rules of the specimens are meant."""
LEADS = {"drawer": "drawers", "parent": "drawers", "children": "drawers", "specimens": "specimens", "labels": "labels",
         "marks": "marks", "label": "labels", "specimen": "specimens"}  # fmt: skip

BACK = {("drawers", "specimens"): ("specimens", "drawer"), ("labels", "marks"): ("marks", "label")}
"""Who is led from a label to its marks learns which label each of them has."""


def hidden_in(shown: Any, resource: str, name: str) -> list[str]:
    """Return the members of a row that somebody should not see, however deep it stands."""
    found = [f"{resource}.{member}" for member in shown if name in HIDES[resource].get(member, ())]
    for member, inside in shown.items():
        rows = inside["results"] if isinstance(inside, dict) and "results" in inside else [inside]
        for row in rows:
            if isinstance(row, dict) and member in LEADS:
                found += hidden_in(row, LEADS[member], name)
    return found


def hides(part: str, name: str) -> bool:
    """Whether a path of names, joined by dots or underscores, leads to something hidden."""
    resource = "specimens"
    for member in re.split(r"__|\.", part.removeprefix("-")):
        if name in HIDES[resource].get(member, ()):
            return True
        owner, way_back = BACK.get((resource, member), ("specimens", ""))
        if name in HIDES[owner].get(way_back, ()):
            return True
        resource = LEADS.get(member, resource)
    return False


def asks_for_hidden(query: dict[str, Any], name: str) -> bool:
    paths = [*query.get("filter", {}), *(part for n in ("ordering", "expand", "fields") for part in
                                         query.get(n, "").split(",") if part)]  # fmt: skip
    return any(hides(path, name) for path in paths)


@given(data=st.data())
def test_any_request_of_anybody(asking: dict[str, Client], settings: Any, data: st.DataObject) -> None:
    """Field rules count at every level alike: who asks for what they may not see is refused, and never shown it."""
    collection = data.draw(related_collections(set(VALUES)))
    query = data.draw(queries(collection))
    name = data.draw(st.sampled_from(ASKING))
    with stored(collection):
        if asks_for_hidden(query, name):
            refused = asking[name].get("/v1/specimens", **query)
            assert (refused.status, {fault["code"] for fault in refused.json["errors"]}) == (400, {"unknown"})
            return
        answer = at_every_level(settings, asking[name], "/v1/specimens", **query)
        assert [hidden_in(row, "specimens", name) for row in answer.json["results"]] == [[]] * len(
            answer.json["results"]
        )
        if answer.json["next"]:
            at_every_level(settings, asking[name], answer.json["next"])
        for row in collection.specimens[:1]:
            at_every_level(settings, asking[name], f"/v1/specimens/{row.id}")


@given(data=st.data())
def test_any_request_for_any_rows(specimens: Client, settings: Any, data: st.DataObject) -> None:
    collection = data.draw(related_collections(set(VALUES)))
    query = data.draw(queries(collection))
    with stored(collection):
        answer = at_every_level(settings, specimens, "/v1/specimens", **query)
        if answer.json["next"]:
            following = at_every_level(settings, specimens, answer.json["next"])
            at_every_level(settings, specimens, following.json["previous"])
        for row in collection.specimens[:1]:
            at_every_level(settings, specimens, f"/v1/specimens/{row.id}")


@given(data=st.data())
def test_any_rows_as_a_table(specimens: Client, settings: Any, data: st.DataObject) -> None:
    collection = data.draw(collections(set(VALUES)))
    with stored(collection):
        texts = []
        for level in Level:
            settings.READ_LEVEL = level.value
            texts.append(specimens.get("/v1/specimens", accept="text/csv", ordering="id").text)
    assert texts[0] == texts[1] == texts[2]


def test_nobody_ever_gets_another_actors_plan(api: Client, world: World, settings: Any) -> None:
    """Every actor asks for every shape, one after the other, while the plans of all stay kept."""
    actors = {
        "owner": api.acting_for(world.owner),
        "editor": api.acting_for(world.editor),
        "viewer": api.acting_for(world.viewer),
        "stranger": api.acting_for(world.stranger),
        "staff": api.acting_for(world.staff),
        "trips only": api.acting_for(world.owner, "trips:read"),
        "stops only": api.acting_for(world.owner, "stops:write"),
        "of the viewer": api.acting_for(world.viewer, "trips:read", "members:read"),
        "nobody": api,
    }
    urls = [
        *("/v1/trips", "/v1/stops?expand=trip", "/v1/members?ordering=role", "/v1/trips?expand=members,stops.trip"),
        *("/v1/trips?members__role=viewer", "/v1/stops?search=a&expand=trip.currency", f"/v1/trips/{world.trip.id}"),
        *("/v1/cities?limit=2", "/v1/stops?ordering=-arrives_at", "/v1/trips?stops__city__country=FR&count=exact"),
    ]

    def asked(level: Level) -> dict[tuple[str, str], tuple[int, Any]]:
        settings.READ_LEVEL = level.value
        answers = {(name, url): client.get(url) for url in urls for name, client in actors.items()}
        return {key: (got.status, pairs(got.text) if got.status == 200 else None) for key, got in answers.items()}

    reference = asked(Level.INTERPRETED)
    for _ in range(3):
        assert asked(Level.TRACED) == reference
    assert any(len(entries.traces) > 1 for entries in PLANS.entries.values() if isinstance(entries, Traces))

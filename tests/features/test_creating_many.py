"""POST of a list: every row or none, and the pointers say which was wrong."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.trips.models import Member, Role, Stop
from tests.client import Client
from tests.world import World, key

TWO = [{"position": 4, "city": 2988507}, {"position": 5, "airport": "EDDB"}]


def stops(world: World, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"trip": str(world.trip.id)} | body for body in bodies or TWO]


def count(world: World) -> int:
    return Stop.objects.filter(trip=world.trip).count()


def test_it_works(owner: Client, world: World) -> None:
    answer = owner.post("/v1/stops", stops(world))
    assert answer.status == 201
    assert [row["position"] for row in answer.json] == [4, 5]
    assert "Location" not in answer.headers
    assert [owner.get(f"/v1/stops/{row['id']}").json for row in answer.json] == answer.json


def test_the_answer_is_in_the_order_of_the_list(owner: Client, world: World) -> None:
    sent = stops(world, *({"id": str(key(90 - n)), "position": 10 + n, "city": 2988507} for n in range(9)))
    assert [row["id"] for row in owner.post("/v1/stops", sent).json] == [row["id"] for row in sent]


def test_one_that_is_wrong_and_none_is_created(owner: Client, world: World) -> None:
    before = count(world)
    answer = owner.post("/v1/stops", [*stops(world), {"position": 0, "arives_at": None}])
    assert answer.status == 400
    found = {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}
    assert found == {"/2/arives_at": "unknown", "/2/position": "min_value", "/2/trip": "required"} | {
        "/2/city": "needs_one_place"
    }
    assert count(world) == before


def test_what_is_wrong_with_any_of_them_is_told_at_once(owner: Client, world: World) -> None:
    bad = stops(
        world, {"position": "4", "city": 2988507}, TWO[1], {"position": 6, "city": 1}, {"position": 1, "city": 1}
    )
    answer = owner.post("/v1/stops", bad)
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/0/position", "/2/city", "/3/city", "/3"]


def test_a_conflict_names_its_row(owner: Client, world: World) -> None:
    answer = owner.post("/v1/stops", stops(world, TWO[0], {"position": 1, "city": 2988507}))
    assert answer.status == 409
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [("/1", "unique")]


def test_two_that_conflict_with_each_other(owner: Client, world: World) -> None:
    before = count(world)
    answer = owner.post("/v1/stops", stops(world, TWO[0], TWO[1], {"position": 4, "city": 2950159}))
    assert answer.status == 409
    [fault] = answer.json["errors"]
    assert (fault["pointer"], fault["code"]) == ("/2", "unique")
    assert fault["detail"] == "Another stop of the trip has this position: choose a free one."
    assert count(world) == before


def test_two_with_the_same_key(owner: Client, world: World) -> None:
    answer = owner.post("/v1/stops", [body | {"id": str(key(80))} for body in stops(world)])
    assert answer.status == 409
    assert answer.json["errors"] == [{"pointer": "/1/id", "code": "unique", "detail": "A row with this id exists."}]


def test_one_outside_the_policy_and_none_is_created(owner: Client, world: World) -> None:
    Member.objects.create(trip=world.other_trip, person=world.owner, role=Role.VIEWER)
    theirs = {"trip": str(world.other_trip.id), "position": 9, "city": 2988507}
    before = Stop.objects.count()
    answer = owner.post("/v1/stops", [*stops(world), theirs])
    assert answer.status == 403
    assert Stop.objects.count() == before


def test_an_empty_list_creates_nothing(owner: Client) -> None:
    answer = owner.post("/v1/stops", [])
    assert (answer.status, answer.json) == (201, [])


@pytest.mark.parametrize("item", [None, 5, "stop", True, [], [{}]])
def test_only_objects_can_be_created(owner: Client, world: World, item: Any) -> None:
    answer = owner.post("/v1/stops", [*stops(world), item])
    assert answer.status == 400
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [("/2", "invalid")]


def test_more_than_a_thousand_are_too_many(owner: Client) -> None:
    answer = owner.post("/v1/stops", [{}] * 1001)
    assert answer.status == 413
    assert "1000" in answer.json["detail"]


def test_a_thousand_are_not_too_many_and_faults_have_a_bound(owner: Client) -> None:
    answer = owner.post("/v1/stops", [{}] * 1000)
    assert (answer.status, len(answer.json["errors"])) == (400, 1000)
    assert answer.json["detail"].startswith("3000 ")


def test_without_the_answer(owner: Client, world: World) -> None:
    before = count(world)
    answer = owner.post("/v1/stops", stops(world), headers={"Prefer": "return=minimal"})
    assert (answer.status, answer.content) == (201, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert count(world) == before + 2


def test_fields_and_expand_shape_every_row(owner: Client, world: World) -> None:
    answer = owner.post("/v1/stops?fields=position,city.name&expand=city", stops(world))
    assert answer.json == [{"position": 4, "city": {"name": "Paris"}}, {"position": 5, "city": None}]


def test_the_answer_costs_as_many_queries_for_many_rows_as_for_one(owner: Client, world: World) -> None:
    def reads(first: int, rows: int) -> int:
        sent = stops(world, *({"position": first + n, "city": 2988507} for n in range(rows)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert owner.post("/v1/stops?expand=trip,city.country", sent).status == 201
        statements = [query["sql"] for query in queries]
        last_insert = max(n for n, sql in enumerate(statements) if "INSERT INTO" in sql)
        return sum(sql.startswith("SELECT") for sql in statements[last_insert:])

    assert reads(100, 1) == reads(200, 7)


def test_items_are_not_for_lists(owner: Client, world: World) -> None:
    for method in ("PUT", "PATCH"):
        answer = owner.send(method, f"/v1/trips/{world.trip.id}", [{"name": "x"}])
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "")
    assert owner.send("PUT", "/v1/trips", []).status == 405

"""`explain=plan` shows staff how the database goes about the very request."""

from typing import Any

import pytest
from django.db import OperationalError

from api.core.tracing.statements import Statement
from tests.client import Answer, Client
from tests.world import World

USED = {"sqlite": "USING INDEX", "postgresql": "Scan"}


@pytest.fixture
def staff(api: Client, world: World) -> Client:
    return api.acting_for(world.staff)


def statements(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/vnd.headwater.plan+json"
    return list(answer.json["statements"])


def test_it_works(staff: Client, vendor: str) -> None:
    for _ in range(3):  # compiled anew, and as it is kept
        answer = staff.get("/v1/cities?country=FR&ordering=-population&limit=2&explain=plan")
        [only] = statements(answer)
        assert "FR" in only["values"]
        assert "LIMIT" in only["sql"]
        assert any(USED[vendor] in line for line in only["plan"])
    assert 'desc="traced"' in answer.headers["Server-Timing"]


def test_every_statement_is_there(staff: Client) -> None:
    page = statements(staff.get("/v1/cities?limit=1&count=exact&explain=plan"))
    assert len(page) == 2
    assert "COUNT" in page[1]["sql"]
    assert len(statements(staff.get("/v1/cities?page=1&page_size=1&explain=plan"))) == 2


def test_an_item(staff: Client) -> None:
    [only] = statements(staff.get("/v1/cities/2988507?expand=country&explain=plan"))
    assert "2988507" in only["values"]
    assert len(statements(staff.get("/v1/cities/1?explain=plan"))) == 1


def test_it_shows_nothing_of_rows(staff: Client) -> None:
    assert "Paris" not in staff.get("/v1/cities?country=FR&explain=plan").text


def test_one_that_takes_too_long_is_told_all_the_same(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    staff.get("/v1/cities?explain=plan")
    fetch = Statement.fetch

    def too_long(self: Statement, *words: Any) -> Any:
        fetch(self, *words)
        raise OperationalError("interrupted")

    monkeypatch.setattr(Statement, "fetch", too_long)
    answer = staff.get("/v1/cities?explain=plan")
    assert statements(answer)[0]["plan"]
    assert "Server-Timing" not in answer.headers


def test_who_is_no_staff_is_refused(api: Client, world: World) -> None:
    for url in ("/v1/cities", "/v1/cities/2988507"):
        answer = api.acting_for(world.owner, "explain", "cities:read").get(f"{url}?explain=plan")
        assert (answer.status, answer.json["errors"][0]["detail"]) == (400, "Expected 'access'.")


@pytest.mark.parametrize("url", ["/v1/cities", "/v1/cities/2988507", "/v1/trips"])
def test_for_others_the_parameter_does_not_exist(api: Client, world: World, url: str) -> None:
    for client in (api.acting_for(world.owner), api.acting_for(world.staff, "cities:read", "trips:read")):
        answer = client.get(f"{url}?explain=plan")
        assert (answer.status, answer.json["errors"][0]["code"]) == (400, "unknown")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("explain=plans", "explain"),
        ("explain=plan&explain=plan", "explain"),
        ("explain=plan&nonsense=1", "nonsense"),
        ("explain=plan&actor=owner@example.org", "actor"),
    ],
)
def test_what_is_wrong_is_refused(staff: Client, query: str, parameter: str) -> None:
    for url in ("/v1/trips", "/v1/cities/2988507"):
        answer = staff.get(f"{url}?{query}")
        assert answer.status == 400
        assert {fault["parameter"] for fault in answer.json["errors"]} == {parameter}


def test_a_stream_has_none(staff: Client) -> None:
    assert staff.get("/v1/cities?explain=plan", accept="text/csv").status == 406


def test_plans_are_of_ones_own_rows(staff: Client) -> None:
    [only] = statements(staff.get("/v1/trips?explain=plan"))
    assert "trips_trip" in only["sql"]

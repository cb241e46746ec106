"""Field rules in writes: what one may not see is unknown in a body, what one may not write stays as it is."""

from typing import Any

import pytest

from tests.client import Client
from tests.features.crates import HIDDEN, SHOWN, said
from tests.specimens.models import Crate

CRATE = {"id": 3, "name": "Third crate"}


def test_the_answers_to_writes(crates: dict[str, Client]) -> None:
    person = crates["person"]
    assert list(person.post("/v1/crates", CRATE).json) == SHOWN
    assert [list(row) for row in person.post("/v1/crates", [{**CRATE, "id": 4, "name": "Fourth one"}]).json] == [SHOWN]
    assert list(person.patch("/v1/crates/1", {"name": "First again"}).json) == SHOWN
    assert list(person.put("/v1/crates/1", {"name": "First crate"}).json) == SHOWN
    assert "cost" in crates["staff"].patch("/v1/crates/1", {"name": "First again"}).json
    assert person.patch("/v1/crates/1?fields=cost", {"name": "First"}).status == 400


def test_a_member_that_one_may_not_see_is_unknown_in_a_body(crates: dict[str, Client]) -> None:
    stored = Crate.objects.filter(id=1).values().get()
    for name in HIDDEN - {"note"}:
        for send in (
            lambda body: crates["person"].post("/v1/crates", CRATE | body),
            lambda body: crates["person"].post("/v1/crates", [CRATE | body]),
            lambda body: crates["person"].patch("/v1/crates/1", body),
            lambda body: crates["person"].put("/v1/crates/1", {"name": "First crate"} | body),
        ):
            hidden, missing = send({name: stored.get(name, "x")}), send({"qqqq": stored.get(name, "x")})
            assert hidden.status == 400
            assert said(hidden).replace(name, "qqqq") == said(missing)
    assert Crate.objects.filter(id=1).values().get() == stored


def test_a_member_that_one_may_not_write_is_read_only(crates: dict[str, Client]) -> None:
    person = crates["person"]
    assert person.patch("/v1/crates/1", {"verified": True, "colour": "blue", "budget": 99}).status == 200
    for body in ({"verified": False}, {"colour": "red"}):
        refused = person.patch("/v1/crates/1", body)
        assert [(fault["code"], fault["pointer"]) for fault in refused.json["errors"]] == [
            ("read_only", f"/{next(iter(body))}")
        ]
    assert person.post("/v1/crates", CRATE | {"verified": False}).json["errors"][0]["code"] == "read_only"
    assert person.post("/v1/crates", CRATE | {"colour": "green"}).json["errors"][0]["code"] == "read_only"
    assert crates["staff"].patch("/v1/crates/1", {"verified": False, "colour": "red", "cost": 5}).status == 200
    narrow = crates["narrow staff"].patch("/v1/crates/1", {"cost": 1})
    assert narrow.json["errors"][0]["code"] == "unknown", "who may not see it may not write it"


def test_a_new_row_takes_the_defaults(crates: dict[str, Client]) -> None:
    assert crates["person"].post("/v1/crates", CRATE).status == 201
    assert (
        crates["person"].post("/v1/crates", [{**CRATE, "id": n, "name": f"Number {n}"} for n in (4, 5)]).status == 201
    )
    for row in Crate.objects.filter(id__gte=3):
        assert (row.shelf, row.cost, row.verified, row.note, row.colour) == ("top", 10, False, "", "green")
    made = crates["staff"].post("/v1/crates", CRATE | {"id": 6, "name": "Sixth crate", "cost": 7, "colour": "pink"})
    assert (made.json["cost"], made.json["colour"]) == (7, "pink")


def test_put_resets_nothing_that_one_may_not_write(crates: dict[str, Client]) -> None:
    assert crates["person"].put("/v1/crates/1", {"name": "Other name"}).status == 200
    row = Crate.objects.get(id=1)
    assert (row.name, row.budget) == ("Other name", 100)
    assert (row.shelf, row.cost, row.verified, row.note, row.colour) == ("low", 20, True, "hush", "blue")
    assert crates["staff"].put("/v1/crates/1", {"name": "Other name"}).status == 200
    row = Crate.objects.get(id=1)
    assert (row.shelf, row.cost, row.verified, row.colour) == ("top", 10, False, "green")


@pytest.mark.parametrize("many", [False, True])
def test_a_conflict_says_nothing_of_it(crates: dict[str, Client], many: bool) -> None:
    Crate.objects.create(id=9, name="Third crate")
    refused = crates["person"].post("/v1/crates", [CRATE] if many else CRATE)
    assert refused.status == 409
    assert refused.json["detail"] == "Another row has the same values."
    assert "shelf" not in refused.text
    told = crates["staff"].post("/v1/crates", CRATE | {"shelf": "top"})
    assert (told.status, "shelf" in told.text) == (409, True)
    moved = crates["person"].patch("/v1/crates/2", {"name": "First crate"})
    assert (moved.status, moved.json["detail"]) == (409, "Another row has the same values.")


@pytest.mark.parametrize("body", [{"budget": 1}, {"name": "F"}])
def test_a_broken_rule_says_nothing_of_it(crates: dict[str, Client], body: dict[str, Any]) -> None:
    refused = crates["person"].patch("/v1/crates/1", body)
    assert refused.status == 400
    assert [(f["pointer"], f["detail"]) for f in refused.json["errors"]] == [("", "A rule of the database is broken.")]
    assert "cost" in crates["staff"].patch("/v1/crates/1", body).text
    created = crates["person"].post("/v1/crates", {"id": 8, "name": "Ninth crate", "budget": 1})
    assert created.status == 400
    assert "cost" not in created.text


def test_actions_of_ones_own(crates: dict[str, Client]) -> None:
    path = "/v1/crates/1/label"
    assert list(crates["person"].get(path).json[0]) == list(crates["person"].patch(path, {"name": "Same one"}).json)
    assert list(crates["person"].get(path).json[0]) == SHOWN
    assert "cost" in crates["staff"].get(path).json[0]
    codes = [
        crates["person"].patch(path, body).json["errors"][0]["code"] for body in ({"cost": 1}, {"verified": False})
    ]
    assert codes == ["unknown", "read_only"]
    assert crates["staff"].patch(path, {"cost": 1, "verified": False}).json["cost"] == 1
    broken = crates["person"].patch(path, {"budget": 0})
    assert (broken.status, "cost" in broken.text) == (400, False)

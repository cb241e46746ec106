"""Search: every word occurs somewhere, case and accents folded alike on both databases."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.core.text import fold
from resources.places.models import City
from tests.client import Client
from tests.specimens.made import Collection, stored
from tests.specimens.models import Drawer, Mark, Specimen
from tests.world import World


def found(api: Client, url: str, search: str) -> list[Any]:
    answer = api.get(url, search=search, fields="id", ordering="id")
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["results"]]


BERLIN, GENEVA, ZURICH, PARIS, ETIENNE, DENIS, TEXAS = 2950159, 2660646, 2657896, 2988507, 2980291, 2980916, 4717560


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("zurich", [ZURICH]),
        ("ZÜRICH", [ZURICH]),
        ("zu\u0308rich", [ZURICH]),
        ("geneve", [GENEVA]),
        ("saint", [ETIENNE, DENIS]),
        ("saint den", [DENIS]),
        ("den saint", [DENIS]),
        ("  saint \t den\n", [DENIS]),
        ("etienne", [ETIENNE]),
        ("Saint-Étienne", [ETIENNE]),
        ("aint eti nne", [ETIENNE]),
        ("paris", [PARIS, TEXAS]),
        ("paris texas", []),
        ("%", []),
        ("_", []),
        ("ber%in", []),
        ("\\", []),
        ("'", []),
        ("-", [ETIENNE, DENIS]),
        ("2988507", []),
    ],
)
def test_it_works(api: Client, world: World, search: str, expected: list[int]) -> None:
    assert found(api, "/v1/cities", search) == sorted(expected)


@pytest.mark.parametrize(
    ("search", "expected"),
    [("fr", ["CH", "FR"]), ("fra", ["FR"]), ("paris", ["FR"]), ("bern land", ["CH"]), ("usa", ["US"])],
)
def test_words_may_stand_in_different_columns(api: Client, world: World, search: str, expected: list[str]) -> None:
    """Of a country, its name and its capital are searched, and its codes as a whole: `fr` is no part of `FRA`."""
    City.objects.filter(name="Bern").update(name="Berne")
    names = {"CH": "Fribourg and the rest of Switzerland"}
    for key, name in names.items():
        api.acting_for(world.staff).patch(f"/v1/countries/{key}", {"name": name})
    assert found(api, "/v1/countries", search) == expected


def test_related_rows_are_searched_and_no_row_stands_twice(api: Client, world: World) -> None:
    owner = api.acting_for(world.owner)
    assert found(owner, "/v1/trips", "lake") == [str(world.trip.id)]
    assert found(owner, "/v1/trips", "alps lake seats") == [str(world.trip.id)]
    stops = owner.get("/v1/stops", search="zurich").json["results"]
    assert [stop["city"] for stop in stops] == [ZURICH]


def test_what_one_may_not_read_is_not_found(specimens: Client) -> None:
    safe, open_ = Drawer.objects.create(id=1, name="amber", secret=True), Drawer.objects.create(id=2, name="amber")
    rows = [Specimen.objects.create(id=1, drawer=safe), Specimen.objects.create(id=2, drawer=open_)]
    Mark.objects.create(id=1, specimen=rows[0], text="scratch", secret=True)
    Mark.objects.create(id=2, specimen=rows[1], text="scratch")
    assert found(specimens, "/v1/specimens", "amber") == [2]
    assert found(specimens, "/v1/specimens", "scratch") == [2]


def test_it_joins_filters_and_paging(api: Client, world: World) -> None:
    walked = [row["name"] for row in api.walk("/v1/cities", search="a", country="FR", ordering="name", limit=1)]
    assert walked == ["Paris", "Saint-Denis", "Saint-Étienne"]


def test_ten_words_at_most(api: Client, world: World) -> None:
    assert found(api, "/v1/cities", "s a i n t - d e n") == [DENIS]
    for search in ("a b c d e f g h i j k", "", " ", "\t\n"):
        answer = api.get("/v1/cities", search=search)
        assert [error["parameter"] for error in answer.json["errors"]] == ["search"]


def test_what_separates_words_is_what_the_contract_calls_white_space(api: Client, world: World) -> None:
    assert api.get("/v1/cities", search="\u2003".join("abcdefghijk")).status == 400
    for other in ("\x1c", "\x1f", "\x85"):  # white space to Python alone
        assert api.get("/v1/cities", search=other.join("abcdefghijk")).status == 200


def test_a_resource_that_searches_nothing_says_so(api: Client, world: World) -> None:
    answer = api.acting_for(world.owner).get("/v1/members", search="anna")
    assert [(error["parameter"], error["detail"]) for error in answer.json["errors"]] == [
        ("search", "This resource cannot be searched.")
    ]


OLD_LETTERS = st.characters(max_codepoint=0x24FF, categories=["Lu", "Ll", "Lo", "Mn", "Nd"])
"""Letters that the Unicode tables of Python and of the databases have known for long."""


@given(text=st.text(OLD_LETTERS, min_size=1, max_size=6), data=st.data())
def test_any_part_of_a_text_is_found_however_it_is_written(specimens: Client, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    written = data.draw(st.sampled_from([part, part.upper(), part.lower(), part.swapcase(), fold(part) or part]))
    words = written.split() or [part]
    with stored(Collection(specimens=[Specimen(id=1, text=text), Specimen(id=2)])):
        expected = [1] if all(fold(word) in fold(text) for word in words) else []
        assert found(specimens, "/v1/specimens", " ".join(words)) == expected

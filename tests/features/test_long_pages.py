"""A page has a bound in bytes: by cursor it ends early, with a `next` that goes on; a classic page is a 400."""

from collections.abc import Iterator

import pytest

from tests.client import Client
from tests.world import World

MOST = 1500


@pytest.fixture(autouse=True, params=["traced", "compiled", "interpreted"])
def _bound(settings, world: World, request: pytest.FixtureRequest) -> None:
    settings.READ_LEVEL = request.param
    settings.MAX_PAGE = MOST


def walk(api: Client, url: str, direction: str = "next") -> Iterator[list[str]]:
    """Follow the links; yield the ids of each page."""
    while url:
        answer = api.get(url)
        assert (answer.status, len(answer.content) < 2 * MOST) == (200, True), answer.text
        yield [row["id"] for row in answer.json["results"]]
        url = answer.json[direction]


def everything(api: Client, settings) -> list[str]:
    settings.MAX_PAGE = 2**20
    found = [row["id"] for row in api.get("/v1/countries?limit=500").json["results"]]
    settings.MAX_PAGE = MOST
    return found


def test_it_works(api: Client, settings) -> None:
    every = everything(api, settings)
    pages = list(walk(api, "/v1/countries?limit=500"))
    assert len(pages) > 1
    assert [key for page in pages for key in page] == every


@pytest.mark.parametrize("times", [1, 4])
def test_backwards_no_row_is_lost_either(api: Client, settings, times: int) -> None:
    every = everything(api, settings)
    for _ in range(times):  # a statement that is kept, and one that is not yet
        url = "/v1/countries?limit=500"
        while following := (answer := api.get(url)).json["next"]:
            url = following
        first = [row["id"] for row in answer.json["results"]]
        back = list(walk(api, answer.json["previous"], "previous"))
        assert [*(key for page in reversed(back) for key in page), *first] == every


def test_a_count_is_that_of_all_rows(api: Client, settings) -> None:
    every = everything(api, settings)
    answer = api.get("/v1/countries?limit=500&count=exact")
    assert (answer.json["count"], len(answer.json["results"]) < len(every)) == (len(every), True)


def test_one_row_is_shown_however_long_it_is(api: Client, settings) -> None:
    settings.MAX_PAGE = 10
    answer = api.get("/v1/countries?limit=5")
    assert (answer.status, len(answer.json["results"])) == (200, 1)
    assert answer.json["next"]


def test_a_classic_page_is_refused(api: Client) -> None:
    answer = api.get("/v1/countries?page=1&page_size=500")
    assert (answer.status, answer.json["type"].rsplit("/", 1)[1]) == (400, "invalid-parameters")
    assert [(fault["parameter"], fault["code"]) for fault in answer.json["errors"]] == [("page_size", "max_value")]
    assert api.get("/v1/countries?page=1&page_size=2").status == 200

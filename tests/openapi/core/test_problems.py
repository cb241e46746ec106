"""The page behind each problem's type: for people as HTML, for programs as JSON."""

import pytest
from django.test import Client

from openapi.core.problems import EXAMPLES
from serializers.core.problems import CATALOGUE
from tests.client import Client as Api

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PROGRAM = {"Accept": "application/json"}


@pytest.mark.parametrize("slug", CATALOGUE)
def test_every_kind_has_a_page(client: Client, slug: str):
    answer = client.get(f"/problems/{slug}", headers=BROWSER)
    kind, page = CATALOGUE[slug], answer.content.decode()

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert kind.title in page
    assert f"http://testserver/problems/{slug}" in page
    assert "How to mend it" in page


def test_a_page_is_shown_to_who_asks_for_nothing(client: Client):
    assert client.get("/problems/conflict")["Content-Type"].startswith("text/html")
    assert client.get("/problems/conflict", headers={"Accept": "*/*"})["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("slug", CATALOGUE)
def test_programs_are_told_the_same(api: Api, slug: str):
    answer = api.get(f"/problems/{slug}", accept="application/json")
    kind, told = CATALOGUE[slug], answer.json

    assert "Accept" in answer.headers["Vary"]
    assert (told["title"], told["status"], told["why"], told["mend"]) == (kind.title, kind.status, kind.why, kind.mend)
    assert told["type"].endswith(f"/problems/{slug}")
    assert (told["example"]["type"], told["example"]["status"]) == (told["type"], kind.status)


def test_the_index_lists_every_kind(client: Client, api: Api):
    page = client.get("/problems", headers=BROWSER).content.decode()
    listed = api.get("/problems", accept="application/json").json["results"]

    assert all(f'href="/problems/{slug}"' in page for slug in CATALOGUE)
    assert {item["type"].rpartition("/")[2] for item in listed} == set(CATALOGUE)
    assert [item["status"] for item in listed] == sorted(item["status"] for item in listed)


def test_every_kind_has_an_example_and_every_example_a_kind():
    assert set(EXAMPLES) == set(CATALOGUE)


def test_a_slug_that_nobody_uses_is_not_found(client: Client):
    answer = client.get("/problems/no-such-thing", headers=BROWSER)

    assert answer.status_code == 404
    assert answer.json()["type"] == "http://testserver/problems/not-found"


def test_the_type_of_a_real_problem_leads_to_its_page(client: Client):
    problem = client.get("/nowhere").json()

    assert client.get(problem["type"], headers=PROGRAM).json()["type"] == problem["type"]


def test_who_has_a_page_is_not_sent_it_again(client: Client):
    for headers in (BROWSER, PROGRAM):
        etag = client.get("/problems/conflict", headers=headers)["ETag"]
        again = client.get("/problems/conflict", headers={**headers, "If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")


def test_pages_are_only_read(client: Client):
    assert client.post("/problems").status_code == 405
    assert client.delete("/problems/conflict").status_code == 405
    assert client.options("/problems/conflict")["Allow"] == "GET, HEAD, OPTIONS"

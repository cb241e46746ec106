"""The documentation's pages: everything is reached from `/docs`, and nothing comes from elsewhere."""

import re

import pytest
from django.test import Client, override_settings
from django.urls import clear_script_prefix, set_script_prefix

from openapi.core import guides, operations

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUIDES = [guide.slug for guide in guides.all_guides()]
PAGES = ["/docs", "/docs/reference", "/problems", "/problems/conflict", *(f"/docs/guides/{slug}" for slug in GUIDES)]
LOADED = re.compile(r'(?:src|<link[^>]*href)="([^"]+)"')
LINKED = re.compile(r'<a [^>]*href="(/[^"#]*)')


def test_the_guides_that_clients_need_are_there():
    assert {"first-request", "filtering", "paging", "writing", "errors"} <= set(GUIDES)


@pytest.mark.parametrize("page", PAGES)
def test_pages_allow_this_server_only(client: Client, page: str):
    answer = client.get(page)

    assert answer.status_code == 200
    unlike = {"/docs/reference": STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")}
    assert answer["Content-Security-Policy"] == unlike.get(page, STRICT)
    assert answer["Cache-Control"] == "no-cache"


def test_what_pages_load_and_link_to_is_there(client: Client):
    """One walk over all pages, since most of them lead to the same addresses."""
    named: dict[str, str] = {}
    for page in PAGES:
        html = client.get(page).content.decode()
        loaded = LOADED.findall(html)
        assert loaded, page
        assert all(address.startswith("/docs/static/") for address in loaded), page
        assert "<script>" not in html, page
        assert "style=" not in html, page
        named |= dict.fromkeys((*loaded, *LINKED.findall(html)), page)

    assert {address: page for address, page in named.items() if client.get(address).status_code != 200} == {}


def test_the_first_page_leads_to_every_operation(client: Client):
    html = client.get("/docs").content.decode()
    all_guides = [operation for tag in operations.published() for group in tag.paths for operation in group]

    assert len(all_guides) > 20
    assert all(f'href="/docs/reference#{operation.fragment}"' in html for operation in all_guides)


@pytest.mark.parametrize("slug", GUIDES)
def test_a_guide_leads_to_its_neighbours(client: Client, slug: str):
    html = client.get(f"/docs/guides/{slug}").content.decode()
    place = GUIDES.index(slug)

    assert ('rel="prev"' in html, 'rel="next"' in html) == (place > 0, place < len(GUIDES) - 1)
    assert f'href="/docs/guides/{slug}" aria-current="page"' in html
    assert html.count("<h1") == 1


def test_commands_in_guides_are_for_the_server_that_shows_them(client: Client):
    html = client.get("/docs/guides/first-request").content.decode()
    assert "http://testserver/v1/" in html
    assert guides.ORIGIN not in html

    with override_settings(PUBLIC_URL="https://api.example.org"):
        html = client.get("/docs/guides/first-request").content.decode()
    assert "https://api.example.org/v1/" in html


def test_pages_work_below_a_prefix(client: Client, request: pytest.FixtureRequest):
    request.addfinalizer(clear_script_prefix)
    set_script_prefix("/below/")  # as Django's handlers do for a request whose SCRIPT_NAME says so
    for page in PAGES:
        html = client.get(page).content.decode()

        assert 'href="/below/docs' in html
        assert not re.search(r'(?:href|src|data-contract)="/(?!below/)', html)


@pytest.mark.parametrize("slug", ["nothing", "01-first-request", "README"])
def test_a_guide_that_is_not_there_is_not_found(client: Client, slug: str):
    answer = client.get(f"/docs/guides/{slug}")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_who_has_a_page_is_not_sent_it_again(client: Client):
    etag = client.get("/docs", headers={"Accept-Encoding": "gzip"})["ETag"]
    again = client.get("/docs", headers={"Accept-Encoding": "gzip", "If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert again["Content-Security-Policy"] == STRICT


def test_pages_are_only_read(client: Client):
    assert client.post("/docs").status_code == 405
    assert client.head("/docs").status_code == 200

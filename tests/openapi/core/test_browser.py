"""The docs in a real browser, from a real server: read, tried out, and no request leaves the server."""

import os
import re
from collections.abc import Callable, Iterator

import pytest

from openapi.core import guides
from tests.live import Live, live
from tests.openapi.browser import CHROMIUM, DRIVER, MISSING, Browser, browsing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason=MISSING),
    pytest.mark.skipif(os.environ["DATABASE_URL"].startswith("postgres"), reason="the pages ask for no database"),
]

GUIDES = [f"/docs/guides/{guide.slug}" for guide in guides.all_guides()]
PAGES = ["/docs", "/docs/reference", "/problems", "/problems/invalid-body", *GUIDES]
PHONE, DESK = (390, 844), (1280, 900)


@pytest.fixture(scope="module")
def server(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(new_database(), tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture
def browser(server: Live) -> Iterator[Browser]:
    """Open a window, and hold every test to the promise: no other host, no violation, no complaint."""
    with browsing() as browser:
        browser.resize(*DESK)
        yield browser
        assert browser.violations() == []
        assert browser.complaints() == []
        assert [url for url in browser.asked() if not url.startswith((server.url, "data:", "about:"))] == []


def opened(browser: Browser, server: Live, page: str) -> None:
    """Open a page and wait until it is all there."""
    browser.chrome.get(server.url + page)
    if page == "/docs/reference":
        browser.find("#reference h1")


def tried(browser: Browser, operation: str) -> str:
    """Try out an operation of the reference and return what its dialog shows of the answer."""
    browser.click("#reference button", f"({operation})")
    browser.click("[role=dialog] button.scalar-button", "Send")
    browser.find("[role=dialog]", "Response Body")
    return browser.find("[role=dialog] .cm-content").text


def test_an_operation_is_opened_and_tried_out(browser: Browser, server: Live):
    opened(browser, server, "/docs")
    browser.click('a[aria-label$=": GET /v1/currencies"]')

    answer = tried(browser, "get /v1/currencies")

    assert '"Swiss Franc"' in answer
    assert '"next": null' in answer


def test_an_operation_that_needs_a_key_is_tried_out_with_it(browser: Browser, server: Live):
    opened(browser, server, "/docs")
    browser.click('a[aria-label$=": GET /v1/members"]')
    browser.click("#reference button", "(get /v1/members)")
    browser.find("[role=dialog] input[placeholder=Token]").send_keys(server.keys["owner"])
    browser.click("[role=dialog] button.scalar-button", "Send")

    assert '"role": "editor"' in browser.find("[role=dialog] .cm-content", "results").text
    assert f"{server.url}/v1/members" in browser.asked(), "no parameter is sent that the reader did not choose"


def test_a_link_leads_to_one_operation(browser: Browser, server: Live):
    opened(browser, server, "/docs")
    link = browser.find('a[aria-label$=": GET /v1/airports/{id}"]').get_attribute("href") or ""
    browser.chrome.get("about:blank")
    browser.chrome.get(link)

    heading = browser.find("#reference h3", "irport")
    browser.until(lambda: 0 <= heading.location_once_scrolled_into_view["y"] < DESK[1])
    assert re.search(r"/docs/reference#tag/\w+/\w+", browser.chrome.current_url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(browser: Browser, server: Live, scheme: str):
    browser.resize(*PHONE)
    browser.prefer(scheme)
    for page in PAGES:
        opened(browser, server, page)
        paper = browser.chrome.execute_script("return getComputedStyle(document.body).backgroundColor")

        assert (page, browser.overflow()) == (page, 0)
        assert (page, paper == "rgb(255, 255, 255)") == (page, scheme == "light")


def test_an_operation_is_tried_out_on_a_phone(browser: Browser, server: Live):
    browser.resize(*PHONE)
    opened(browser, server, "/docs")
    browser.click('a[aria-label$=": GET /v1/currencies"]')

    assert '"Swiss Franc"' in tried(browser, "get /v1/currencies")
    assert browser.overflow() == 0


def test_a_choice_of_dark_or_light_is_kept_on_every_page(browser: Browser, server: Live):
    browser.prefer("light")
    opened(browser, server, "/docs")
    browser.click("button.mode")

    for page in ("/docs/guides/paging", "/docs/reference"):
        opened(browser, server, page)
        browser.until(
            lambda: browser.chrome.execute_script("return getComputedStyle(document.body).colorScheme") == "dark"
        )


def test_what_is_typed_is_copied_and_nothing_else(browser: Browser, server: Live):
    permissions = {"origin": server.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.chrome.execute_cdp_cmd("Browser.grantPermissions", permissions)
    opened(browser, server, "/docs/guides/first-request")
    browser.click("button.copy")
    browser.find("button.copy", "Copied")

    copied = browser.chrome.execute_script("return navigator.clipboard.readText()")
    assert re.fullmatch(rf"curl '{server.url}/v1/cities\?\S+'", copied)

"""Markdown to HTML: anchors, links between guides, code with colours, and no HTML of anybody else's."""

import pytest

from openapi.core.highlighting import highlight
from openapi.core.markdown import Heading, render


def test_headings_have_anchors():
    text = render("# Your first request\n\nOne *short*\nparagraph.\n\n## What `limit` does\n\nMore.")

    assert text.headings == (
        Heading(1, "Your first request", "your-first-request"),
        Heading(2, "What limit does", "what-limit-does"),
    )
    assert text.summary == "One short paragraph."
    assert '<h2 id="what-limit-does">What <code>limit</code> does</h2>' in text.html


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("03-paging.md", "/api/docs/guides/paging"),
        ("03-paging.md#ties", "/api/docs/guides/paging#ties"),
        ("/problems/conflict", "/api/problems/conflict"),
        ("#below", "#below"),
        ("https://www.rfc-editor.org/rfc/rfc9457", "https://www.rfc-editor.org/rfc/rfc9457"),
    ],
)
def test_links_lead_to_pages_below_the_prefix(link: str, address: str):
    assert f'<a href="{address}">here</a>' in render(f"Look [here]({link}).", prefix="/api/").html


@pytest.mark.parametrize("source", ["<script>alert(1)</script>", "a <b onclick=x>b</b>", "[x](javascript:alert(1))"])
def test_html_is_escaped(source: str):
    html = render(source).html

    assert "<script" not in html
    assert "<b " not in html
    assert "href" not in html


def test_code_is_escaped_in_every_language():
    for language in ("json", "console", "python", "sh", "http", "nothing"):
        assert "<i>" not in highlight('<i> "<i>" # <i>', language)


def test_json_is_told_apart():
    assert highlight('{"a": ["b", 1, null]}', "json") == (
        '{<span class="name">&quot;a&quot;</span>: [<span class="string">&quot;b&quot;</span>, '
        '<span class="constant">1</span>, <span class="constant">null</span>]}'
    )


def test_a_console_tells_what_is_typed_from_what_is_answered():
    html = highlight("$ curl x \\\n    -d y\n1\n$ ls\n", "console")

    assert html == (
        '<span class="prompt">$ </span><span class="typed">curl x \\\n</span><span class="typed">    -d y\n</span>'
        '<span class="constant">1</span>\n<span class="prompt">$ </span><span class="typed">ls\n</span>'
    )


def test_a_wide_table_scrolls_by_itself():
    html = render("| a | b |\n|---|---|\n| 1 | 2 |\n").html

    assert html.startswith('<div class="table" tabindex="0"><table>')
    assert html.endswith("</table></div>\n")

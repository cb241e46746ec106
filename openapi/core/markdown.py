"""Markdown to HTML: headings that can be linked to, code with colours, links between guides. Raw HTML is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from openapi.core import highlighting

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_GUIDE_FILE = re.compile(r"^(?:\d+-)?(?P<slug>[a-z0-9-]+)\.md(?P<anchor>#.*)?$")
_NOT_IN_ANCHORS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a text: its level (1 to 6), its words and the anchor that leads to it."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered text: its HTML, its headings, and its first paragraph in plain words."""

    html: str
    headings: tuple[Heading, ...]
    summary: str


def anchor(words: str) -> str:
    """Return the anchor of a heading, as GitHub's readers expect it: lower-case words joined by hyphens."""
    return _NOT_IN_ANCHORS.sub("-", words.lower()).strip("-")


def render(source: str, *, prefix: str = "/") -> Text:
    """Render a text.

    Args:
        source: CommonMark with tables.
        prefix: the path that the application is mounted at; links beginning with `/` are put below it.
    """
    parser = _parser()
    tokens = parser.parse(source)
    headings = tuple(_name_headings(tokens))
    for token in _links(tokens):
        token.attrSet("href", _address(str(token.attrGet("href")), prefix))
    return Text(parser.renderer.render(tokens, parser.options, {}), headings, _summary(tokens))


def _name_headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give every heading its anchor."""
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            heading = Heading(int(opening.tag[1]), _plain(inline), anchor(_plain(inline)))
            opening.attrSet("id", heading.anchor)
            yield heading


def _links(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from (child for child in token.children or () if child.type == "link_open")


def _address(href: str, prefix: str) -> str:
    """Lead a link to another guide's file to its page, and a link from the root below the prefix."""
    guide = _GUIDE_FILE.match(href)
    if guide:
        return f"{prefix}docs/guides/{guide['slug']}{guide['anchor'] or ''}"
    return prefix + href[1:] if href.startswith("/") else href


def _summary(tokens: Sequence[Token]) -> str:
    pairs = pairwise(tokens)
    return next((_plain(inline) for opening, inline in pairs if opening.type == "paragraph_open"), "")


def _plain(inline: Token) -> str:
    """Return the words of a line without their markup."""
    words = {"softbreak": " ", "hardbreak": " "}
    return "".join(words.get(child.type, child.content) for child in inline.children or ())


def _fence(_: object, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """Write a fenced block; what follows the language in its first line is for tests."""
    language = (tokens[index].info.split() or [""])[0]
    code = highlighting.highlight(tokens[index].content, language)
    return f'<pre class="{escape(language)}"><code>{code}</code></pre>\n'


def _table_open(*_: Any) -> str:
    # A wide table scrolls by itself instead of widening the page on a phone.
    return '<div class="table" tabindex="0"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


@cache
def _parser() -> MarkdownIt:
    """Make the parser. Its library is loaded with the first page: most processes never show one."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser

"""The words of the house fit a head: the glossary of ARCHITECTURE.md has at most twenty, and the page two screens."""

import re

from tests.architecture.tree import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text()


def words() -> list[str]:
    table = PAGE.partition("## Words")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([A-Z][^|]*) \|", table, re.MULTILINE)
    return [word for row in rows for word in re.split(r"[,:] ", row)]


def test_there_are_at_most_twenty() -> None:
    assert 10 < len(words()) <= 20


def test_none_stands_twice() -> None:
    assert len(set(words())) == len(words())


def test_the_page_fits_two_screens() -> None:
    assert len(PAGE.splitlines()) <= 120

"""The guides: Markdown files in `openapi/guides/`, in the order of the numbers that their names begin with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from openapi.core import markdown

FOLDER = Path(__file__).parent.parent / "guides"
ORIGIN = "http://localhost:8000"  # as the guides write it; pages show the address that they are read at
_NUMBER = re.compile(r"^\d+-")


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: its slug, its title, its first paragraph as a summary, and where its text is."""

    slug: str
    title: str
    summary: str
    path: Path

    def text(self, *, prefix: str = "/") -> markdown.Text:
        """Render the guide, for an application mounted at a prefix."""
        return _text(self.path, self.path.stat().st_mtime_ns, prefix)


def all_guides(folder: Path = FOLDER) -> Sequence[Guide]:
    """Return all guides in their order."""
    return [_guide(path) for path in sorted(folder.glob("*.md"))]


def _guide(path: Path) -> Guide:
    text = _text(path, path.stat().st_mtime_ns, "/")
    return Guide(_NUMBER.sub("", path.stem), text.headings[0].text, text.summary, path)


@lru_cache(maxsize=64)
def _text(path: Path, changed: int, prefix: str) -> markdown.Text:
    """Render a file, once for each of its versions (`changed`: nanoseconds since 1970)."""
    return markdown.render(path.read_text(encoding="utf-8"), prefix=prefix)

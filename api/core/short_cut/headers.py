"""The headers of answers, taken over from Django's own: most are the same for every answer of a kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

VARYING = frozenset(
    ("Content-Length", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Server-Timing", "X-Request-ID")
)
"""The headers whose values belong to one answer."""
FOR_ONE = "Set-Cookie"
"""The header whose answers are for one client alone."""

type Headers = list[tuple[str, str]]


@dataclass
class HeaderTemplates:
    """The headers of each kind of answer; None in the place of a value that is another each time.

    Whether an answer has links or is compressed, its kind, is known only when it is there; its family before.
    """

    kinds: dict[Hashable, list[tuple[str, str | None]]] = field(default_factory=dict)
    families: set[Hashable] = field(default_factory=set)

    def learn(self, family: Hashable, kind: Hashable, headers: Iterable[tuple[str, str]]) -> None:
        """Remember the headers of an answer, and that one of its family was met."""
        template = [(name, None if name in VARYING else value) for name, value in headers]
        if FOR_ONE not in dict(template):
            self.kinds[family, kind] = template
            self.families.add(family)

    def fill(self, family: Hashable, kind: Hashable, values: Mapping[str, str]) -> Headers | None:
        """Return the headers of another answer of a kind; None for one that is not known, or has other headers."""
        template = self.kinds.get((family, kind))
        if template is None:
            return None
        headers = [(name, values.get(name, "") if value is None else value) for name, value in template]
        varying = [name for name, value in template if value is None]
        return headers if len(varying) == len(values) and all(map(values.__contains__, varying)) else None

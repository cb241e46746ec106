"""The headers of answers, taken over from Django's own: most are the same for every answer of a kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

VARYING = frozenset(
    (
        *("Content-Length", "Deprecation", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy"),
        *("Server-Timing", "Sunset", "X-Request-ID"),
    )
)
"""The headers whose values belong to one answer."""
FOR_ONE = "Set-Cookie"
"""The header whose answers are for one client alone."""

AT_TIMES = ("Link", "Deprecation", "Sunset")
"""Those of them that some answers of a resource have."""

type Headers = list[tuple[str, str]]


@dataclass
class HeaderTemplates:
    """The headers of each kind of answer; None in the place of a value that is another each time.

    Whether an answer has links or is compressed, its kind, is known only when it is there; its family before.
    """

    kinds: dict[Hashable, tuple[list[tuple[str, str | None]], frozenset[str]]] = field(default_factory=dict)
    """By family and kind: the headers, and the names of those whose values belong to one answer."""
    families: set[Hashable] = field(default_factory=set)

    def learn(self, family: Hashable, kind: Hashable, headers: Iterable[tuple[str, str]]) -> None:
        """Remember the headers of an answer, and that one of its family was met."""
        template = [(name, None if name in VARYING else value) for name, value in headers]
        names = dict(template)
        if FOR_ONE not in names:
            self.kinds[family, kind] = template, VARYING.intersection(names)
            self.families.add(family)

    def fill(self, family: Hashable, kind: Hashable, values: Mapping[str, str]) -> Headers | None:
        """Return the headers of another answer of a kind; None for one that is not known, or has other headers."""
        kept = self.kinds.get((family, kind))
        if kept is None or kept[1] != values.keys():
            return None
        template, _ = kept
        return [(name, values[name] if value is None else value) for name, value in template]

"""The headers of answers, learnt from Django's own: most are the same for every answer of a kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

DIFFERENT = frozenset(
    ("Content-Length", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Server-Timing", "X-Request-ID")
)
"""The headers whose values belong to one answer."""
ONCE = frozenset(("Set-Cookie",))
"""The headers whose answers are for one client alone."""

type Headers = list[tuple[str, str]]


@dataclass
class Learnt:
    """The headers of each kind of answer; None in the place of a value that is another each time.

    Whether an answer has links or is compressed, its kind, is known only when it is there; its family before.
    """

    kinds: dict[Hashable, list[tuple[str, str | None]]] = field(default_factory=dict)
    met: set[Hashable] = field(default_factory=set)

    def learn(self, family: Hashable, kind: Hashable, headers: Iterable[tuple[str, str]]) -> None:
        """Remember the headers of an answer, and that one of its family was met."""
        found = list(headers)
        if ONCE.isdisjoint(name for name, _ in found):
            self.kinds[family, kind] = [(name, None if name in DIFFERENT else value) for name, value in found]
            self.met.add(family)

    def headers(self, family: Hashable, kind: Hashable, values: Mapping[str, str]) -> Headers | None:
        """Return the headers of another answer of a kind; None for one that is not known, or has other headers."""
        known = self.kinds.get((family, kind))
        if known is None or {name for name, value in known if value is None} != values.keys():
            return None
        return [(name, values[name] if value is None else value) for name, value in known]

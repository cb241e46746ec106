"""The normal form of what a server says: what differs from one run of a tree to the next gives way to a name."""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

UUID = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", re.IGNORECASE)
WORLD = "0190000000007000800000000000"
"""How the ids of the small world begin, which are the same each time."""

VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d(:|%3A)\d\d(:|%3A)\d\d\.\d{1,6}(Z|[+]00:00)?"), "<time>"),
    (re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "<date>"),
    (re.compile(r"(?<=cursor=)[\w%.-]+"), "<cursor>"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), "<token>"),
    (re.compile(r"\b[0-9a-z]{32}\b"), "<token>"),
    (re.compile(r"\b\d{10}\.\d+\b"), "<time>"),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}"), "<secret>"),
    (re.compile(r"\b(?=\w*[a-z])(?=\w*[A-Z])\w{40,}"), "<secret>"),
)
HEADERS = {
    "content-length": r".+",
    "etag": r'(?<=").+(?=")',
    "ratelimit": r"(?<==)\d+",
    "retry-after": r".+",
    "server-timing": r"(?<=dur=)[\d.]+",
    "set-cookie": r"(?<==)[^;]+",
    "x-request-id": r".+",
}
"""What of a header varies."""

LONGEST = 20_000
"""Characters of a body that are written down; of a longer one its digest is as well."""


class Normal:
    """Gives ids a number in the order in which it meets them, after those that it knows."""

    def __init__(self, known: Mapping[str, int] = MappingProxyType({})) -> None:
        self.ids = dict(known)

    def text(self, text: str) -> str:
        """Return a text in its normal form."""
        text = UUID.sub(self._id, text)
        for pattern, name in VARYING:
            text = pattern.sub(name, text)
        return text

    def _id(self, found: re.Match[str]) -> str:
        digits = found[0].replace("-", "").lower()
        if digits.startswith(WORLD):
            return f"<world {int(digits[len(WORLD) :], 16)}>"
        return f"<id {self.ids.setdefault(digits, len(self.ids) + 1)}>"

    def header(self, name: str, value: str) -> str:
        """Return the line of a header."""
        varying = HEADERS.get(name.lower())
        return f"{name}: " + (re.sub(varying, "<...>", value) if varying else self.text(value))

    def body(self, content: bytes) -> str:
        """Return a body as text; a long one shortened, with a digest of the whole."""
        text = self.text(content.decode("utf-8", "backslashreplace"))
        if len(text) <= LONGEST:
            return text
        return f"{text[:LONGEST]}... {hashlib.sha256(text.encode()).hexdigest()}"

    def ids_of(self, values: Any) -> str:
        """Return the ids among the values of a statement."""
        shown = self.text(" ".join(str(value) for value in values)) if values else ""
        return " ".join(re.findall(r"<(?:id|world) \d+>", shown))

"""What is never logged: keys, tokens, passwords, wherever they turn up in a line."""

import re

from structlog.typing import WrappedLogger

HIDDEN = "***"
_NAMES = r"authorization|cookie|set-cookie|x-session-token|x-csrftoken|sessionid|csrftoken|password|passwd|secret|token"
_QUOTED = r"\\?\"[^\"\\]*\\?\"|'[^']*'"  # with the backslashes that it has inside of JSON
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"hw_[0-9A-Za-z]{8,}"), f"hw_{HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{4,500}\.[\w-]{1,4000}\.[\w-]*"), HIDDEN),  # a JSON web token
    (re.compile(r"(?i)\b(bearer|token|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,100}:)[^\s@/]{1,200}@"),
        rf"\1{HIDDEN}@",
    ),  # of a database, of mail
    (re.compile(rf"(?i)((?:{_NAMES})\\?[\"']?\s{{0,9}}[=:]\s{{0,9}})({_QUOTED}|[^\s,;&}})\]]+)"), rf"\1{HIDDEN}"),
)
"""What a secret looks like, and what is logged in its place."""


def scrubbed(text: str) -> str:
    """Return a text without its secrets."""
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def scrub(logger: WrappedLogger, name: str, line: str) -> str:
    """Scrub a line that is ready to be written (the last processor of structlog's)."""
    return scrubbed(line)

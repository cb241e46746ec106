"""What a setting must be: each function reads one from the environment's text or refuses it."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import structlog
from django.core.exceptions import ImproperlyConfigured
from structlog.typing import Processor

from api.core.server.connection_pool import check, connection_class
from api.core.settings.scrubbing import scrub

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A list of new rows touches thousands of pages: they go back into the database's file when 40 MB of them have gathered,
# rather than 4 MB at every commit.
#
# Every thread has a connection, and every connection a cache of its own, of 16 MB at most. Mapped into memory instead
# (`mmap_size`), the file counts once for each of them: with 117 MB of cities and 4 threads a process held 250 MB after
# the benchmark and 430 while it read, now 115 and 145. Single rows, lists of 50 and new rows take as long either way.
# Lists by three filters, whose pages are all over the file, take 6 of them from it and a fiftieth more time. With
# 12 MB they took 19, and a thousand new rows at once, more than the cache could hold, a fifth more.
PRAGMAS = ("synchronous=NORMAL", "cache_size=-16000", "wal_autocheckpoint=10000")
SQLITE_OPTIONS = {
    "timeout": 10,
    "transaction_mode": "IMMEDIATE",
    "init_command": "; ".join(f"PRAGMA {each}" for each in PRAGMAS),
}
POOL = {"min_size": 2, "timeout": 5, "max_lifetime": 1800, "max_idle": 300, "check": check}
PLANNING = "-c random_page_cost=1.1 -c plan_cache_mode=force_custom_plan"
"""PostgreSQL takes a page at random to cost four in a row, as on a turning disk, and so reads small tables whole: a
list inside each row took twice as long. Its manual has 1.1 for solid disks (version 18, section 19.7.2).

From the sixth time on it would plan a prepared statement for any value there may be, and keep that plan. Where one
country has a million cities and another ten, such a plan is 3,000 times slower for one of them. To plan each time takes
0.2 ms for a list and 0.13 for a row (5,000,000 cities; not to prepare at all 0.33), and statements without values are
planned once all the same."""
PREPARING = {"prepare_threshold": 5, "connect_timeout": 5}
"""Without it Django has psycopg prepare no statement, even when told to, and PostgreSQL plans every one each time."""
GRACE = 2.0
"""Seconds after its time budget at which a statement is given up, when PostgreSQL itself has not ended it."""
SPARE = 2
"""Connections of the pool for threads that answer no requests."""


def public_url(text: str) -> str:
    """Accept an origin such as `https://api.example.org`, without a path; empty when not given."""
    url = urlsplit(text)
    if text and (url.scheme not in ("http", "https") or not url.netloc or url.path.strip("/") or url.query):
        raise ImproperlyConfigured(f"PUBLIC_URL is {text!r}; write an origin such as https://api.example.org")
    return text.rstrip("/")


def secret_key(text: str, *, keep_in: Path, debug: bool, host: str) -> str:
    """Accept a key that nobody guesses, under DEBUG on loopback any; make and keep one where that will do.

    Raises:
        ImproperlyConfigured: it is weak, or missing where the server may be reached from outside.
    """
    if text and (not _is_weak(text) or (debug and host in LOOPBACK)):
        return text
    if text:
        raise ImproperlyConfigured(
            "SECRET_KEY is weak: take 32 characters or more, at random, such as those of `openssl rand -base64 36`"
        )
    if not debug and host not in LOOPBACK:
        raise ImproperlyConfigured(f"Set SECRET_KEY: a server on HOST={host} may be reached from outside")
    file = keep_in / "secret_key"
    if not file.exists():
        keep_in.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


def _is_weak(key: str) -> bool:
    """Whether a key is short, repeats itself, or is Django's or somebody else's placeholder."""
    return len(key) < 32 or len(set(key)) < 10 or "insecure" in key.lower() or "change" in key.lower()


def allowed_hosts(hosts: list[str], host: str, public: str) -> list[str]:
    """Add to the hosts given the one served, the public one, and loopback's names when served there."""
    here = ["127.0.0.1", "localhost", "[::1]"] if host in LOOPBACK else [host]
    return [*hosts, *filter(None, [urlsplit(public).hostname]), *here]


def origins(names: list[str]) -> list[str]:
    """Accept origins that a browser may call from, such as `https://app.example.org`."""
    for name in names:
        url = urlsplit(name)
        if url.scheme not in ("http", "https") or not url.netloc or url.path or url.query:
            raise ImproperlyConfigured(f"CORS_ORIGINS has {name!r}; write origins such as https://app.example.org")
    return names


def choice(name: str, text: str, *choices: str) -> str:
    """Accept one of a few words."""
    if text not in choices:
        raise ImproperlyConfigured(f"{name} is {text!r}; write {' or '.join(choices)}")
    return text


def number(name: str, text: str, least: int, most: int) -> int:
    """Accept a whole number within bounds."""
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number from {least} to {most}")
    return int(text)


def number_or_off(name: str, text: str) -> int | None:
    """Accept a whole number, or `off` for none."""
    if text != "off" and not text.isdecimal():
        raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number, or off")
    return None if text == "off" else int(text)


def seconds(name: str, text: str) -> float:
    """Accept seconds, with a fraction if need be."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0.1 <= number <= 86_400:
        raise ImproperlyConfigured(f"{name} is {text!r}; write seconds such as 10")
    return number


def database(url: str, budget: float | None, threads: int) -> dict[str, object]:
    """Read a database URL and tune the connection; only SQLite and PostgreSQL are served.

    Args:
        url: as in `DATABASE_URL`.
        budget: the seconds that PostgreSQL gives a statement; None for any.
        threads: each of which may have a connection to PostgreSQL.
    """
    parts = dj_database_url.parse(url)
    settings: dict[str, object] = {**parts}
    if parts["ENGINE"] == "django.db.backends.sqlite3":
        Path(parts["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return settings | {"ENGINE": "resources.core.database.sqlite", "OPTIONS": SQLITE_OPTIONS, "CONN_MAX_AGE": None}
    if parts["ENGINE"] == "django.db.backends.postgresql":
        of_url = parts.get("OPTIONS", {})
        limit = f"-c statement_timeout={round(budget * 1000)}" if budget else ""
        options = {"options": " ".join(filter(None, (PLANNING, limit, of_url.get("options"))))}
        pool: dict[str, object] = {**POOL, "max_size": threads + SPARE}
        pool["connection_class"] = connection_class(budget + GRACE if budget else None)
        engine = {"ENGINE": "resources.core.database.postgresql"}
        return (
            settings
            | engine
            | {"OPTIONS": {"pool": pool, **PREPARING, **of_url, **options}, "CONN_HEALTH_CHECKS": True}
        )
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgresql://")


def threads(url: str) -> int:
    """Return how many threads answer requests, where nothing else is asked for.

    SQLite has one writer, which half of the threads may wait for; the others answer from memory. PostgreSQL is waited
    for over a network.
    """
    return 4 if url.startswith("sqlite:") else 8


def threads_at_once(url: str, threads: int) -> int:
    """Return how many threads answer at once, while none takes long: as many as there are processors, with SQLite.

    SQLite keeps the processor busy that asks it. PostgreSQL is waited for, and what waits keeps nobody from answering.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(threads, processors) if url.startswith("sqlite:") else threads


# Tracebacks without the values of variables: those may be secrets.
_RENDERERS: dict[str, list[Processor]] = {
    "text": [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)],
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
}


def logging(form: str) -> dict[str, object]:
    """Log to standard error, as text for people or as JSON lines for machines."""
    if form not in _RENDERERS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {form!r}; write text or json")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDERERS[form], scrub],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        # What a client did wrong is the client's to read; it would only drown what is ours.
        "loggers": {"django.request": {"level": "CRITICAL"}, "django.security": {"level": "CRITICAL"}},
    }

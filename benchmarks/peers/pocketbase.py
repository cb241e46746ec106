"""PocketBase with the same rows: its collections made through its API, then filled from the SQLite file."""

import json
import shutil
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.serving import free_port, serve

PERSON = ("benchmark@example.org", "benchmark-password")
STAMPS = ("created_at autodate", "updated_at autodate", "revision number")
COLLECTIONS = {
    "languages": ("alpha_3 text", "name text", *STAMPS),
    "countries": (
        *("alpha_3 text", "numeric text", "name text", "continent text", "capital text", "area_km2 number"),
        *("population number", "currency text", "languages languages*", "tld text", "phone_prefix text", *STAMPS),
    ),
    "cities": (
        *("name text", "country countries", "subdivision text", "population number", "latitude number"),
        *("longitude number", "timezone text", "is_capital bool", *STAMPS),
    ),
}
"""Each field and its type; the name of a collection is a relation, one with a star to many."""
INDEXES = {
    "countries": ("population, id",),
    "cities": ("population, id", "country, population, id"),
}
TIME = "substr({}, 1, 23) || 'Z'"
SOURCES = {
    "languages": "SELECT code id, * FROM source.places_language",
    "countries": "SELECT alpha_2 id, *, currency_id currency, (SELECT json_group_array(language_id) "
    "FROM source.places_country_languages WHERE country_id = alpha_2) languages FROM source.places_country",
    "cities": "SELECT printf('%010d', geonameid) id, *, country_id country, subdivision_id subdivision "
    "FROM source.places_city",
}


def forget(folder: Path) -> None:
    """Let the rows of a folder be copied anew when it is prepared."""
    (folder / "filled").unlink(missing_ok=True)


def prepare(program: Path, folder: Path, source: str, first: int) -> None:
    """Make a folder of PocketBase's with all rows, unless it is there; cities from `first` on are a benchmark's."""
    if (folder / "filled").exists():
        remove(folder, first)
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = [str(program), "--dir", str(folder), "--automigrate=false"]
    subprocess.run([*words, "superuser", "upsert", *PERSON], check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    with serve([*words, "serve", "--http", f"127.0.0.1:{port}"], {}, port) as server:
        _make_collections(server.url)
    _fill(folder / "data.db", source)
    (folder / "filled").touch()


def _make_collections(url: str) -> None:
    identity, password = PERSON
    person = {"identity": identity, "password": password}
    signed_in = _post(f"{url}/api/collections/_superusers/auth-with-password", person)
    made: dict[str, str] = {}
    for name, fields in COLLECTIONS.items():
        indexes = [
            f"CREATE INDEX {name}_{place} ON {name} ({columns})" for place, columns in enumerate(INDEXES.get(name, ()))
        ]
        everybody = dict.fromkeys(("listRule", "viewRule", "createRule"), "")
        collection = {
            "name": name,
            "type": "base",
            "fields": list(_fields(fields, made)),
            "indexes": indexes,
            **everybody,
        }
        made[name] = _post(f"{url}/api/collections", collection, signed_in["token"])["id"]


def _fields(declared: tuple[str, ...], made: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Write fields as PocketBase takes them, the key first.

    A key of capitals costs it a look at every row when one is created; those of cities have its own form, and none.
    """
    pattern = "^[a-z0-9]+$" if "country countries" in declared else "^[A-Za-z0-9-]+$"
    key = {"name": "id", "type": "text", "primaryKey": True, "required": True, "system": True}
    yield {**key, "min": 1, "max": 15, "pattern": pattern, "autogeneratePattern": "[0-9]{10}"}
    for name, kind in map(str.split, declared):
        if kind.rstrip("*") in made:
            most = 999 if kind.endswith("*") else 1
            yield {"name": name, "type": "relation", "collectionId": made[kind.rstrip("*")], "maxSelect": most}
        else:
            more = {"onCreate": True, "onUpdate": name == "updated_at"} if kind == "autodate" else {}
            yield {"name": name, "type": kind, **more}


def _post(url: str, body: Any, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Authorization": token}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def _fill(file: Path, source: str) -> None:
    """Copy the rows."""
    connection = sqlite3.connect(file)
    connection.execute("ATTACH ? AS source", (source,))
    with connection:
        for name, fields in COLLECTIONS.items():
            kinds = dict(map(str.split, fields))
            columns = ", ".join(("id", *kinds))
            values = ", ".join(("id", *(_value(field, kind) for field, kind in kinds.items())))
            connection.execute(f"INSERT INTO {name} ({columns}) SELECT {values} FROM ({SOURCES[name]})")
    connection.execute("ANALYZE")
    connection.close()


def _value(field: str, kind: str) -> str:
    """Return a column in PocketBase's form, which knows no NULL."""
    if kind == "autodate":
        return TIME.format(field)
    return f"coalesce({field}, {0 if kind in ('number', 'bool') else "''"})"


def remove(folder: Path, first: int) -> None:
    """Remove the cities that a benchmark made."""
    with sqlite3.connect(folder / "data.db", timeout=30) as connection:
        connection.execute("DELETE FROM cities WHERE id >= ?", (str(first),))

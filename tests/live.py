"""A real server over a database of its own, which holds the small world; and a key of its staff."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.databases import manage
from tests.servers.processes import serving
from tests.servers.servers import REFERENCE, SERVERS

SERVER = (*SERVERS[REFERENCE].command, "--log-level", "warning")

LIMITS = {f"LIMIT_{name}": "1000000/m" for name in ("ANONYMOUS", "ACTOR", "LOGIN")}
"""One client asks more than any person would; limited it is all the same, so that every answer says how far."""

MAKE = """
import json
from resources.core.api_keys.models import ApiKey
from tests.world import World
world = World.make()
people = {name: getattr(world, name) for name in ("owner", "editor", "viewer", "stranger", "staff")}
print(json.dumps({name: ApiKey.objects.issue(person) for name, person in people.items()}))
"""


@dataclass(frozen=True)
class Live:
    """A server that listens.

    Attributes:
        keys: of the people of the world, by `owner`, `editor`, `viewer`, `stranger`, `staff`.
        log: what the server wrote.
    """

    url: str
    keys: dict[str, str]
    log: Path


@contextlib.contextmanager
def live(database: str, folder: Path, **environment: str) -> Iterator[Live]:
    """Serve a migrated, empty database, given by its URL, until the block ends; the log goes into the folder."""
    made = manage(database, "shell", "--no-imports", "--command", MAKE)
    with serving(SERVER, {"DATABASE_URL": database, "DEBUG": "0", **LIMITS} | environment, folder) as server:
        yield Live(server.url, json.loads(made.splitlines()[-1]), server.log)

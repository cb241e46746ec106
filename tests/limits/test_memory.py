"""What a process holds that has read everything it serves, in all of its threads."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tests.limits.process import Limited, limited

MOST = 165 * 2**20


def read(server: Limited, path: str) -> int:
    """Read a list to its end, and return how many rows it has."""
    rows = 0
    while path:
        page = json.loads(server.get(path).body)
        rows += len(page["results"])
        following = urlsplit(page["next"] or "")
        path = following.path and f"{following.path}?{following.query}"
    return rows


def test_a_process_that_has_read_everything_is_small(database: str, tmp_path: Path) -> None:
    paths = [f"/v1/{name}?limit=500&ordering={column}" for name in ("cities", "airports") for column in ("id", "-name")]
    with limited(database, tmp_path, WORK_BUDGET="off") as server, ThreadPoolExecutor(4) as clients:
        assert sum(clients.map(lambda path: read(server, path), 2 * paths)) == 4 * (34006 + 28403)
        assert server.memory < MOST

"""The floor: a bare ASGI callable that runs SQL written by hand, which makes the JSON in DRF's form.

No framework, no validation, no identity: what the server, the driver and the database cost by themselves.
"""

import os
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from benchmarks.peers.floor_sql import POSTGRESQL, SQLITE

Run = Callable[[str, Mapping[str, Any]], Awaitable[str | None]]

url = urlsplit(os.environ["DATABASE_URL"])


def on_sqlite() -> Run:
    """Run statements on one connection, in the event loop's own thread: nothing is waited for."""
    connection = sqlite3.connect(url.path[1:], isolation_level=None, cached_statements=64)
    for pragma in ("synchronous=NORMAL", "cache_size=-20000", "mmap_size=134217728", "wal_autocheckpoint=10000"):
        connection.execute(f"PRAGMA {pragma}")

    async def run(sql: str, values: Mapping[str, Any]) -> str | None:
        found = connection.execute(sql, values).fetchone()
        return found and found[0]

    return run


def on_postgresql() -> Run:
    """Run statements on a pool of asynchronous connections, each prepared once."""
    from psycopg_pool import AsyncConnectionPool

    pool = AsyncConnectionPool(url.geturl(), min_size=8, max_size=8, open=False, kwargs={"autocommit": True})

    async def run(sql: str, values: Mapping[str, Any]) -> str | None:
        if pool.closed:
            await pool.open()
        async with pool.connection() as connection:
            found = await (await connection.execute(sql, values, prepare=True)).fetchone()
        return found and found[0]

    return run


run, statements = (on_sqlite(), SQLITE) if url.scheme == "sqlite" else (on_postgresql(), POSTGRESQL)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what the statement of the path returns."""
    path, method = scope["path"], scope["method"]
    values: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode()))
    if method == "POST":
        path, values = "create", {"body": (await receive())["body"].decode()}
    elif path.startswith("/cities/") and path not in statements:
        path, values = "item", {"id": int(path.rpartition("/")[2])}
    elif "latitude__gte" in values:
        path = "three"
    elif "before" in values:
        path = "deep"
    found = await run(statements[path], values)
    await answer(send, 404 if found is None else 201 if method == "POST" else 200, (found or "null").encode())


async def answer(send: Any, status: int, body: bytes) -> None:
    """Send an answer whole."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

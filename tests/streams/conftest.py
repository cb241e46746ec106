"""One server for most tests of streams: rows that a test makes, it takes away again."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.live import Live, live


@pytest.fixture(scope="module")
def database(new_database: Callable[..., str]) -> str:
    """The URL of the server's database."""
    return new_database()


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(database, tmp_path_factory.mktemp("live")) as server:
        yield server
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def beside(database: str) -> Callable[[str], None]:
    """Another program, which knows nothing of Headwater and writes to its database."""

    def execute(sql: str) -> None:
        if database.startswith("sqlite:"):
            with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=10)) as connection:
                connection.execute(sql)
                connection.commit()
        else:
            with psycopg.connect(database) as connection:
                connection.execute(sql)  # type: ignore[call-overload]  # a text that a test wrote

    return execute


class As:
    """Somebody who writes."""

    def __init__(self, server: Live, name: str) -> None:
        self.key = server.keys[name]
        self._client = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)

    def send(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        answer = self._client.request(method, path, json=body)
        assert answer.status_code == status if status else answer.is_success, answer.text
        return answer.json() if answer.content else None

    def post(self, path: str, body: Any) -> Any:
        return self.send("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> None:
        self.send("DELETE", path)


@pytest.fixture
def owner(server: Live) -> As:
    return As(server, "owner")


@pytest.fixture
def staff(server: Live) -> As:
    return As(server, "staff")


@pytest.fixture
def viewer(server: Live) -> As:
    return As(server, "viewer")

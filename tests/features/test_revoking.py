"""A key that is revoked by one process is refused by every other within a second; a clean stop forgets no use."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.databases import manage
from tests.live import SERVER, Live, live
from tests.servers.processes import Server, serving

WSGI = ("gunicorn", "api.wsgi:application", "--bind", "127.0.0.1:{port}", "--log-level", "warning")


@pytest.fixture(scope="module")
def database(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture(scope="module")
def one(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(database, tmp_path_factory.mktemp("one")) as server:
        yield server


@pytest.fixture(scope="module")
def other(database: str, one: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(WSGI, {"DATABASE_URL": database, "DEBUG": "0"}, tmp_path_factory.mktemp("other")) as server:
        yield server


PATIENCE = 60
"""Seconds for an answer, on a machine that has other things to do."""


def client(url: str, secret: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {secret}"}, timeout=PATIENCE)


def refused_within_a_second(client: httpx.Client) -> bool:
    """Whether a client that may have been let in until now is not after a second, however often it asks meanwhile."""
    changed = time.monotonic()
    while time.monotonic() < changed + 1:
        assert client.get("/v1/trips").status_code in (200, 401)
    return client.get("/v1/trips").status_code == 401


def test_it_works(one: Live, other: Server) -> None:
    with client(one.url, one.keys["owner"]) as owner:
        made = owner.post("/v1/keys", json={"scopes": ["trips:read"]}).json()
        with client(one.url, made["secret"]) as here, client(other.url, made["secret"]) as there:
            assert [here.get("/v1/trips").status_code, there.get("/v1/trips").status_code] == [200, 200]
            assert owner.delete(f"/v1/keys/{made['id']}").status_code == 204
            assert here.get("/v1/trips").status_code == 401
            assert refused_within_a_second(there)


def test_an_owner_who_is_kept_out(one: Live, other: Server, database: str) -> None:
    with client(one.url, one.keys["stranger"]) as here, client(other.url, one.keys["stranger"]) as there:
        assert [here.get("/v1/trips").status_code, there.get("/v1/trips").status_code] == [200, 200]
        outside = "from resources.accounts.models import Person as P; P.objects.filter(name='Stranger')"
        manage(database, "shell", "--no-imports", "--command", f"{outside}.update(is_active=False)")
        assert refused_within_a_second(here)
        assert there.get("/v1/trips").status_code == 401


@pytest.mark.parametrize("command", [SERVER, WSGI], ids=["ASGI", "WSGI"])
def test_a_clean_stop_forgets_no_use(one: Live, database: str, command: tuple[str, ...], tmp_path: Path) -> None:
    name = "editor" if command is SERVER else "viewer"
    served = serving(command, {"DATABASE_URL": database, "DEBUG": "0"}, tmp_path)
    with served as server, client(server.url, one.keys[name]) as here:
        assert here.get("/v1/trips").status_code == 200
    with client(one.url, one.keys[name]) as there:
        [key] = there.get("/v1/keys").json()["results"]
    assert key["last_used_at"] is not None

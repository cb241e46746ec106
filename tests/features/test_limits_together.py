"""Processes that share a Valkey count together, exactly, whatever comes in parallel."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.live import SERVER, Live, live
from tests.servers.processes import Server, serving

QUOTA = 50


@pytest.fixture(scope="module")
def pair(
    new_database: Callable[..., str], valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Live, Server]]:
    """Two servers over one database and one Valkey."""
    folder, database = tmp_path_factory.mktemp("pair"), new_database()
    limits = {"VALKEY_URL": valkey, "LIMIT_ANONYMOUS": f"{QUOTA}/d", "LIMIT_ACTOR": f"{QUOTA}/d"}
    with (
        live(database, folder, **limits) as one,
        serving(SERVER, {"DATABASE_URL": database, "DEBUG": "0"} | limits, folder) as other,
    ):
        for server in (one, other):  # the first list of a process takes it more than the work of one request
            for _ in range(3):
                httpx.get(f"{server.url}/v1/countries", headers={"Authorization": f"Bearer {one.keys['editor']}"})
        yield one, other


@pytest.mark.parametrize("who", ["a guest", "a key"])
def test_it_works(pair: tuple[Live, Server], who: str) -> None:
    one, other = pair
    headers = {"Authorization": f"Bearer {one.keys['owner']}"} if who == "a key" else {}
    with httpx.Client(headers=headers) as client, ThreadPoolExecutor(8) as threads:

        def ask(number: int) -> int:
            return client.get(f"{(one, other)[number % 2].url}/v1/countries").status_code

        found = list(threads.map(ask, range(3 * QUOTA)))
    assert sorted(found) == [200] * QUOTA + [429] * 2 * QUOTA

"""A PostgreSQL that answers nothing any more: its probes, and its requests."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.databases import manage, resources, start_postgresql
from tests.limits.gate import Gate
from tests.limits.process import Limited, limited

BUDGET = 2


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    """Start a PostgreSQL, behind a gate; it ends with the run, and may not be root's."""
    kept = Path(resources.enter_context(TemporaryDirectory(prefix="headwater-")))
    url = urlsplit(start_postgresql(kept))
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE headwater")
    [folder] = parse_qs(url.query)["host"]
    with Gate(Path(folder) / ".s.PGSQL.5432") as gate:
        gate.url = f"postgresql://{url.username}@127.0.0.1:{gate.port}{url.path}?sslmode=disable&gssencmode=disable"
        manage(gate.url, "migrate")
        yield gate


@pytest.fixture(scope="module")
def server(gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Limited]:
    with limited(gate.url, tmp_path_factory.mktemp("frozen"), TIME_BUDGET=str(BUDGET)) as started:
        yield started


def timed(server: Limited, path: str) -> tuple[int, float]:
    began = time.monotonic()
    return server.get(path, seconds=60).status, time.monotonic() - began


def test_probes_and_requests_of_a_frozen_database(server: Limited, gate: Gate) -> None:
    assert [server.get(path).status for path in ("/livez", "/readyz", "/v1/countries")] == [200] * 3
    gate.open.clear()
    with ThreadPoolExecutor(20) as crowd:
        requests = [crowd.submit(timed, server, "/v1/countries") for _ in range(12)]  # more than there are threads
        time.sleep(0.5)
        probes = [timed(server, path) for path in ("/livez", "/readyz", "/livez", "/readyz")]
        assert [status for status, _ in probes] == [200, 503, 200, 503]
        assert max(seconds for _, seconds in probes[::2]) < 1
        assert max(seconds for _, seconds in probes[1::2]) < 2
        answers = [request.result() for request in requests]
    assert {status for status, _ in answers} == {503}
    assert (
        max(seconds for _, seconds in answers) < 30
    )  # a request waits for its statement, then for another connection; some queue
    gate.open.set()
    deadline = time.monotonic() + 20
    while server.get("/readyz").status != 200:
        assert time.monotonic() < deadline
        threading.Event().wait(0.2)
    assert server.get("/v1/countries").status == 200

"""`manage.py serve`, as `make run` calls it: from an empty folder to answered calls, and to a clean end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.servers.processes import PATIENCE, ROOT, free_port

SERVE = (sys.executable, "manage.py", "serve")
CALL = re.compile(r"^    (curl .*?)(?=\n\n)", re.MULTILINE | re.DOTALL)


@dataclass
class Run:
    """A server that was started, and what it has printed."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def printed(self) -> str:
        return self.log.read_text()

    @property
    def key(self) -> str:
        return re.findall(r"Your admin key\s+(hw_\w+)", self.printed)[0]

    @property
    def calls(self) -> list[str]:
        """The calls that it says to try."""
        return CALL.findall(self.printed)

    def get(self, path: str, key: str = "", **query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.get(self.url + path, params=query, headers=headers, timeout=PATIENCE)

    def end(self, number: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def run(database: str, folder: Path, *options: str, **environment: str) -> Iterator[Run]:
    """Start a server and wait for its first answer; `{port}` in an option stands for its port."""
    port = free_port()
    given = os.environ | {"DATABASE_URL": database, "PORT": str(port)} | environment
    log = folder / f"serve-{port}.log"
    with log.open("w") as output:
        words = [*SERVE, *(option.format(port=port) for option in options)]
        process = subprocess.Popen(words, cwd=ROOT, env=given, stdout=output, stderr=output, text=True)
    started = Run(process, f"http://127.0.0.1:{port}", log)
    try:
        wait(started)
        yield started
    finally:
        process.kill()
        process.wait()


def wait(started: Run) -> None:
    """Wait for the first answer, through a first run's loading of the data."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert started.process.poll() is None, started.printed
        with suppress(httpx.TransportError):
            assert started.get("/livez").status_code == 200
            return
        time.sleep(0.05)
    raise TimeoutError(started.printed)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The first run, with no database."""
    folder = tmp_path_factory.mktemp("first")
    with run(f"sqlite:///{folder / 'new.sqlite3'}", folder, "--sample") as started:
        yield started


@pytest.fixture
def start(new_database: Callable[..., str], tmp_path: Path) -> Callable[..., object]:
    """Start further runs, on a database that is filled already."""
    database = new_database(filled=True)
    return lambda *options, **environment: run(database, tmp_path, *options, **environment)


@pytest.mark.parametrize(("resource", "count"), [("countries", 252), ("cities", 34006), ("airports", 28403)])
def test_it_loads_the_real_data(first: Run, resource: str, count: int):
    assert first.get(f"/v1/{resource}", count="exact", limit="1").json()["count"] == count


def test_it_prints_where_everything_is(first: Run):
    assert first.url in first.printed
    assert f"{first.url}/docs" in first.printed
    assert "text/html" in first.get("/docs").headers["Content-Type"]
    assert len(first.calls) == 3


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_calls_that_it_prints_work_as_printed(first: Run, number: int):
    call = first.calls[number]
    done = subprocess.run(
        ["/bin/sh", "-c", f"{call} -sS --fail-with-body"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("{")


def test_its_key_may_do_everything(first: Run):
    assert first.get("/v1/trips").status_code == 401
    assert first.get("/v1/trips", first.key).status_code == 200


def test_an_upgrade_is_heard_as_one(first: Run):
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    answer = httpx.get(f"{first.url}/livez", headers=upgrade | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "No WebSocket is offered here."
    assert "[error" not in first.printed


def test_a_further_run_replaces_the_key(start: Callable[..., object]):
    with start("--sample") as one:
        key = one.key
    with start("--sample") as other:
        assert other.get("/v1/trips", key).status_code == 401
        assert other.get("/v1/trips", other.key).status_code == 200


def test_without_the_sample_it_makes_no_key(start: Callable[..., object]):
    with start() as started:
        assert started.get("/v1/cities/2988507").json()["name"] == "Paris"
        assert "hw_" not in started.printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_it_cleanly(start: Callable[..., object], number: int, workers: str):
    with start("--sample", WORKERS=workers) as started:
        assert started.get("/v1/cities", limit="1").status_code == 200
        assert started.end(number) == 0
        assert "Traceback" not in started.printed


def test_a_taken_port_is_said_in_one_line(first: Run):
    port = first.url.rpartition(":")[2]
    done = subprocess.run([*SERVE, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        f"CommandError: Cannot serve on 127.0.0.1:{port}: address already in use. "
        f"Try another: PORT={int(port) + 1} make run\n"
    )


def test_options_stand_for_the_environment(start: Callable[..., object]):
    with start("--port", "{port}", PORT="1") as started:
        assert started.get("/v1/cities", limit="1").status_code == 200
        assert started.get("/").json()["docs"] == f"{started.url}/docs"


def test_an_option_that_is_wrong_is_said_by_serve():
    done = subprocess.run([*SERVE, "--port", "many"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "argument --port: invalid int value: 'many'" in done.stderr


def test_a_database_out_of_reach_is_said_in_one_line(tmp_path: Path):
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    environment = os.environ | {"DATABASE_URL": nowhere, "PORT": str(free_port())}
    done = subprocess.run([*SERVE, "--sample"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "CommandError: The database does not answer. Is DATABASE_URL right?" in done.stderr
    assert "Traceback" not in done.stderr

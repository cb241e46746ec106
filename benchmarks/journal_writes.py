"""Writes in one tree, by turns with another: `benchmarks.journal` says when. Runs in whatever tree it is started in."""

import gc
import io
import json
import sys
import time
import uuid
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

call_command("migrate", verbosity=0)

from api.wsgi import application  # noqa: E402
from resources.accounts.models import Person  # noqa: E402
from resources.core.api_keys.models import ApiKey  # noqa: E402
from resources.trips.models import Trip  # noqa: E402

TRIP = {"name": "Along the Loire", "begins_on": "2027-05-01", "ends_on": "2027-05-20", "notes": "By bicycle.\nSlowly."}
CLOCK = time.process_time if connection.vendor == "sqlite" else time.perf_counter
"""PostgreSQL's own time counts, which is spent in another process; SQLite's is spent in this one."""

owner = Person.objects.create(email=f"{uuid.uuid4()}@example.org")
key = ApiKey.objects.issue(owner)
row = Trip.objects.create(owner=owner, **TRIP)


def send(method: str, path: str, body: object) -> None:
    """Send a request to the WSGI application."""
    content = json.dumps(body).encode()
    environ: dict[str, object] = {}
    setup_testing_defaults(environ)
    environ |= {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)), "wsgi.input": io.BytesIO(content), "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": f"Bearer {key}",
    }  # fmt: skip
    status: list[str] = []
    answer = application(environ, lambda code, _: status.append(code))
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not status[0].startswith("20"):
        raise SystemExit(f"{method} {path}: {status[0]}")


def save(times: int) -> None:
    """Save a row, in a transaction of its own."""
    for number in range(times):
        row.name = f"Along the Loire {number}"
        row.save()


def patch(times: int) -> None:
    """Change a row over HTTP."""
    for number in range(times):
        send("PATCH", f"/v1/trips/{row.pk}", {"name": f"Along the Loire {number}"})


def post(times: int) -> None:
    """Create a row over HTTP."""
    for _ in range(times):
        send("POST", "/v1/trips", TRIP)


def post_list(times: int) -> None:
    """Create a thousand rows over HTTP."""
    for _ in range(times):
        send("POST", "/v1/trips", [TRIP] * 1000)


def update(times: int) -> None:
    """Change a thousand rows by one statement."""
    for _ in range(times):
        Trip.objects.filter(pk__in=Trip.objects.order_by("pk").values("pk")[:1000]).update(notes=str(uuid.uuid4()))


WORK: dict[str, Callable[[int], None]] = {each.__name__: each for each in (save, patch, post, post_list, update)}


def main() -> None:
    """Do what each line says, and print the seconds that it took."""
    post_list(1)
    patch(5)
    print("ready", flush=True)
    for line in sys.stdin:
        name, times = line.split()
        gc.collect()
        began = CLOCK()
        WORK[name](int(times))
        print(CLOCK() - began, flush=True)


main()

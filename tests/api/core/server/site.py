"""A small Django site for the bridge's corner cases, settings and URLs in one module; served by a real uvicorn."""

import json
import os
import threading
import time
from collections import Counter, defaultdict
from contextvars import ContextVar

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import get_script_prefix, get_urlconf, path, re_path, set_script_prefix, set_urlconf
from django.utils import timezone, translation

SECRET_KEY = "for tests only, on a loopback address"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
PUBLIC_URL = os.environ.get("SITE_PUBLIC_URL", "")
INSTALLED_APPS: list[str] = []
MIDDLEWARE = ["tests.api.core.server.site.too_large"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("SITE_DATABASE", ":memory:")}}
USE_I18N = True
USE_TZ = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
MAX_CONNECTIONS = int(os.environ.get("SITE_CONNECTIONS", "1000"))
MAX_HEAD = 2**16
MAX_ANSWERS = int(os.environ.get("SITE_ANSWERS", str(2**20)))
HEAD_TIMEOUT = BODY_TIMEOUT = ANSWER_TIMEOUT = float(os.environ.get("SITE_TIMEOUT", "30"))
THREADS = 2

colour: ContextVar[str] = ContextVar("colour", default="none")
journal: list[str] = []
"""What happened in this process; a test that has changed something reads it at `/journal`."""
gates: defaultdict[str, threading.Event] = defaultdict(threading.Event)
"""What views and streams wait at, by name, until a test asks for `/open?gate=`."""
made: Counter[str] = Counter()
"""Pieces of streams so far, by name; a test reads it at `/made`."""
meeting = threading.Barrier(THREADS)
PATIENCE = 60
"""Seconds that are waited for what a test is to do."""


def too_large(get_response):
    """Answer 413 to a body over the limit, as the API's own middleware does."""
    from django.core.exceptions import RequestDataTooBig

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    middleware.process_exception = lambda request, error: (
        HttpResponse(str(error), status=413) if isinstance(error, RequestDataTooBig) else None
    )
    return middleware


def echo(request: HttpRequest) -> HttpResponse:
    """Say what Django sees of a request."""
    meta = {name: text for name, text in request.META.items() if isinstance(text, str)}
    seen = {"method": request.method, "path": request.path, "path_info": request.path_info, "meta": meta}
    return JsonResponse(
        seen | {"body": request.body.decode("latin-1"), "cookies": request.COOKIES, "query": request.GET}
    )


def length(request: HttpRequest) -> HttpResponse:
    """Say how long the body is."""
    return JsonResponse({"length": len(request.body)})


def unread(request: HttpRequest) -> HttpResponse:
    """Answer without reading the body."""
    return HttpResponse("unread")


def state(request: HttpRequest) -> HttpResponse:
    """Say what the thread holds that a request before may have left behind."""
    return JsonResponse(
        {
            "thread": threading.current_thread().name,
            "language": translation.get_language(),
            "zone": timezone.get_current_timezone_name(),
            "urlconf": get_urlconf(),
            "prefix": get_script_prefix(),
            "colour": colour.get(),
            "transaction": connection.in_atomic_block,
        }
    )


def litter() -> None:
    translation.activate("fr")
    timezone.activate("Asia/Tokyo")
    set_urlconf("nowhere")
    set_script_prefix("/elsewhere/")
    colour.set("red")


def leave_behind(request: HttpRequest) -> HttpResponse:
    """Change everything that a request can change."""
    litter()
    return state(request)


def slow(request: HttpRequest) -> HttpResponse:
    """Wait at the gate of the request's name, some seconds at most, and write down that it began and ended."""
    journal.append(f"begun {request.GET['name']}")
    gates[request.GET["name"]].wait(float(request.GET.get("seconds", PATIENCE)))
    journal.append(request.GET["name"])
    return HttpResponse("slow")


def open_gate(request: HttpRequest) -> HttpResponse:
    """Let pass what waits at a gate."""
    gates[request.GET["gate"]].set()
    return HttpResponse("open")


def meet(request: HttpRequest) -> HttpResponse:
    """Answer when each thread does this at once."""
    meeting.wait(PATIENCE)
    return HttpResponse("met")


def status(request: HttpRequest, code: int) -> HttpResponse:
    """Answer with a status, and a body that some statuses must not have."""
    return HttpResponse("body", status=code)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Stream pieces, and write down when that ends."""
    return StreamingHttpResponse(pieces(request.GET), content_type="text/plain")


def pieces(query):
    number = 0
    try:
        for number in range(int(query.get("count", 3))):
            time.sleep(float(query.get("pause", 0)))
            if number and "gate" in query:
                gates[query["gate"]].wait(PATIENCE)
            made[query.get("name")] += 1
            if query.get("fault") == str(number):
                raise ValueError("a fault in a generator")
            yield f"{number}:".ljust(int(query.get("size", 2)), ".")
    finally:
        journal.append(f"closed {query.get('name')} in {threading.current_thread().name}")
        journal.append(f"made {number + 1} for {query.get('name')}")


def states(request: HttpRequest) -> StreamingHttpResponse:
    """Stream what each piece's thread sees, in surroundings that the view has changed."""
    translation.activate("fr")
    timezone.activate("Asia/Tokyo")
    colour.set("red")

    def lines():
        for _ in range(int(request.GET["count"])):
            time.sleep(0.01)  # longer than a turn hurries, so that each line has a turn of its own
            yield state(request).content + b"\n"

    return StreamingHttpResponse(lines())


def rows(request: HttpRequest) -> StreamingHttpResponse:
    """Stream one query per piece."""

    def lines():
        for number in range(5):
            time.sleep(0.01)
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s + 1", [number])
                yield f"{cursor.fetchone()[0]}\n"

    return StreamingHttpResponse(lines())


def in_transaction(request: HttpRequest) -> StreamingHttpResponse:
    """Stream out of a transaction, which a stream may not hold."""

    def lines():
        yield "x" * 2**17
        with transaction.atomic():
            yield "y" * 2**17
            yield "z" * 2**17

    return StreamingHttpResponse(lines())


def ticks(request: HttpRequest) -> StreamingHttpResponse:
    """Stream from the event loop, without a thread, for ever."""

    async def lines():
        import asyncio

        try:
            while True:
                yield f"tick {threading.current_thread().name} {colour.get()}\n"
                await asyncio.sleep(0.02)
        finally:
            journal.append(f"closed {request.GET.get('name')} in {threading.current_thread().name}")

    colour.set("red")
    return StreamingHttpResponse(lines())


def quit_process(request: HttpRequest) -> HttpResponse:
    """Do what a careless library does."""
    raise SystemExit(3)


def fail(request: HttpRequest) -> HttpResponse:
    """Fail, so that `handler500` is asked, and fails as well."""
    raise ValueError("a fault in a view")


def broken_handler(request: HttpRequest) -> HttpResponse:
    """Fail where Django has no more handlers."""
    raise ValueError("a fault in the handler of faults")


handler500 = broken_handler


def journal_view(request: HttpRequest) -> HttpResponse:
    """Say what happened."""
    return HttpResponse(json.dumps(journal), content_type="application/json")


def made_view(request: HttpRequest) -> HttpResponse:
    """Say how many pieces of a stream have been made."""
    return HttpResponse(str(made[request.GET["name"]]))


urlpatterns = [
    path("length", length),
    path("unread", unread),
    path("state", state),
    path("leave-behind", leave_behind),
    path("slow", slow),
    path("open", open_gate),
    path("meet", meet),
    path("made", made_view),
    path("status/<int:code>", status),
    path("stream", stream),
    path("states", states),
    path("rows", rows),
    path("in-transaction", in_transaction),
    path("ticks", ticks),
    path("quit", quit_process),
    path("fail", fail),
    path("journal", journal_view),
    re_path("^echo", echo),
]

"""What an orchestrator asks: whether the process lives, and whether it can serve."""

from django.db import Error, connections
from django.http import HttpRequest, HttpResponse

from api.core.http import errors
from api.core.http.methods import only
from serializers.core.json import encode
from serializers.core.problems import problem

AWAY = problem("unavailable", "A database does not answer, or is no longer the file that was opened.", retry_after="1")


def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process answers at all."""
    return only(request, "GET", "HEAD") or _status("alive")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every database answers, 503 otherwise."""
    return only(request, "GET", "HEAD") or _readiness(request)


def _readiness(request: HttpRequest) -> HttpResponse:
    return _status("ready") if databases_answer() else errors.answer(request, AWAY)


def databases_answer() -> bool:
    """Whether every database does, and is the one that was opened."""
    try:
        for connection in connections.all():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not connection.is_usable():  # the file of SQLite is another one by now
                connection.close()
                return False
    except Error:
        return False
    return True


def _status(status: str) -> HttpResponse:
    body = encode({"status": status})
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})

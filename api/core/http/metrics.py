"""What Prometheus reads: requests by route, method and status, and how long they took."""

import time
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest

from api.core.http.methods import only

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
SECONDS = Histogram(
    "headwater_request_seconds",
    "Time from the request to the head of its answer, in seconds.",
    ("route", "method", "status"),
    buckets=BUCKETS,
)


class Metrics:
    """Times every request. Routes, not paths, are counted, so that a client cannot invent series."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.view_name if match and match.url_name else "none"
        method = request.method if request.method in METHODS else "other"
        timer(route, method, response.status_code).observe(time.perf_counter() - began)
        return response


@cache
def timer(route: str, method: str, status: int) -> Histogram:
    """Return what observes the seconds of a kind of answer."""
    return SECONDS.labels(route, method, status)


def exposition(request: HttpRequest) -> HttpResponse:
    """Answer with every metric, as Prometheus reads them."""
    return only(request, "GET", "HEAD") or HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)

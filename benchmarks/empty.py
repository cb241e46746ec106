"""The smallest Django site, served in three ways: what `bridge.py` compares. Settings and URLs in one module."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

SECRET_KEY = "for benchmarks only, on a loopback address"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = __name__
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
THREADS = 2


def view(request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse()


async def async_view(request: HttpRequest) -> HttpResponse:
    """Answer with nothing, from the event loop."""
    return HttpResponse()


urlpatterns = [path("sync", view), path("async", async_view)]


async def bare(scope, receive, send):
    """Answer as a bare ASGI callable: what the server itself costs."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


def django_asgi():
    """Return Django's own ASGI handler."""
    from django.core.asgi import get_asgi_application

    return get_asgi_application()

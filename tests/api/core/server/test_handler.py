"""The same handler under WSGI: what a WSGI server leaves to it."""

import io
import json
from uuid import UUID

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import path

from api.core.server import body
from api.core.server.handler import REFUSED, Handler, frame
from serializers.core.problems import problem

LIMIT = 1000


def length(request):
    return HttpResponse(str(len(request.body)))


def broken(request):
    raise ValueError("a fault in a view")


def marked(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Marked"] = "yes"
        return response

    return middleware


handler500 = broken
urlpatterns = [path("length", length), path("broken", broken)]


@pytest.fixture(autouse=True)
def _site(settings, db):  # `db`: Django's handler looks after the connections that other tests have left open
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = LIMIT


def call(path, sent=b"", **environ):
    """Answer as a WSGI server would ask for it; return the status line, the headers and the body."""
    told = RequestFactory().generic("POST", path).environ | {"wsgi.input": io.BytesIO(sent)} | environ
    started = []
    response = Handler()(told, lambda *start: started.extend(start))
    content = b"".join(response)
    response.close()
    return started[0], dict(started[1]), content


def test_it_works():
    assert call("/length", b"abc", CONTENT_LENGTH="3")[2] == b"3"


@pytest.mark.parametrize("size", [0, 1, LIMIT])
def test_a_chunked_body_is_given_its_length(size):
    told = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert call("/length", b"x" * size, **told)[2] == str(size).encode()


class Endless(io.RawIOBase):
    """A body without end, that counts what is read of it."""

    def __init__(self):
        self.length = 0

    def read(self, size=-1):
        self.length += size
        return b"x" * size


CHUNKED = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
LARGE = {"CONTENT_LENGTH": str(LIMIT + 1)}


@pytest.mark.parametrize("framing", [CHUNKED, LARGE])
def test_a_refused_body_is_taken_in_but_not_without_end(framing, monkeypatch):
    monkeypatch.setattr(body, "MOST_DISCARDED", 2**20)
    endless = Endless()
    assert call("/length", **framing, **{"wsgi.input": endless})[0] == "400 Bad Request"
    assert 2**20 <= endless.length <= 2**20 + 2**17


def test_a_refused_body_that_waits_to_be_sent_is_not_asked_for():
    endless = Endless()
    assert call("/length", **LARGE, HTTP_EXPECT="100-continue", **{"wsgi.input": endless})[0] == "400 Bad Request"
    assert endless.length == 0


@pytest.mark.parametrize("declared", ["", "nonsense", "-1"])
def test_a_length_that_is_none_is_no_body(declared):
    assert call("/length", b"abc", CONTENT_LENGTH=declared)[2] == b"0"


def test_what_escapes_django_is_a_problem():
    status, headers, content = call("/broken", HTTP_X_REQUEST_ID="of-the-client")
    assert (status, headers["Content-Type"]) == ("500 Internal Server Error", "application/problem+json")
    found = json.loads(content)
    assert found["type"] == "http://testserver/problems/internal-error"
    assert found["instance"] == headers["X-Request-ID"] == "of-the-client"


def test_a_request_that_was_refused_before_passes_the_middleware_and_asks_no_view(settings):
    settings.MIDDLEWARE = [f"{__name__}.marked"]
    status, headers, content = call("/broken", **{REFUSED: problem("unavailable", "Away.", retry_after="7")})
    assert (status, headers["Retry-After"], headers["X-Marked"]) == ("503 Service Unavailable", "7", "yes")
    assert json.loads(content)["instance"] == headers["X-Request-ID"]


@pytest.mark.parametrize("sent", ["", "two words", "x" * 129, "<script>"])
def test_an_id_that_is_none_is_not_repeated(sent):
    _, headers, _ = call("/broken", HTTP_X_REQUEST_ID=sent)
    assert UUID(headers["X-Request-ID"]).version == 7


@pytest.mark.parametrize(
    ("method", "response", "length", "content"),
    [
        ("GET", HttpResponse("abc"), "3", b"abc"),
        ("HEAD", HttpResponse("abc"), "3", b""),
        ("GET", HttpResponse("abc", status=204), None, b""),
        ("GET", HttpResponse("abc", status=304, headers={"Content-Length": "3"}), None, b""),
        ("GET", StreamingHttpResponse([b"abc"]), None, b"abc"),
        ("HEAD", StreamingHttpResponse([b"abc"]), None, b""),
        ("HEAD", StreamingHttpResponse([b"abc"], headers={"Content-Length": "3"}), "3", b""),
    ],
)
def test_framing(method, response, length, content):
    request = RequestFactory().generic(method, "/")
    answer = frame(request, response)
    assert (answer.get("Content-Length"), answer.getvalue()) == (length, content)


def test_a_stream_left_out_is_closed():
    closed = []

    class Rows:
        def __iter__(self):
            return iter([b"abc"])

        def close(self):
            closed.append(True)

    frame(RequestFactory().head("/"), StreamingHttpResponse(Rows())).close()
    assert closed == [True]

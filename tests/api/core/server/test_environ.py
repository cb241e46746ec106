"""What Django is told of a request: one row per corner of ASGI's scope."""

import io

import pytest

from api.core.server.environ import environ

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "https",
    "path": "/v1/cities",
    "raw_path": b"/v1/cities",
    "root_path": "",
    "query_string": b"limit=2",
    "headers": [],
    "server": ("api.example.org", 443),
    "client": ("192.0.2.1", 5000),
}


def environ_of(*headers: tuple[bytes, bytes], **changes):
    return environ(SCOPE | {"headers": list(headers)} | changes, io.BytesIO(b"body"), 4)


def test_it_says_what_the_scope_says():
    told = environ_of((b"host", b"api.example.org"), (b"content-type", b"application/json"))
    assert told["wsgi.input"].read() == b"body"
    assert {name: text for name, text in told.items() if isinstance(text, str)} == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/v1/cities",
        "QUERY_STRING": "limit=2",
        "CONTENT_LENGTH": "4",
        "CONTENT_TYPE": "application/json",
        "SERVER_NAME": "api.example.org",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "REMOTE_PORT": "5000",
        "HTTP_HOST": "api.example.org",
        "wsgi.url_scheme": "https",
    }


@pytest.mark.parametrize(
    ("path", "raw", "root", "script_name", "path_info"),
    [
        ("/caf\xe9", b"/caf%C3%A9", "", b"", b"/caf\xc3\xa9"),
        ("/caf\ufffd", b"/caf%E9", "", b"", b"/caf\xe9"),
        ("/caf\xe9", None, "", b"", b"/caf\xc3\xa9"),
        ("/a%2Fb", b"/a%252Fb", "", b"", b"/a%2Fb"),
        ("/api/v1", b"/api/v1", "/api", b"/api", b"/v1"),
        ("/api/v1", b"/api/v1", "/api/", b"/api", b"/v1"),
        ("/api", b"/api", "/api", b"/api", b""),
        ("/v1", b"/v1", "/api", b"/api", b"/v1"),
        ("/apiary", b"/apiary", "/api", b"/api", b"/apiary"),
        ("/\xe9/v1", b"/%C3%A9/v1", "/\xe9", b"/\xc3\xa9", b"/v1"),
        ("/\xe9", b"/%C3%A9?x=1", "", b"", b"/\xc3\xa9"),
    ],
)
def test_paths_are_the_bytes_that_were_sent(path, raw, root, script_name, path_info):
    told = environ_of(path=path, raw_path=raw, root_path=root)
    assert told["SCRIPT_NAME"].encode("latin-1") == script_name
    assert told["PATH_INFO"].encode("latin-1") == path_info


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        ([(b"cookie", b"a=1"), (b"cookie", b"b=2")], "HTTP_COOKIE", "a=1; b=2"),
        ([(b"accept", b"a/b"), (b"accept", b"c/d")], "HTTP_ACCEPT", "a/b,c/d"),
        ([(b"X-Mixed-Case", b"yes")], "HTTP_X_MIXED_CASE", "yes"),
        ([(b"x-name", b"Andr\xc3\xa9")], "HTTP_X_NAME", "Andr\xc3\xa9"),
        ([(b"x-user", b"me"), (b"x_user", b"admin")], "HTTP_X_USER", "me"),
        ([(b"x_user", b"admin")], "HTTP_X_USER", None),
        ([(b"content_length", b"9")], "HTTP_CONTENT_LENGTH", None),
        ([(b"content-length", b"9")], "CONTENT_LENGTH", "4"),
        ([(b"transfer-encoding", b"chunked")], "HTTP_TRANSFER_ENCODING", None),
    ],
)
def test_headers(headers, name, value):
    assert environ_of(*headers).get(name) == value


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"client": None}, "REMOTE_ADDR", ""),
        ({"server": None}, "SERVER_NAME", "unknown"),
        ({"server": ("/run/api.sock", None)}, "SERVER_PORT", "0"),
        ({"http_version": "2"}, "SERVER_PROTOCOL", "HTTP/2"),
        ({"query_string": b"name=%C3%A9\xe9"}, "QUERY_STRING", "name=%C3%A9\xe9"),
    ],
)
def test_what_a_server_may_leave_out(changes, name, value):
    assert environ_of(**changes)[name] == value

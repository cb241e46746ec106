"""Who is counted as whom."""

import pytest

from api.core.limits.admission import is_free, is_login, network


@pytest.mark.parametrize(
    ("address", "counted", "loopback"),
    [
        ("203.0.113.7", "203.0.113.7", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.8.9.10", "127.8.9.10", True),
        ("::1", "::1", True),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", False),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::", False),
        ("2001:db8:1:3::1", "2001:db8:1:3::", False),
        ("fe80::1%eth0", "fe80::", False),
        ("::ffff:203.0.113.7", "203.0.113.7", False),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("", "unknown", False),
        ("not an address", "unknown", False),
    ],
)
def test_addresses(address, counted, loopback):
    assert network(address) == (counted, loopback)


@pytest.mark.parametrize(
    ("method", "path", "login"),
    [
        ("POST", "/auth/browser/v1/auth/login", True),
        ("POST", "/auth/app/v1/auth/2fa/authenticate", True),
        ("PUT", "/auth/app/v1/auth/password/reset", True),
        ("GET", "/auth/app/v1/auth/session", False),
        ("DELETE", "/auth/app/v1/auth/session", False),
        ("POST", "/auth/app/v1/tokens/refresh", False),
        ("POST", "/v1/trips", False),
    ],
)
def test_tries_to_log_in(method, path, login):
    assert is_login(method, path) == login


@pytest.mark.parametrize(
    ("path", "free"),
    [
        ("/livez", True),
        ("/docs/static/x/y.js", True),
        ("/openapi.json", True),
        ("/problems/not-found", True),
        ("/docsomething", False),
        ("/livez/x", False),
        ("/openapi.xml", False),
        ("/", False),
        ("/v1/trips", False),
        ("/auth/app/v1/config", False),
    ],
)
def test_what_is_free(path, free):
    assert is_free(path) == free

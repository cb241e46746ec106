"""Whose word counts on where a request comes from."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from api.core.http.proxies import client_of, trusted

INSIDE, OUTSIDE = "10.0.0.5", "203.0.113.7"


@pytest.fixture(autouse=True)
def _proxies(settings):
    settings.TRUSTED_PROXIES = trusted(["10.0.0.0/8", "2001:db8::/32", "unix"])


def client(peer, forwarded, **more):
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded} | more
    return client_of(environ).get("REMOTE_ADDR", peer)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        (INSIDE, OUTSIDE, OUTSIDE),
        (INSIDE, f"1.2.3.4, {OUTSIDE}", OUTSIDE),
        (INSIDE, f"1.2.3.4,{OUTSIDE} , 10.1.1.1", OUTSIDE),
        (INSIDE, "", INSIDE),
        (INSIDE, "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        (INSIDE, "nonsense", INSIDE),
        (INSIDE, f"{OUTSIDE}, nonsense, 10.1.1.1", "10.1.1.1"),
        (INSIDE, f"{OUTSIDE}:4711", OUTSIDE),
        (INSIDE, "[2001:dead::1]:4711", "2001:dead::1"),
        (INSIDE, "2001:DEAD:0::1", "2001:dead::1"),
        (INSIDE, ",".join(["10.1.1.1"] * 10_000), "10.1.1.1"),
        ("::ffff:10.0.0.5", OUTSIDE, OUTSIDE),
        ("2001:db8::9", OUTSIDE, OUTSIDE),
        ("", OUTSIDE, OUTSIDE),
        (OUTSIDE, "1.2.3.4", OUTSIDE),
        ("127.0.0.1", "1.2.3.4", "127.0.0.1"),
        ("garbage", "1.2.3.4", "garbage"),
    ],
)
def test_addresses(peer, forwarded, expected):
    assert client(peer, forwarded) == expected


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        (INSIDE, "https", "https"),
        (INSIDE, "http, https", "https"),
        (INSIDE, "HTTPS", "https"),
        (INSIDE, "gopher", None),
        (INSIDE, "", None),
        (OUTSIDE, "https", None),
    ],
)
def test_schemes(peer, said, scheme):
    assert client_of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_PROTO": said}).get("wsgi.url_scheme") == scheme


def test_nobody_is_trusted_unless_named(settings):
    settings.TRUSTED_PROXIES = trusted([])
    assert client("127.0.0.1", OUTSIDE) == "127.0.0.1"


@pytest.mark.parametrize("name", ["localhost", "10.0.0.1/8", "", "*", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(name):
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        trusted([name])

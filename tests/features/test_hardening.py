"""What browsers are told of every answer, what proxies are believed, and which settings stop the start."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from api.core.http.proxies import trusted
from api.core.settings import configuration
from tests.client import Client
from tests.databases import ROOT
from tests.world import World

STRONG = "q8Zp1vXw5rT2yUa9LmN4bKc7JdH3gF6s"
OURS = "https://app.example.org"


@pytest.mark.parametrize(
    "path", ["/v1/countries", "/v1/nothing", "/nothing", "/livez", "/v1/trips", "/docs", "/problems"]
)
def test_every_answer_is_safe_in_a_browser(api: Client, world: World, path: str) -> None:
    headers = api.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("script-src" in policy) == (path in ("/docs",)) or path == "/problems"


@pytest.mark.parametrize(
    ("proxies", "said", "insists"),
    [(["127.0.0.1"], "https", True), ([], "https", False), (["127.0.0.1"], "http", False)],
)
def test_browsers_insist_on_https_where_a_trusted_proxy_speaks_it(
    api: Client, world: World, settings: Any, proxies: list[str], said: str, insists: bool
) -> None:
    settings.TRUSTED_PROXIES = trusted(proxies)
    settings.SECURE_HSTS_SECONDS = 31_536_000
    answer = _over(api, settings).with_headers(X_Forwarded_Proto=said).get("/v1/countries?limit=1")
    assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if insists else None)
    assert answer.json["next"].startswith("https://" if said == "https" and proxies else "http://")


def _over(api: Client, settings: Any) -> Client:
    settings.PUBLIC_URL = ""
    return api


def test_pages_of_ours_may_send_cookies_and_no_others(api: Client, world: World, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    ours = api.with_headers(Origin=OURS).get("/v1/countries").headers
    assert ours["Access-Control-Allow-Origin"] == OURS
    assert ours["Access-Control-Allow-Credentials"] == "true"
    assert "origin" in ours["Vary"].lower()
    for origin in ("https://evil.example.com", f"{OURS}.evil.example.com", "null", "http://app.example.org"):
        assert "Access-Control-Allow-Origin" not in api.with_headers(Origin=origin).get("/v1/countries").headers


@pytest.mark.parametrize("name", ["*", "null", "https://*.example.org/x", ""])
def test_no_origin_stands_for_all(name: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        configuration.origins([name])


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.example.com", "localhost@evil.example.com", "x y"]
)
def test_other_hosts_are_refused(api: Client, host: str) -> None:
    answer = api.with_headers(Host=host).get("/v1/countries")
    assert answer.status == 400
    assert "evil" not in answer.text


WEAK = ["short", "a" * 50, "abc" * 20, f"django-insecure-{STRONG}", f"please change me {STRONG}"]


@pytest.mark.parametrize("weak", WEAK)
def test_a_weak_secret_key_stops_the_start(weak: str, tmp_path: Path) -> None:
    for host, debug in (("0.0.0.0", False), ("0.0.0.0", True), ("127.0.0.1", False)):
        with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is weak"):
            configuration.secret_key(weak, keep_in=tmp_path, debug=debug, host=host)
    assert configuration.secret_key(weak, keep_in=tmp_path, debug=True, host="127.0.0.1") == weak


def test_a_strong_one_is_taken_and_a_missing_one_is_made_on_loopback(tmp_path: Path) -> None:
    assert configuration.secret_key(STRONG, keep_in=tmp_path, debug=False, host="0.0.0.0") == STRONG
    made = configuration.secret_key("", keep_in=tmp_path, debug=False, host="127.0.0.1")
    assert configuration.secret_key("", keep_in=tmp_path, debug=False, host="127.0.0.1") == made
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY"):
        configuration.secret_key("", keep_in=tmp_path, debug=False, host="0.0.0.0")


def test_djangos_own_check_for_deployment_finds_nothing() -> None:
    outside = {"SECRET_KEY": STRONG, "HOST": "0.0.0.0", "PUBLIC_URL": "https://api.example.org", "DEBUG": "false"}
    outside["EMAIL_URL"] = "smtp+tls://headwater:secret@mail.example.org"
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=os.environ | outside,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout

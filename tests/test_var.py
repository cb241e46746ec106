"""What an earlier server has left in its `var/`, and has given its clients, is good for today's."""

import json
import sqlite3
from typing import Any

import pytest

from api.core.settings import configuration
from tests.architecture.tree import ROOT
from tests.databases import manage

VAR = ROOT / "tests/frozen/server"
HELD = json.loads((VAR / "held.json").read_text())
ASK = """
import json
from django.test import Client
def send(method, target, headers, body):
    client = Client(headers=headers, SERVER_NAME="localhost")
    answer = client.generic(method, target, json.dumps(body) if body else "", "application/json")
    return answer.status_code, json.loads(answer.getvalue() or "null")
print(json.dumps([send(*request) for request in json.loads(REQUESTS)]))
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make the database again, bring it up to date, and return its URL."""
    file = tmp_path_factory.mktemp("var") / "headwater.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.executescript((VAR / "headwater.sql").read_text())
    connection.close()
    manage(f"sqlite:///{file}", "migrate", "--verbosity=0")
    return f"sqlite:///{file}"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """Serve with the key that was kept."""
    text = configuration.secret_key("", keep_in=VAR, debug=False, host="127.0.0.1")
    monkeypatch.setenv("SECRET_KEY", text)
    return text


def ask(url: str, *requests: tuple[str, str, dict[str, str], Any]) -> list[Any]:
    """Send requests to today's server over a database, in a process of its own; return each status and JSON."""
    script = ASK.replace("REQUESTS", repr(json.dumps(requests)))
    return json.loads(manage(url, "shell", "--no-imports", "--command", script).splitlines()[-1])


def test_it_works(var: str, key: str):
    """Rows are there, under a key that was handed out; nothing waits to be migrated."""
    assert key == (VAR / "secret_key").read_text()
    ((status, trips),) = ask(var, ("GET", "/v1/trips", {"Authorization": f"Bearer {HELD['key']}"}, None))
    assert (status, [trip["name"] for trip in trips["results"]]) == (200, ["Alps by train"])
    manage(var, "migrate", "--check")
    manage(var, "makemigrations", "--check", "--dry-run")


def test_cursors_lead_where_they_led(var: str):
    pages = HELD["pages"]
    answers = ask(var, *(("GET", target, {"Authorization": f"Bearer {HELD['key']}"}, None) for target in pages))

    assert {status for status, _ in answers} == {200}
    assert [[row["id"] for row in page["results"]] for _, page in answers] == list(pages.values())


def test_sessions_and_tokens_go_on(var: str):
    cookies = "; ".join(f"{name}={value}" for name, value in HELD["cookies"].items())
    app, browser, bearer, refreshed = ask(
        var,
        ("GET", "/auth/app/v1/auth/session", {"X-Session-Token": HELD["session_token"]}, None),
        ("GET", "/auth/browser/v1/auth/session", {"Cookie": cookies}, None),
        ("GET", "/v1/me", {"Authorization": f"Bearer {HELD['access_token']}"}, None),
        ("POST", "/auth/app/v1/tokens/refresh", {}, {"refresh_token": HELD["refresh_token"]}),
    )

    assert (app[0], app[1]["data"]["user"]["email"]) == (200, HELD["app"])
    assert (browser[0], browser[1]["data"]["user"]["email"]) == (200, HELD["browser"])
    assert bearer[0] == 200, bearer
    assert refreshed[0] == 200, refreshed


def test_a_second_factor_is_unsealed(var: str):
    script = (
        "from allauth.mfa.models import Authenticator; from allauth.mfa.utils import decrypt;"
        "print(decrypt(Authenticator.objects.get(type='totp').data['secret']))"
    )
    assert manage(var, "shell", "--no-imports", "--command", script).split()[-1] == HELD["totp"]


def test_with_another_key_a_cursor_is_refused(var: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "another-key-altogether-8f2b61c07d94e3a5")
    ((status, _),) = ask(var, ("GET", next(iter(HELD["pages"])), {}, None))

    assert status == 400

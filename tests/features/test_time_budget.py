"""A request that takes too long is broken off, on both databases, whatever it does, and answered with 503."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.test import override_settings

from api.core.read import timeouts
from api.core.read.plan import Plan
from api.core.read.strategies import Reading
from api.core.short_cut.handler import QuickHandler
from api.places import CityViewSet
from api.trips import TripViewSet
from resources.core.database import budget
from resources.core.database.drivers import DRIVERS
from resources.places.models import Country
from tests import short_cut
from tests.client import Client
from tests.databases import ROOT
from tests.world import World, key

SLOW = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3e8) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(20)",
}
PROCESS = """
import time, django
django.setup()
from django.db import OperationalError, connection
from resources.core.database.budget import is_over
began = time.monotonic()
try:
    with connection.cursor() as cursor:
        cursor.execute({slow!r})
        cursor.fetchall()
except OperationalError as error:
    print(is_over(error), time.monotonic() - began < 15)
with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
    print(cursor.fetchone())
"""


@pytest.fixture
def quick(settings: Any, vendor: str, db: None) -> None:
    """Give statements a fifth of a second: on PostgreSQL, for as long as the test's transaction lasts."""
    give(0.2, settings, vendor)


def give(seconds: float, settings: Any, vendor: str) -> None:
    """Give statements some time."""
    settings.TIME_BUDGET = seconds
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {seconds * 1000:.0f}")


def run_slowly(vendor: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SLOW[vendor])
        cursor.fetchall()


def test_it_works(
    api: Client, world: World, quick: None, vendor: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(TripViewSet, "refuse_nobody", lambda *_: run_slowly(vendor))
    owner, began = api.acting_for(world.owner), time.monotonic()
    answer = owner.get(f"/v1/trips/{key(10)}")
    assert time.monotonic() - began < 15
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["detail"].startswith("A request may take 0.2 s, and this one needed more")
    give(60, settings, vendor)  # which a busy machine may need
    assert owner.get("/v1/stops").status == 200  # the connection goes on


def count_on(seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        Country.objects.count()


def test_all_statements_of_a_request_have_one_budget(
    api: Client, world: World, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TripViewSet, "refuse_nobody", lambda *_: count_on())
    answer = api.acting_for(world.owner).get("/v1/trips")
    assert (answer.status, answer.json["detail"][:26]) == (503, "A request may take 0.2 s, ")


def test_what_python_shows_is_of_the_same_budget(
    api: Client, world: World, quick: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.READ_LEVEL = "interpreted"
    shown: list[Any] = []

    def show_slowly(self: Any, row: Any) -> Any:
        shown.append(row)
        until = time.monotonic() + 0.15
        while time.monotonic() < until:
            pass
        return {}

    monkeypatch.setattr("serializers.places.CountrySerializer.to_representation", show_slowly)
    assert api.get("/v1/countries").status == 503
    assert 0 < len(shown) < Country.objects.count()


def test_nobody_known_may_take_less_of_a_processor(
    api: Client, world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WORK_BUDGET = 0.1
    monkeypatch.setattr(CityViewSet, "refuse_nobody", lambda *_: count_on())
    answer = api.get("/v1/cities")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json["detail"].startswith("Without an identity, a request may take 0.1 s of a processor.")
    monkeypatch.setattr(CityViewSet, "refuse_nobody", lambda *_: count_on(0.3))
    assert api.acting_for(world.owner).get("/v1/cities").status == 200


def test_what_took_too_long_by_the_short_cut_is_not_done_again(
    api: Client, world: World, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = api.get("/v1/cities", limit=2).response
    assert short_cut.hold_both_ways(read)
    asked: list[str] = []

    def slow(raw: Any, sql: str, *_: Any) -> Any:
        asked.append(sql)
        return raw.execute(SLOW[vendor]).fetchall()

    head: list[Any] = []
    environ = short_cut.fresh(read.wsgi_request.environ)  # type: ignore[attr-defined]
    with (
        override_settings(TIME_BUDGET=0.2, WORK_BUDGET=0.2),
        monkeypatch.context() as patched,
        transaction.atomic(),
        short_cut.connections_kept(),
        CaptureStatements() as others,
    ):
        patched.setitem(DRIVERS, vendor, slow)
        response = QuickHandler()(environ, lambda status, headers: head.append(status))
        transaction.set_rollback(True)
    assert (head[0][:3], len(asked), others.seen) == ("503", 1, [])
    assert b"Ask for less" in b"".join(response)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _strikes() -> Iterator[None]:
    yield
    timeouts.STRIKES.known.clear()


class Clock:
    """Tells the time that a test says."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def too_long(plan: Any, *_: Any, **__: Any) -> Any:
    TRIES.append(plan)
    raise budget.OverBudgetError


TRIES: list[Any] = []


def test_what_takes_too_long_twice_is_refused_at_once(
    api: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, asked = Clock(), {"name__icontains": "x", "ordering": "name", "limit": 3}
    monkeypatch.setattr(timeouts, "time", clock)
    owner, editor = api.acting_for(world.owner), api.acting_for(world.editor)
    with monkeypatch.context() as slow:
        slow.setattr(Plan, "page", too_long)
        slow.setattr(Plan, "traced_page", too_long)
        TRIES.clear()
        answers = [owner.get("/v1/trips", **asked) for _ in range(3)]
        assert len(TRIES) == 2
    assert [(each.status, each.headers["Retry-After"]) for each in answers] == [(503, "1"), (503, "1"), (503, "10")]
    for each in answers:
        faults = each.json["errors"]
        assert [(fault["parameter"], fault["code"]) for fault in faults] == [
            ("name__icontains", "too_slow"),
            ("ordering", "too_slow"),
        ]
    assert answers[0].json["detail"].endswith("Ask for less. `errors` names what to narrow.")
    assert answers[2].json["detail"] == "This took too long 2 times. `errors` names what to narrow."
    assert owner.get("/v1/trips", **asked | {"name__icontains": "y"}).status == 503  # a request of the same kind
    assert editor.get("/v1/trips", **asked).status == 200  # somebody else
    assert owner.get("/v1/trips", ordering="name").status == 200
    clock.now += 11
    assert owner.get("/v1/trips", **asked).status == 200


def test_who_is_not_known_is_refused_the_very_same_request_only(
    api: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(Plan, "page", too_long)
        slow.setattr(Plan, "traced_page", too_long)
        for _ in range(2):
            assert api.get("/v1/cities", name__icontains="x", limit=500, expand="country").status == 503
    assert api.get("/v1/cities", name__icontains="x", limit=500, expand="country").status == 503
    for other in ({"name__icontains": "y"}, {"limit": 10}, {"limit": 500}, {"expand": "subdivision"}, {"page": 1}):
        assert api.get("/v1/cities", **{"name__icontains": "x", **other}).status == 200


def test_what_waits_side_by_side_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, strikes = Clock(), timeouts.Strikes()
    monkeypatch.setattr(timeouts, "time", clock)
    for _ in range(2000):
        clock.now += 0.001
        strikes.add("a", 1000.0)
    assert strikes.known["a"].times == 1
    strikes.add("a", clock.now)
    assert strikes.known["a"].times == 2


def test_each_time_the_pause_is_twice_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, strikes = Clock(), timeouts.Strikes()
    monkeypatch.setattr(timeouts, "time", clock)
    pauses = []
    for _ in range(8):
        strikes.add("a", clock.now)
        strike = strikes.against("a")
        pauses.append(0 if strike is None else strike.until - clock.now)
        clock.now += 301
    assert pauses == [0, 10, 20, 40, 80, 160, 300, 300]
    clock.now += 601
    strikes.add("a", clock.now)
    assert strikes.against("a") is None
    for n in range(5000):
        strikes.add(n, clock.now)
    assert len(strikes.known) == timeouts.MOST


class CaptureStatements:
    """Notes the statements that Django's own cursors run."""

    def __enter__(self) -> Any:
        self.seen: list[str] = []
        self.wrapped = connection.execute_wrapper(self)
        self.wrapped.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.wrapped.__exit__(*error)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if context["cursor"] is not None and not sql.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE")):
            self.seen.append(sql)
        return execute(sql, params, many, context)


def test_many_quick_statements_are_no_slow_one(quick: None) -> None:
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        Country.objects.count()


def test_a_write_that_is_broken_off_leaves_nothing(world: World, quick: None, vendor: str) -> None:
    def change_slowly() -> None:
        with transaction.atomic():
            Country.objects.update(capital="Changed")
            run_slowly(vendor)

    with pytest.raises(OperationalError):
        change_slowly()
    assert not Country.objects.filter(capital="Changed").exists()


def test_a_process_keeps_the_time_from_its_first_connection_on(new_database: Callable[..., str], vendor: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESS.format(slow=SLOW[vendor])],
        env=os.environ
        | {"DATABASE_URL": new_database(), "TIME_BUDGET": "0.3", "DJANGO_SETTINGS_MODULE": "api.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["True True", "(1,)"], done.stderr


def test_how_it_is_written() -> None:
    assert [budget.seconds(text) for text in ("10", "0.5", "off")] == [10, 0.5, None]
    for text in ("", "0", "-1", "nan", "inf", "soon", "10s", "86401"):
        with pytest.raises(ImproperlyConfigured, match="TIME_BUDGET is"):
            budget.seconds(text)


def test_exports_and_single_rows_that_take_too_long_are_refused_at_once_too(
    api: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, city = api.acting_for(world.owner), "/v1/cities/2988507"
    with monkeypatch.context() as slow:
        slow.setattr(Reading, "rows", too_long)
        slow.setattr(Reading, "traced_rows", too_long)
        TRIES.clear()
        exports = [owner.get("/v1/cities", name="x", accept="application/x-ndjson") for _ in range(3)]
        rows = [owner.get(city, expand="country") for _ in range(3)]
        assert len(TRIES) == 4
    for answers in (exports, rows):
        assert [(each.status, each.headers["Retry-After"]) for each in answers] == [(503, "1"), (503, "1"), (503, "10")]
    assert [fault["parameter"] for fault in exports[2].json["errors"]] == ["name"]
    assert [fault["parameter"] for fault in rows[2].json["errors"]] == ["expand"]
    assert owner.get("/v1/cities", name="x").status == 200  # a page of the same
    assert owner.get("/v1/cities/2657896", expand="country").status == 200  # another row
    assert api.acting_for(world.editor).get(city, expand="country").status == 200

"""What every test may ask for: a small world, and a database that threads can share."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models.sql import Query
from django.test import override_settings

if TYPE_CHECKING:
    from tests.client import Client
    from tests.world import World

# `--hypothesis-profile thorough` looks longer. A database outlives an example, so each takes back what it wrote.
hypothesis.settings.register_profile(
    "ci", max_examples=50, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
hypothesis.settings.register_profile("thorough", hypothesis.settings.get_profile("ci"), max_examples=2000)
hypothesis.settings.load_profile("ci")


DATABASES = frozenset(("db", "transactional_db", "django_db_setup", "new_database", "vendor"))
"""Fixtures by which a test asks for a database; without one, or the mark of pytest-django, it is refused any."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for no database as a test that runs on one."""
    for item in items:
        asks = DATABASES.intersection(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db")
        if not asks:
            item.add_marker("one_database")


@cache
def _work_grammars_out() -> None:
    """Work out what is once for a process, and may look at the database: whatever test comes first, none does it."""
    from api.core.query.grammar import grammar_of
    from api.core.resource.registry import REGISTRY

    import_module("api.urls")  # registers its resources
    if apps.is_installed("tests.specimens"):  # where some test of this run needs them
        import_module("tests.specimens.urls")
    for resource in REGISTRY.every:
        grammar_of(resource)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Hold what runs on one database to it: it may not look which one there is, nor build SQL."""
    if item.get_closest_marker("one_database") is None:
        return (yield)
    _work_grammars_out()

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("This test would run on SQLite only, but looks at the database: give it `vendor`, or `db`.")

    with (
        patch.object(Query, "get_compiler", refuse),
        patch.object(type(connections["default"]), "vendor", property(refuse)),
    ):
        return (yield)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Test on a file, where Django would take SQLite's memory: there, a second connection meets locks at once."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "resources.core.database.sqlite":
        file: Path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database["TEST"]["NAME"] = connections["default"].settings_dict["TEST"]["NAME"] = str(file)


@pytest.fixture(scope="session", autouse=True)
def _held_to_the_contract() -> Iterator[None]:
    """Hold every answer to the contract, whatever client a test uses."""
    from tests.contract import published
    from tests.contract.watch import watching

    with watching(published()):
        yield


_left_behind: set[type] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Hold every test to this: models and resources that it makes are gone when it has ended, for the next to pass."""
    from api.core.resource.registry import REGISTRY

    yield
    models = (model for models in apps.all_models.values() for model in models.values())
    left = {
        made for made in (*models, *(each.source for each in REGISTRY.every)) if "<locals>" in made.__qualname__
    } - _left_behind
    _left_behind.update(left)
    assert not left, f"the next tests would find {left}: isolate_apps for models, monkeypatch for resources"


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> Iterator[None]:
    """Hash passwords in no time; tests of what they cost set the real hashers."""
    with override_settings(PASSWORD_HASHERS=["tests.passwords.QuickArgon2"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _requests_count_once() -> Iterator[None]:
    """Let no request count for more on a busy machine; tests of what work counts for set its price themselves."""
    with patch("api.core.limits.work.TENTH", 1e9):
        yield


@pytest.fixture(scope="session", autouse=True)
def _tables_are_small() -> Iterator[None]:
    """Let no test be the one that asks how large a table is; those of large ones say so themselves."""
    with ExitStack() as stack:
        for module in ("resources.core.access.own_rows", "api.core.read.ways", "api.core.read.unindexed"):
            stack.enter_context(patch(f"{module}.table_size", lambda *_: 0))
        yield


@pytest.fixture
def world(db: None) -> "World":
    """Make the small world of `tests.world`; with `transactional_db`, so that other connections see it."""
    from tests.world import World

    return World.make()


@pytest.fixture
def api(db: None) -> Iterator["Client"]:
    """Make a client that nobody knows (`api.acting_for(person)`); every answer is held to the contract.

    When the test has ended, what it has read is read again, through Django and by the short cut.
    """
    from tests import short_cut
    from tests.client import Client
    from tests.contract import published

    yield Client(published())
    short_cut.hold_all_both_ways()


@pytest.fixture
def vendor() -> str:
    """Name the database that the tests run on: `sqlite` or `postgresql`."""
    return connections["default"].vendor

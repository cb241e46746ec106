"""How a database is connected to, by its URL."""

import pytest

from api.core.settings import configuration

URL = "postgresql://me@localhost/all"


OURS = ["random_page_cost=1.1", "plan_cache_mode=force_custom_plan"]


def session(url: str, budget: float | None = None) -> list[str]:
    """Return the settings of PostgreSQL's that a session begins with."""
    options: str = configuration.database(url, budget, 8)["OPTIONS"]["options"]
    return [text.strip() for text in options.split("-c ")[1:]]


def test_postgresql_plans_for_disks_that_do_not_turn_and_for_the_values_asked_for():
    assert session(URL) == OURS


def test_postgresql_keeps_the_time_budget():
    assert session(URL, 0.5)[-1] == "statement_timeout=500"


def test_what_the_url_says_has_the_last_word():
    found = session(f"{URL}?options=-c%20random_page_cost%3D4", 1)
    assert found == [*OURS, "statement_timeout=1000", "random_page_cost=4"]


@pytest.mark.parametrize("threads", [1, 8, 40])
def test_every_thread_may_have_a_connection_of_the_pool(threads):
    assert configuration.database(URL, None, threads)["OPTIONS"]["pool"]["max_size"] > threads


def test_a_session_has_them(vendor, db):
    from django.db import connection

    if vendor != "postgresql":
        pytest.skip("SQLite has no planner's costs")
    with connection.cursor() as cursor:
        for setting in OURS:
            name, _, value = setting.partition("=")
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,)

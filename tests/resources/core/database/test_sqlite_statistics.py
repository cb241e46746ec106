"""What SQLite's planner is told of a table is renewed once the table has outgrown it, for every connection."""

import sqlite3

import pytest
from django.db import connection

from resources.core.database.sqlite import statistics
from resources.core.database.sqlite.statistics import FEW, renew

GROWN = 2 * FEW
ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO many SELECT i, 1 FROM n"


@pytest.fixture
def other(transactional_db, vendor, monkeypatch):
    """A connection of another program's, which has made a table of a few rows and told the planner of them."""
    if vendor != "sqlite":
        pytest.skip("about SQLite alone")
    monkeypatch.setattr(statistics, "_looked", {})
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, cached_statements=0)
    other.execute("CREATE TABLE many (x INTEGER, y INTEGER)")
    other.execute("CREATE INDEX many_y ON many (y)")
    other.execute("CREATE INDEX many_x ON many (x)")
    other.execute(ROWS, [10])
    other.execute("ANALYZE many")
    yield other
    other.execute("DROP TABLE many")
    other.close()


def known(other):
    [[rows]] = other.execute("SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE idx = 'many_x'")
    return rows


def index_for(other, value):
    """Return which index it takes, after it has read something: that is when it notices a change of the schema."""
    other.execute("SELECT * FROM many LIMIT 1").fetchall()
    return other.execute(f"EXPLAIN QUERY PLAN SELECT * FROM many WHERE x = {value} AND y = {value}").fetchone()[3]


def test_a_table_that_has_grown_is_looked_at_and_connections_notice(other):
    assert "many_x" in index_for(other, 1)
    other.execute("DELETE FROM many")
    other.execute(ROWS, [GROWN])
    other.execute("UPDATE many SET x = y, y = x")  # now it is the other column whose values differ
    assert "many_x" in index_for(other, 2)
    renew()
    assert known(other) >= GROWN / 2
    assert "many_y" in index_for(other, 3)


def test_each_whole_index_has_as_many_rows_as_the_table(other):
    other.execute("CREATE INDEX many_few ON many (y) WHERE x < 10")
    other.execute(ROWS, [FEW * 20])
    renew()
    counts = dict(other.execute("SELECT idx, CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = 'many'"))
    assert counts["many_x"] == counts["many_y"] == FEW * 20 + 10
    assert counts["many_few"] < 100


def test_one_that_has_not_is_left_alone(other):
    other.execute(ROWS, [FEW - 10])
    renew()
    assert known(other) == 10


def test_it_is_not_looked_at_again_for_the_same_rows(other, monkeypatch):
    other.execute(ROWS, [GROWN])
    renew()
    other.execute("UPDATE sqlite_stat1 SET stat = '5 1' WHERE tbl = 'many'")  # as if most of them had been deleted
    renew()
    assert known(other) == 5
    other.execute(ROWS, [3 * GROWN])
    renew()
    assert known(other) > GROWN


def test_tables_without_numbers_of_rows_do_not_stand_in_its_way(other):
    other.execute("CREATE TABLE bare (id TEXT PRIMARY KEY, x INTEGER) WITHOUT ROWID")
    other.execute("CREATE INDEX bare_x ON bare (x)")
    try:
        other.execute(ROWS, [GROWN])
        renew()
        assert known(other) >= GROWN / 2
    finally:
        other.execute("DROP TABLE bare")


def test_a_writer_beside_it_makes_it_try_again_later(other, monkeypatch):
    other.execute(ROWS, [GROWN])
    connection.cursor().execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="locked"):
        renew()
    other.execute("COMMIT")
    connection.close()
    renew()
    assert known(other) >= GROWN / 2


def test_postgresql_looks_after_itself(db, vendor, django_assert_num_queries):
    if vendor == "sqlite":
        pytest.skip("about other databases")
    with django_assert_num_queries(0):
        renew()


def make_sparse(other, table="many"):
    """Give the rows numbers that are far from one another; by way of negative ones, which nobody has."""
    other.execute(f"UPDATE {table} SET rowid = rowid * -1000")
    other.execute(f"UPDATE {table} SET rowid = -rowid")


def test_keys_that_somebody_else_has_given_are_not_taken_for_rows(other):
    other.execute(ROWS, [GROWN])
    make_sparse(other)
    renew()
    assert known(other) == GROWN + 10
    with connection.cursor() as cursor:
        assert statistics.about(cursor, "many") == GROWN + 10
        other.execute("DELETE FROM many WHERE rowid > 1000 * 1000")
        assert statistics.about(cursor, "many") == GROWN + 10  # until it is looked at again
        other.execute("DELETE FROM many WHERE rowid < 1000 * 1000")
        assert statistics.about(cursor, "many") == 1  # as many as it has numbers


def test_statistics_of_a_sparse_table_that_are_right_are_left_alone(other):
    other.execute(ROWS, [GROWN])
    make_sparse(other)
    other.execute("ANALYZE many")
    other.execute("UPDATE sqlite_stat1 SET stat = stat || ' unordered' WHERE idx = 'many_x'")
    renew()
    [[stat]] = other.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'many_x'")
    assert stat.endswith(" unordered")


def test_what_nobody_has_analysed_is_counted_while_it_is_small(other, monkeypatch):
    other.execute("CREATE TABLE lone (x INTEGER)")
    try:
        other.execute(ROWS.replace("many", "lone").replace("i, 1", "i"), [GROWN])
        make_sparse(other, "lone")
        with connection.cursor() as cursor:
            assert statistics.about(cursor, "lone") == GROWN
            monkeypatch.setattr(statistics, "COUNTED", GROWN)
            assert statistics.about(cursor, "lone") == 1000 * (GROWN - 1) + 1
    finally:
        other.execute("DROP TABLE lone")


@pytest.mark.parametrize("made", ["TABLE bare (id TEXT PRIMARY KEY) WITHOUT ROWID", "VIEW bare AS SELECT 1 AS id"])
def test_nobody_knows_how_large_what_has_no_numbers_is(other, made):
    other.execute(f"CREATE {made}")
    try:
        with connection.cursor() as cursor:
            assert (statistics.about(cursor, "bare"), statistics.about(cursor, "never_made")) == (0, 0)
    finally:
        other.execute(f"DROP {made.split()[0]} bare")

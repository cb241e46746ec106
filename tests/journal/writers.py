"""Writers of many transactions of every kind: short and long ones, with savepoints that roll back, and some idle.

They know nothing of Headwater: any program may write. A trigger of the tests' own writes the changes.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import psycopg

ROWS = 40
POSTGRESQL = f"""
CREATE TABLE tally (id int PRIMARY KEY, version int NOT NULL, tag text NOT NULL);
INSERT INTO tally SELECT n, 0, '' FROM generate_series(1, {ROWS}) AS n;
CREATE FUNCTION tally_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO headwater_change (table_name, key, operation, after, changed_at) VALUES
    ('tally', NEW.id::text, 'U', jsonb_build_object('version', NEW.version, 'tag', NEW.tag), clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER tally AFTER UPDATE ON tally FOR EACH ROW EXECUTE FUNCTION tally_change();
"""
SQLITE = f"""
CREATE TABLE tally (id integer PRIMARY KEY, version integer NOT NULL, tag text NOT NULL);
INSERT INTO tally
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ROWS}) SELECT n, 0, '' FROM n;
CREATE TRIGGER tally AFTER UPDATE ON tally FOR EACH ROW BEGIN
    INSERT INTO headwater_change (table_name, key, operation, after, changed_at) VALUES
    ('tally', NEW.id, 'U', '{{"version": ' || NEW.version || ', "tag": "' || NEW.tag || '"}}',
     strftime('%Y-%m-%d %H:%M:%f', 'now'));
END;
"""
UPDATE = "UPDATE tally SET version = version + 1, tag = '{}' WHERE id = {}"
type Execute = Callable[[str], list[tuple[int, ...]]]


def write(url: str, name: str, changes: int) -> None:
    """Write so many changes, in a process of its own."""
    random.seed(name)
    if urlsplit(url).scheme == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path[1:], timeout=60, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            _write_all(lambda sql: connection.execute(sql).fetchall(), "BEGIN IMMEDIATE", name, changes)
    else:
        with psycopg.connect(url, autocommit=True) as connection:

            def execute(sql: str) -> list[tuple[int, ...]]:
                cursor = connection.execute(sql.encode())
                return cursor.fetchall() if cursor.description else []

            _write_all(execute, "BEGIN", name, changes)


def _write_all(execute: Execute, begin: str, name: str, changes: int) -> None:
    number = written = 0
    while written < changes:
        number += 1
        execute(begin)
        row = random.randint(1, ROWS)
        ((seen,),) = execute(f"SELECT version FROM tally WHERE id = {row}")
        written += _write_some(execute, f"{name}.{number} {row} {seen}", is_slow=begin == "BEGIN")
        if random.random() < 0.1:
            execute("ROLLBACK")
        else:
            execute("COMMIT")


def _write_some(execute: Execute, tag: str, *, is_slow: bool) -> int:
    """Write in a transaction, rows in order, so that no two wait for one another; return how many changes."""
    rows = sorted(random.sample(range(1, ROWS + 1), random.choice((1, 1, 1, 2, 3, 5, 25))))
    if is_slow and random.random() < 0.3:
        execute("SELECT pg_current_xact_id()")  # its number is drawn long before it writes
        time.sleep(random.random() * 0.03)
    for row in rows:
        undone = random.random() < 0.1
        if undone:
            execute("SAVEPOINT here")
        execute(UPDATE.format(tag, row))
        if undone:
            execute("ROLLBACK TO here")
            execute(UPDATE.format(tag, row)) if random.random() < 0.5 else None
            execute("RELEASE here")
    if is_slow and random.random() < 0.01:
        time.sleep(random.random() * 0.5)
    return len(rows)


def prepare(url: str) -> None:
    """Make the table and its trigger."""
    if urlsplit(url).scheme == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path[1:])) as connection:
            connection.executescript(SQLITE)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(POSTGRESQL.encode())

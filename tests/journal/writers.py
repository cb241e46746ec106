"""Writers of many transactions of every kind: short and long ones, with savepoints that roll back, and some idle.

They know nothing of Headwater: any program may write. A trigger of the tests' own writes the changes.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
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


def write(url: str, name: str, changes: int, file: Path) -> None:
    """Write so many changes, in a process of its own, and the names of committed transactions into a file.

    When the database goes away, what is under way is given up, and others follow when it is back.
    """
    random.seed(name)
    numbers = count(1)
    with file.open("w") as committed:
        while changes > 0:
            try:
                with connected(url) as execute:
                    while changes > 0:
                        transaction = f"{name}.{next(numbers)}"
                        if made := write_some(execute, transaction, is_slow=not url.startswith("sqlite")):
                            committed.write(f"{transaction}\n")
                            committed.flush()
                            changes -= made
            except psycopg.OperationalError:
                time.sleep(0.1)


@contextmanager
def connected(url: str) -> Iterator[Execute]:
    if urlsplit(url).scheme == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path[1:], timeout=60, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            yield lambda sql: connection.execute(sql).fetchall()
    else:
        with psycopg.connect(url, autocommit=True) as connection:

            def execute(sql: str) -> list[tuple[int, ...]]:
                cursor = connection.execute(sql.encode())
                return cursor.fetchall() if cursor.description else []

            yield execute


def write_some(execute: Execute, transaction: str, *, is_slow: bool) -> int:
    """Write in a transaction, rows in order, so that no two wait for one another; return how many changes it made."""
    execute("BEGIN" if is_slow else "BEGIN IMMEDIATE")
    made, read = 0, random.randint(1, ROWS)
    ((seen,),) = execute(f"SELECT version FROM tally WHERE id = {read}")
    if is_slow and random.random() < 0.3:
        execute("SELECT pg_current_xact_id()")  # its number is drawn long before it writes
        time.sleep(random.random() * 0.03)
    for row in sorted(random.sample(range(1, ROWS + 1), random.choice((1, 1, 1, 2, 3, 5, 25)))):
        update = UPDATE.format(f"{transaction} {read} {seen}", row)
        if random.random() < 0.1:
            execute("SAVEPOINT here")
            execute(update)
            execute("ROLLBACK TO here")
            execute("RELEASE here")
        if random.random() < 0.95:
            execute(update)
            made += 1
    if is_slow and random.random() < 0.01:
        time.sleep(random.random() * 0.5)
    if random.random() < 0.1:
        execute("ROLLBACK")
        return 0
    execute("COMMIT")
    return made


def prepare(url: str) -> None:
    """Make the table and its trigger."""
    if urlsplit(url).scheme == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path[1:])) as connection:
            connection.executescript(SQLITE)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(POSTGRESQL.encode())

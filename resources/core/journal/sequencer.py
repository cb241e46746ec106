"""The sequencer of PostgreSQL: it gives positions to changes whose transactions have been committed, pass by pass.

The numbers that writers draw (`headwater_change.id`) are no order to read by: a transaction that began early may commit
late, below numbers that were read long ago. So a pass takes two snapshots, that of the pass before and its own, and
gives dense positions to the changes of the transactions that ended between them, ordered by (the highest id of the
transaction, id). A transaction that writes or reads what another has written draws a number after that one has
committed: its highest is higher, or it is of a later pass.

A pass is one call of a function in the database, and one transaction. It needs no session: whoever has a connection may
call it, through PgBouncer too, and a lock for the time of the transaction lets one at a time. The process that called
may be killed or stopped at any moment; the server ends the pass by itself, whole or not at all, and holds no lock for
it. SQLite has one writer at a time and needs none of this: a change's id is its position.
"""
# ruff: noqa: S608 - what is put into statements here are constants

from __future__ import annotations

import secrets
from typing import NamedTuple

from django.apps import AppConfig
from django.db import connections, router
from django.db.models.signals import post_migrate

from resources.core.journal.models import Journal

LOCK = 0x6865_6164_7761_7465
"""The key of the advisory lock: eight bytes that nobody else draws, `headwate`."""
CHANNEL = "headwater_journal"
"""What a pass announces on (NOTIFY), with the last position that it gave: in its own transaction, never a writer's."""
SEQUENCE = "SELECT reached, added, busy FROM headwater_sequence()"
# A pass reads through indexes only: of a table that has just been filled, the planner knows nothing, and would read it
# whole a hundred times a second. That no change has a position yet is asked one by one (`IS NULL`) for the same reason;
# it can only be otherwise after a restore, where numbers of transactions come again.
FUNCTION = f"""CREATE OR REPLACE FUNCTION headwater_sequence(OUT reached bigint, OUT added bigint, OUT busy boolean)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    seen pg_snapshot;
    present pg_snapshot;
    ended xid8[];
    origin bigint;
    here bigint;
    drawn bigint := floor(random() * 9e15);
BEGIN
    added := 0;
    busy := NOT pg_is_in_recovery() AND NOT pg_try_advisory_xact_lock({LOCK});
    IF busy OR pg_is_in_recovery() THEN
        SELECT position INTO reached FROM headwater_pass ORDER BY position DESC LIMIT 1;
        RETURN;
    END IF;
    SELECT system_identifier INTO here FROM pg_control_system();
    SELECT position, snapshot, system INTO reached, seen, origin FROM headwater_pass ORDER BY position DESC LIMIT 1;
    IF reached IS NULL THEN
        reached := coalesce((SELECT max(position) FROM headwater_position), 0);
        seen := '1:1:';
        INSERT INTO headwater_pass (position, snapshot, system) VALUES (reached, seen, here);
    ELSIF origin <> here OR pg_snapshot_xmax(seen) > pg_snapshot_xmax(pg_current_snapshot()) THEN
        -- Restored into another server, which numbers its transactions otherwise: once, with no writer under way,
        -- everything gets a position that has none.
        PERFORM set_config('lock_timeout', '1s', true);
        LOCK TABLE headwater_change IN SHARE MODE;
        present := pg_current_snapshot();
        INSERT INTO headwater_position (position, change, epoch)
        SELECT reached + row_number() OVER (ORDER BY last, id), id, drawn FROM (
            SELECT id, max(id) OVER (PARTITION BY transaction) AS last FROM headwater_change AS c
            WHERE (SELECT p.change FROM headwater_position AS p WHERE p.change = c.id) IS NULL
        ) AS fresh;
        GET DIAGNOSTICS added = ROW_COUNT;
        reached := reached + added;
        INSERT INTO headwater_pass (position, snapshot, system) VALUES (reached, present, here)
        ON CONFLICT (position) DO UPDATE SET snapshot = EXCLUDED.snapshot, system = EXCLUDED.system;
        PERFORM pg_notify('{CHANNEL}', reached::text);
        RETURN;
    END IF;
    present := pg_current_snapshot();
    ended := ARRAY(SELECT x FROM pg_snapshot_xip(seen) AS x WHERE pg_visible_in_snapshot(x, present));
    INSERT INTO headwater_position (position, change, epoch)
    SELECT reached + row_number() OVER (ORDER BY last, id), id, drawn FROM (
        SELECT id, max(id) OVER (PARTITION BY transaction) AS last FROM (
            SELECT id, transaction FROM headwater_change WHERE transaction = ANY (ended)
            UNION ALL
            SELECT id, transaction FROM headwater_change
            WHERE transaction >= pg_snapshot_xmax(seen) AND transaction < pg_snapshot_xmax(present)
            AND pg_visible_in_snapshot(transaction, present)
        ) AS c
        WHERE (SELECT p.change FROM headwater_position AS p WHERE p.change = c.id) IS NULL
    ) AS fresh;
    GET DIAGNOSTICS added = ROW_COUNT;
    IF added > 0 THEN
        reached := reached + added;
        INSERT INTO headwater_pass (position, snapshot, system) VALUES (reached, present, here);
        PERFORM pg_notify('{CHANNEL}', reached::text);
    END IF;
END $$"""


class Pass(NamedTuple):
    """What came of a pass.

    Attributes:
        reached: the last position there is.
        added: how many it has given; none in a standby, which receives them.
        busy: whether another pass was under way, which may have begun too early for what is asked for.
    """

    reached: int
    added: int
    busy: bool


def sequence(using: str = "default") -> Pass:
    """Make a pass, if none is under way, in a database on PostgreSQL."""
    with connections[using].cursor() as cursor:
        cursor.execute(SEQUENCE)
        return Pass(*cursor.fetchone())


def install() -> None:
    """Make the function, and the row of the journal, when the tables have been migrated."""
    post_migrate.connect(prepare, dispatch_uid="headwater.sequencer")


def prepare(sender: AppConfig, using: str, **_: object) -> None:
    """Make what the log needs in one database, once its tables stand."""
    connection = connections[using]
    if sender.label != Journal._meta.app_label or not router.allow_migrate_model(using, Journal):
        return
    with connection.cursor() as cursor:
        if Journal._meta.db_table not in connection.introspection.table_names(cursor):
            return  # migrated up to an earlier state only
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
            cursor.execute(SEQUENCE)
        cursor.execute(
            "INSERT INTO headwater_journal (id, beginning, pruned) VALUES (1, %s, 0) ON CONFLICT (id) DO NOTHING",
            [secrets.randbits(60)],
        )

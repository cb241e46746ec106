"""The triggers of the journal on PostgreSQL: for each table a function of PL/pgSQL.

It writes rows by `to_jsonb`, and names no column in the triggers themselves: what they name could not be altered. It
runs with the rights of whoever migrated, so that every role that may write a table also writes its journal.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from resources.core.database.raw_forms import SESSION, literal, needs_session, postgresql_mends, quoted
from resources.core.journal.catalog import StoredTable
from resources.core.journal.tables import COUNTED, SAVED, STAMPS, JournaledTable

NAMES = ("headwater_counts", "headwater_journal", "headwater_truncate")
"""Of the triggers. Of a statement that counts, none changes what it writes."""
EXCLUDED = re.compile(r"^-- without (\[.*\])$", re.MULTILINE)
LONGEST_NAME = 63

_SOURCE = """
-- without {noted}
DECLARE
    older jsonb;
    newer jsonb;
    author text := current_setting('headwater.attribution', TRUE);
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        {reset}
        RETURN NULL;
    END IF;{count}
    IF TG_OP <> 'INSERT' THEN
        older := to_jsonb(OLD){excluded};{mend_older}
    END IF;
    IF TG_OP <> 'DELETE' THEN
        newer := to_jsonb(NEW){excluded};{mend_newer}
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Numbers are equal to JSON, whatever places they have.
        IF older{stamps} = newer{stamps} AND (older{stamps})::text = (newer{stamps})::text THEN
            RETURN NULL;
        END IF;
        IF older -> {key} <> newer -> {key} THEN
            {delete}
            {insert}
            RETURN NULL;
        END IF;
    END IF;
    {change}
    RETURN NULL;
END"""
_COUNT = """
    IF TG_WHEN = 'BEFORE' THEN
        IF (to_jsonb(OLD){uncounted})::text <> (to_jsonb(NEW){uncounted})::text THEN
            NEW.{revision} := OLD.{revision} + 1;
            NEW.{saved} := statement_timestamp();
        END IF;
        RETURN NEW;
    END IF;"""
_NOTE = """INSERT INTO {change} (
                transaction, table_name, key, operation, before, after, changed_at, actor, api_key, request_id
            ) VALUES (
                pg_current_xact_id(), TG_TABLE_NAME, {key}, {operation}, {before}, {after}, statement_timestamp(),
                nullif(split_part(author, E'\\x1f', 1), ''), nullif(split_part(author, E'\\x1f', 2), ''),
                nullif(split_part(author, E'\\x1f', 3), '')
            );"""
_FUNCTION = """CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
{settings}
AS $headwater${source}$headwater$"""
_JOURNAL = """CREATE OR REPLACE TRIGGER headwater_journal AFTER INSERT OR UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {function}()"""
_TRUNCATE = """CREATE OR REPLACE TRIGGER headwater_truncate AFTER TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {function}()"""
_COUNTS = """CREATE OR REPLACE TRIGGER headwater_counts BEFORE UPDATE ON {table}
FOR EACH ROW WHEN (NEW.{revision} = OLD.{revision}) EXECUTE FUNCTION {function}()"""
RESET = """INSERT INTO headwater_change (transaction, table_name, key, operation, changed_at)
VALUES (pg_current_xact_id(), %s, '', 'R', statement_timestamp())"""


def changes(table: JournaledTable, stored: StoredTable, schema: str) -> list[str]:
    """Return the statements after which a table has its triggers, and no older ones; none where all is well."""
    wanted, name = triggers_of(table, schema), function_name(table.name)
    settings = ";".join(f"{setting}={value}" for setting, value in settings_of(table).items())
    if stored.triggers == dict.fromkeys(wanted, f"{name};{settings}\n{source_of(table, schema)}"):
        return []
    calling = {trigger for trigger, text in stored.triggers.items() if text.startswith(f"{name};")}
    older = (f"DROP TRIGGER {quoted(each)} ON {quoted(stored.name)}" for each in stored.triggers if each not in wanted)
    return [function_of(table, schema), *older, *(sql for each, sql in wanted.items() if each not in calling)]


def drops(stored: StoredTable) -> list[str]:
    """Return nothing: the triggers name no column that may change."""
    return []


def own(stored: StoredTable) -> dict[str, str]:
    """Return the triggers of the journal: no others call a function of Headwater's."""
    return stored.triggers


def function_name(table: str) -> str:
    """Return the name of the function of a table, which differs where a long name begins like another."""
    name = f"headwater_journal_{table}"
    if len(name.encode()) > LONGEST_NAME:
        digest = hashlib.sha256(table.encode()).hexdigest()[:16]
        name = f"{name.encode()[: LONGEST_NAME - 17].decode(errors='ignore')}_{digest}"
    return name


def settings_of(table: JournaledTable) -> dict[str, str]:
    """Return the settings under which the function of a table runs, whatever those of the session are.

    Those of how values are written are set where they matter only: each takes its time.
    """
    needed = SESSION if needs_session(table.journaled) else {}
    return {"search_path": "pg_catalog, pg_temp"} | needed


def source_of(table: JournaledTable, schema: str) -> str:
    """Return what the function of a table does.

    Args:
        table: whose function.
        schema: where the journal is: it is found whatever search path a program has.
    """
    key = literal(table.key)
    uncounted = {*STAMPS, *table.excluded, *(each.name for each in table.columns if each.generated)}
    counted = {"revision": quoted(COUNTED), "saved": quoted(SAVED), "uncounted": _without(uncounted)}
    change = f"{quoted(schema)}.headwater_change"
    older, newer = f"older ->> {key}", f"newer ->> {key}"

    def note(key: str, operation: str, before: str = "NULL", after: str = "NULL") -> str:
        return _NOTE.format(change=change, key=key, operation=operation, before=before, after=after)

    return _SOURCE.format(
        noted=json.dumps(sorted(table.excluded)),
        reset=note("''", "'R'"),
        count=_COUNT.format(**counted) if table.counts else "",
        excluded=_without(table.excluded),
        stamps=_without(STAMPS if table.counts else ()),
        mend_older=_lines(postgresql_mends(table.journaled, "OLD", "older")),
        mend_newer=_lines(postgresql_mends(table.journaled, "NEW", "newer")),
        key=key,
        delete=note(older, "'D'", before="older"),
        insert=note(newer, "'I'", after="newer"),
        change=note(f"coalesce(newer, older) ->> {key}", "left(TG_OP, 1)", "older", "newer"),
    )


def function_of(table: JournaledTable, schema: str) -> str:
    """Return the statement that makes the function of a table."""
    settings = "\n".join(f"SET {name} = {value}" for name, value in settings_of(table).items())
    name = f"{quoted(schema)}.{quoted(function_name(table.name))}"
    return _FUNCTION.format(function=name, settings=settings, source=source_of(table, schema))


def triggers_of(table: JournaledTable, schema: str) -> dict[str, str]:
    """Return the statements that make the triggers of a table, by the names of the triggers."""
    function = f"{quoted(schema)}.{quoted(function_name(table.name))}"
    words = {"table": quoted(table.name), "function": function, "revision": quoted(COUNTED)}
    templates = dict(zip(NAMES, (_COUNTS, _JOURNAL, _TRUNCATE), strict=True))
    return {name: sql.format(**words) for name, sql in templates.items() if table.counts or sql is not _COUNTS}


def _without(names: Iterable[str]) -> str:
    quoted_names = ", ".join(literal(name) for name in sorted(names))
    return f" - ARRAY[{quoted_names}]::text[]" if quoted_names else ""


def _lines(statements: Iterable[str]) -> str:
    return "".join(f"\n        {statement}" for statement in statements)

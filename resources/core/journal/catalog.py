"""What a database has of the journal: the columns of tables, and the triggers on them, read by one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.database.raw_forms import StoredColumn

_SQLITE = """SELECT m.name, 'main', 'column', x.name, x.type, x.type || x."notnull", x.pk > 0, x.hidden > 1, 0
FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS x WHERE m.type = 'table' AND m.name IN ({tables})
UNION ALL SELECT tbl_name, 'main', 'trigger', name, sql, '', 0, 0, 0
FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({tables})"""
_POSTGRESQL = r"""WITH "of" AS (SELECT oid, relname, relnamespace::regnamespace::text AS nsp FROM pg_catalog.pg_class
    WHERE relname IN ({tables}) AND relkind IN ('r', 'p') AND pg_catalog.pg_table_is_visible(oid))
SELECT relname, nsp, 'column', attname, pg_catalog.format_type(atttypid, NULL),
    pg_catalog.format_type(atttypid, atttypmod) || attnotnull::int,
    COALESCE(attnum = ANY (indkey), FALSE), attgenerated <> '', attgenerated = 'v'
FROM "of" JOIN pg_catalog.pg_attribute ON attrelid = "of".oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_catalog.pg_index ON indrelid = "of".oid AND indisprimary
UNION ALL
SELECT relname, nsp, 'trigger', tgname, CASE WHEN tgenabled = 'O' THEN
    proname || ';' || COALESCE(pg_catalog.array_to_string(proconfig, ';'), '') || E'\n' || prosrc ELSE '' END, '',
    FALSE, FALSE, FALSE
FROM "of" JOIN pg_catalog.pg_trigger ON tgrelid = "of".oid AND NOT tgisinternal
JOIN pg_catalog.pg_proc AS p ON p.oid = tgfoid AND proname LIKE 'headwater\_%%'"""
STATEMENTS: Mapping[str, str] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table as it is in the database.

    Attributes:
        name: of the table.
        schema: where it is.
        columns: in their order.
        triggers: what they were made of, by their names: on SQLite the statement, on PostgreSQL the function. On
            PostgreSQL they are those that call a function of Headwater's.
    """

    name: str
    schema: str
    columns: list[StoredColumn] = field(default_factory=list)
    triggers: dict[str, str] = field(default_factory=dict)


def read_tables(connection: BaseDatabaseWrapper, names: Collection[str]) -> dict[str, StoredTable]:
    """Return those of some tables that there are, by their names."""
    ordered, template = sorted(names), STATEMENTS[connection.vendor]
    statement = template.format(tables=", ".join(["%s"] * len(ordered)) or "NULL")
    tables: dict[str, StoredTable] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, ordered * template.count("{tables}"))
        for table, schema, kind, name, text, declared, is_key, generated, virtual in cursor.fetchall():
            of = tables.setdefault(table, StoredTable(table, schema))
            if kind == "trigger":
                of.triggers[name] = text
            else:
                of.columns.append(
                    StoredColumn(name, text.lower(), declared, bool(is_key), bool(generated), bool(virtual))
                )
    return tables

"""Has the database count the revision of a row when a reference of it is set to NULL, as what it led to is deleted.

No save comes by there: the database does so itself (`DB_SET_NULL`), or Django's collector with a statement of its own
(`SET_NULL`). Triggers are made anew after each `migrate`: SQLite loses those of a table that a migration rebuilds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.apps import AppConfig
from django.db import connections, router
from django.db.models import DB_SET_DEFAULT, DB_SET_NULL, SET_DEFAULT, SET_NULL, Model
from django.db.models.signals import post_migrate

from resources.core.database.columns import Column
from resources.core.resource import Resource

SETTING = frozenset((SET_NULL, SET_DEFAULT, DB_SET_NULL, DB_SET_DEFAULT))
"""What changes the row that refers, when the one that it refers to is deleted; `SET(...)` does so, too."""
POSTGRESQL = """CREATE OR REPLACE FUNCTION headwater_count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    NEW.updated_at := statement_timestamp();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER "{name}" BEFORE UPDATE OF {columns} ON "{table}" FOR EACH ROW
WHEN (NEW.revision = OLD.revision AND ({changed}))
EXECUTE FUNCTION headwater_count_revision()"""
SQLITE = """CREATE TRIGGER "{name}" AFTER UPDATE OF {columns} ON "{table}" FOR EACH ROW
WHEN NEW.revision = OLD.revision AND ({changed})
BEGIN
    UPDATE "{table}" SET revision = revision + 1, updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
    WHERE "{key}" = NEW."{key}";
END"""
DIFFERENT: Mapping[str, str] = {"postgresql": "IS DISTINCT FROM", "sqlite": "IS NOT"}


def install() -> None:
    """Make the triggers of each application when it has been migrated."""
    post_migrate.connect(make_triggers, dispatch_uid="headwater.counting")


def make_triggers(sender: AppConfig, using: str, **_: object) -> None:
    """Make the triggers of the resources of an application, in one database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in sender.get_models():
            if router.allow_migrate_model(using, model) and model._meta.db_table in tables:
                for statement in statements(model, connection.vendor):
                    cursor.execute(statement)


def statements(model: type[Model], vendor: str) -> Iterator[str]:
    """Yield the statements that make the trigger of a model: none where no reference of it changes on its own."""
    table, name = model._meta.db_table, f"{model._meta.db_table[:50]}_counts"
    references = [column.column for column in model._meta.local_concrete_fields if _changes(column)]
    if not (issubclass(model, Resource) and references and not model._meta.proxy and vendor in DIFFERENT):
        return
    changed = " OR ".join(f'NEW."{column}" {DIFFERENT[vendor]} OLD."{column}"' for column in references)
    columns = ", ".join(f'"{column}"' for column in references)
    if vendor == "sqlite":
        yield f'DROP TRIGGER IF EXISTS "{name}"'
    template = POSTGRESQL if vendor == "postgresql" else SQLITE
    yield template.format(name=name, table=table, columns=columns, changed=changed, key=model._meta.pk.column)


def _changes(column: Column) -> bool:
    """Whether a column is a reference that is set to something else when what it leads to is deleted."""
    if column.remote_field is None:
        return False
    action = column.remote_field.on_delete
    return action in SETTING or getattr(action, "__qualname__", "").startswith("SET.")

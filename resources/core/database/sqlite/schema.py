"""How the schema of SQLite changes beside triggers that mention other tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.models import Model


class SchemaEditor(DatabaseSchemaEditor):
    """Django's, which changes a table by building it anew under another name and renaming it.

    SQLite refuses that while a trigger of another table mentions the one that is missing meanwhile, so those
    triggers are set aside. The table's own come back with its constraints (`TriggerConstraint`).
    """

    def _remake_table(self, model: type[Model], *changes: object, **further: object) -> None:
        with self._triggers_set_aside(model._meta.db_table):
            super()._remake_table(model, *changes, **further)  # type: ignore[misc]

    @contextmanager
    def _triggers_set_aside(self, table: str) -> Iterator[None]:
        """Drop the triggers of other tables that mention this one, and create them again."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> %s AND INSTR(sql, %s)",
                [table, self.quote_name(table)],
            )
            triggers = cursor.fetchall()
        for name, _ in triggers:
            self.execute(f"DROP TRIGGER {self.quote_name(name)}")
        yield
        for _, sql in triggers:
            self.execute(sql)

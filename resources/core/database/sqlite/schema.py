"""How the schema of SQLite changes beside triggers that mention other tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.backends.ddl_references import Statement
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.models import Model

from resources.core.database.sqlite.side_tables import AND_THEN, SideTableIndex
from resources.core.database.table_changes import WatchedSchemaEditor


class SchemaEditor(WatchedSchemaEditor, DatabaseSchemaEditor):
    """Django's, which changes a table by building it anew under another name and renaming it.

    SQLite refuses that while a trigger of another table mentions the one that is missing meanwhile, so those
    triggers are set aside. The table's own come back with its constraints (`TriggerConstraint`).
    """

    def _remake_table(self, model: type[Model], *changes: object, **further: object) -> None:
        table = model._meta.db_table
        with self.changing([(table, table)]), self._triggers_set_aside(table):
            super()._remake_table(model, *changes, **further)  # type: ignore[misc]

    def execute(self, sql: Statement | str, params: Sequence[object] | None = ()) -> None:
        """Run a statement, or several that belong together."""
        for statement in str(sql).split(AND_THEN):
            super().execute(statement, params)

    def delete_model(self, model: type[Model], handle_autom2m: bool = True) -> None:
        """Delete what stands beside the table, too; where it is built anew, that is still to be made again."""
        for index in model._meta.indexes:
            if isinstance(index, SideTableIndex):
                self.remove_index(model, index)
        super().delete_model(model, handle_autom2m)

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
            self.execute(sql, None)

"""A rule that spans tables, which no CHECK can express: kept by triggers, declared as a constraint.

Being a constraint, it is written into migrations like any other, and it comes back by itself when a later
migration rebuilds its table on SQLite, where Django drops the table, and with it its triggers.
"""

from collections.abc import Mapping, Sequence

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table

_SQLITE = """CREATE TRIGGER "{name}_{event}" AFTER {timing} ON %(table)s WHEN {broken}
BEGIN SELECT RAISE(ABORT, '{name}'); END"""

_POSTGRESQL = """CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {lock}
    IF {broken} THEN
        RAISE check_violation USING MESSAGE = '{name}', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "{name}" AFTER INSERT OR UPDATE OF {columns} ON %(table)s
FOR EACH ROW EXECUTE FUNCTION "{name}"()"""


class TriggerConstraint(models.BaseConstraint):
    """Refuses a row when a condition on it, and on other tables, is true. Breaking it is an IntegrityError.

    Args:
        name: the constraint's name, which the database's error carries.
        columns: the columns whose change may break the rule; the other updates cost nothing.
        broken: per database vendor, SQL that is true when the row `NEW` breaks the rule.
        lock: a statement that PostgreSQL runs first, to lock what the rule reads of other tables, so that two
            transactions at READ COMMITTED cannot break it together. SQLite has one writer at a time.
    """

    def __init__(
        self,
        *,
        name: str,
        columns: Sequence[str],
        broken: Mapping[str, str],
        lock: str = "",
        violation_error_code: str | None = None,
        violation_error_message: str | None = None,
    ) -> None:
        super().__init__(
            name=name, violation_error_code=violation_error_code, violation_error_message=violation_error_message
        )
        self.columns, self.broken, self.lock = tuple(columns), dict(broken), lock

    def constraint_sql(  # type: ignore[override]  # which says texts, and that both may be missing
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> None:
        """Have the triggers created once the table stands; nothing of them stands in CREATE TABLE."""
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))

    def create_sql(  # type: ignore[override]  # which says texts, and that both may be missing
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        """Return what adds the triggers to a table that exists; SQLite rebuilds the table instead."""
        (statement,) = self._statements(model, schema_editor)
        return statement

    def remove_sql(  # type: ignore[override]  # which says texts, and that both may be missing
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        """Return what drops the triggers again; SQLite rebuilds the table instead."""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        return Statement(f'DROP TRIGGER "{self.name}" ON %(table)s; DROP FUNCTION "{self.name}"()', table=table)

    def _statements(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        vendor, quote = schema_editor.connection.vendor, schema_editor.quote_name
        columns = ", ".join(map(quote, self.columns))
        events = {"insert": "INSERT", "update": f"UPDATE OF {columns}"}
        words = {"name": self.name, "columns": columns, "lock": self.lock, "broken": f"({self.broken[vendor]})"}
        templates = {
            "sqlite": [_SQLITE.format(event=event, timing=timing, **words) for event, timing in events.items()],
            "postgresql": [_POSTGRESQL.format(**words)],
        }
        return [Statement(text, table=Table(model._meta.db_table, quote)) for text in templates[vendor]]

    def validate(self, *_: object, **__: object) -> None:
        """Leave the telling to the model's `clean`, which knows the field to blame."""

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        """Return what a migration writes."""
        path, args, options = super().deconstruct()
        options |= {"columns": self.columns, "broken": self.broken} | ({"lock": self.lock} if self.lock else {})
        return path, args, options

    def __eq__(self, other: object) -> bool:
        """Compare what a migration would write."""
        return isinstance(other, TriggerConstraint) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]

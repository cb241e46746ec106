"""How the schema of PostgreSQL changes beneath those who watch over its tables."""

from django.db.backends.postgresql.schema import DatabaseSchemaEditor

from resources.core.database.table_changes import WatchedSchemaEditor


class SchemaEditor(WatchedSchemaEditor, DatabaseSchemaEditor):
    """Django's, which tells of every change of a table."""

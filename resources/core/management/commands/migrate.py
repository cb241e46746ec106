"""`manage.py migrate`: Django's, which keeps nobody who reads or writes a table waiting for more than a moment."""

from django.core.management.commands import migrate

from resources.core.database.migrating import PatientExecutor

Command = migrate.Command
migrate.MigrationExecutor = PatientExecutor  # type: ignore[attr-defined]  # which the command makes by this name

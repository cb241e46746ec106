"""The Django application that carries Headwater's own tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers lookups, what SQLite needs for them, its log, keys, budgets, triggers, deletions, the journal."""

    name = "resources.core"
    label = "headwater"
    verbose_name = "Headwater"

    def ready(self) -> None:
        """Install what queries need on every database."""
        from resources.core import deleting, text
        from resources.core.api_keys import keyring
        from resources.core.database import (
            deadline,
            membership,
            person_columns,
            postgresql_values,
            raw_forms,
            sqlite,
            sqlite_values,
        )
        from resources.core.journal import resets, sequencer, triggers

        text.install()
        membership.install()
        person_columns.install()
        sqlite.install(self)
        sqlite_values.install()
        postgresql_values.install()
        deadline.install()
        keyring.install(self)
        raw_forms.install()
        triggers.install()
        resets.install()
        deleting.install()
        sequencer.install()

"""The Django application that carries Headwater's own tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the text lookups, the SQLite functions behind them, and SQLite's write-ahead log."""

    name = "resources.core"
    label = "core"
    verbose_name = "Headwater"

    def ready(self) -> None:
        """Install what queries need on every database."""
        from resources.core import sqlite, text

        text.install()
        sqlite.install(self)

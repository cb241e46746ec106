"""The Django application of the view: its commands and checks."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Headwater's part of the view."""

    name = "api.core"
    label = "api"

    def ready(self) -> None:
        """Install what compiled reads need of the ORM and of SQLite."""
        from api.core.filters import among
        from serializers.core.compiled import sqlite

        among.install()
        sqlite.install()

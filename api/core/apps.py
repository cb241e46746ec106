"""The Django application of the view: its commands and checks."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Headwater's part of the view."""

    name = "api.core"
    label = "headwater_api"

    def ready(self) -> None:
        """Install what compiled reads need of the ORM and of SQLite, and what codes need of allauth."""
        from api.core.views import postgresql_fields

        postgresql_fields.install()  # before anything loads DRF

        from api.core.people import codes
        from api.core.query.filters import json_lookups
        from serializers.core.read.compiled import sqlite

        json_lookups.install()
        sqlite.install()
        codes.install()

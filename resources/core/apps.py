"""The Django application that carries Headwater's own tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the text lookups and the SQLite functions behind them before any query runs."""

    name = "resources.core"
    label = "core"
    verbose_name = "Headwater"

    def ready(self) -> None:
        """Install what queries need on every database."""
        from resources.core import text

        text.install()

"""The Django application that carries Headwater's own tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the text lookups, what SQLite needs for them, its write-ahead log, the keyring, time budgets."""

    name = "resources.core"
    label = "headwater"
    verbose_name = "Headwater"

    def ready(self) -> None:
        """Install what queries need on every database."""
        from resources.core import interrupting, keyring, sqlite, text

        text.install()
        sqlite.install(self)
        interrupting.install()
        keyring.install(self)

"""`manage.py explain [resource]`: how each resource is read, and what no index serves."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from api.core.operations.explain import Explained, explain, unserved
from api.core.registry import REGISTRY


class Command(BaseCommand):
    """Explain how resources are read."""

    help = "Say of each resource at which level it is read, why, and which filters and orderings have no index."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the argument."""
        parser.add_argument(
            "resource", nargs="?", help="the plural name of one, to see the statement and its plan, too"
        )

    def handle(self, *, resource: str | None, **options: Any) -> None:
        """Explain one resource in full, or all in a line each.

        Raises:
            CommandError: there is no such resource.
        """
        import_module(settings.ROOT_URLCONF)  # where resources are registered
        known = {viewset.plural(): viewset for viewset in REGISTRY.by_model.values()}
        if resource is not None and resource not in known:
            raise CommandError(f"There is no resource {resource!r}. There are {', '.join(sorted(known))}.")
        for name in [resource] if resource else sorted(known):
            found = explain(known[name])
            self.stdout.write(f"{name}: {found.level}{f', because {found.reason}' if found.reason else ''}")
            if resource:
                self._in_full(found)
            for warning in unserved(known[name]):
                self.stdout.write(self.style.WARNING(f"  warning: {warning}"))

    def _in_full(self, found: Explained) -> None:
        self.stdout.write(f"\n{found.sql}\n\n{found.plan}\n")
        self.stdout.write(f"indexes: {', '.join(found.indexes) or 'none'}")

"""`manage.py contractdiff`: what changed since the last published contract, and whether that breaks clients."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openapi.core.diff import DocumentError, compare, read, report

OPENAPI = Path(__file__).resolve().parents[3]
PUBLISHED = OPENAPI / "published.yaml"
SCHEMA = OPENAPI / "schema.yaml"


class Command(BaseCommand):
    """Compare two contracts; exit with 1 when a client of the first would break."""

    help = "Compare the contract with the last published one; fail on what breaks clients."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take two files, both of which have a default."""
        parser.add_argument("old", nargs="?", type=Path, default=PUBLISHED, help="default: openapi/published.yaml")
        parser.add_argument("new", nargs="?", type=Path, default=SCHEMA, help="default: openapi/schema.yaml")
        parser.add_argument("--day", type=date.fromisoformat, help="judge announced removals as on this day, not today")
        parser.add_argument("--publish", action="store_true", help="make NEW the published contract, OLD")
        parser.add_argument("--force-major", action="store_true", help="publish although it breaks clients")

    def handle(
        self,
        *args: Any,
        old: Path,
        new: Path,
        publish: bool,
        force_major: bool,
        day: date | None = None,
        **options: Any,
    ) -> None:
        """Compare, and publish if that is asked and allowed: as of today, since it is done today."""
        if not (publish and not old.exists()):
            self._compare(old, new, None if publish else day, forgiving=publish and force_major)
        if publish:
            read_or_refuse(new)
            old.write_bytes(new.read_bytes())
            self.stdout.write(f"Published {new} as {old}.")

    def _compare(self, old: Path, new: Path, day: date | None, *, forgiving: bool) -> None:
        if old == PUBLISHED and not old.exists():
            raise CommandError("No contract has been published yet: `make publish-contract` publishes the first.")
        try:
            differences = compare(read(old), read(new), day=day)
        except DocumentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(report(differences))
        if any(each.breaking for each in differences) and not forgiving:
            raise CommandError(
                "Clients of the published contract would break. Keep what was there beside what is new, or announce"
                ' its removal,  deprecated = {"member": "2027-06-30"}  on the viewset, and remove it after that day:'
                " see openapi/guides/19-changing.md."
            )


def read_or_refuse(path: Path) -> None:
    """Make sure that a file is a contract.

    Raises:
        CommandError: it is none.
    """
    try:
        read(path)
    except DocumentError as error:
        raise CommandError(str(error)) from error

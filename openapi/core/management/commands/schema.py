"""`manage.py schema`: writes the contract and the list of routes, or says how the committed ones differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openapi.core.generation import contract_files

MOST_LINES = 200


class Command(BaseCommand):
    """Write `openapi/schema.yaml` and `openapi/routes.txt` from the code."""

    help = "Write openapi/schema.yaml and openapi/routes.txt from the code."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to compare only."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the committed files differ")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write the files, or compare them.

        Raises:
            CommandError: they differ from what the code makes.
        """
        files = contract_files.files()
        if check:
            self._compare(files)
            return
        for file, text in files.items():
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {file.name}: {text.count(chr(10))} lines.")

    def _compare(self, files: dict[Any, str]) -> None:
        lines = [line for file, text in files.items() for line in contract_files.difference(file, text).splitlines()]
        if lines:
            more = [f"... and {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
            self.stdout.write("\n".join([*lines[:MOST_LINES], *more]))
            raise CommandError("The committed contract is not the one that the code makes. Run: make schema")

"""`manage.py resource NAME`: writes a working resource, with its tests, in files of the same name in each layer."""

import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse

from api.core.scaffold.files import files_of
from api.core.scaffold.lines import LINES, PlaceNotFoundError
from api.core.scaffold.names import NameRefusedError, Names, names_of


class Command(BaseCommand):
    """Write a new resource."""

    help = "Write a model, a serializer, a viewset and their tests; register them; make the migration and the contract."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("name", help="a noun in the singular, in lower case: booking, travel_document")
        parser.add_argument("--plural", default="", help="where it is irregular: person --plural people")

    def handle(self, *_: object, name: str, plural: str, **__: object) -> None:
        """Write all of it, or nothing.

        Raises:
            CommandError: the name is none or is taken, or a file has no place for the new line.
        """
        try:
            names = names_of(name, plural)
        except NameRefusedError as refusal:
            raise CommandError(str(refusal)) from None
        root: Path = settings.ROOT
        files = files_of(names)
        refuse_existing(names, [path for path in files if (root / path).exists()])
        for path, text in (files | changed_lines(root, names)).items():
            write(root / path, text)
            self.stdout.write(path)
        for command in (("makemigrations", names.plural), ("schema",)):
            run(root, *command)


def refuse_existing(names: Names, existing: list[str]) -> None:
    """Refuse a name that something else has.

    Raises:
        CommandError: says what has it.
    """
    if existing:
        raise CommandError(f"{existing[0]} is there already. Choose another name, or delete it first.")
    if names.plural in apps.app_configs:
        raise CommandError(f"Django knows an application {names.plural!r} already. Choose another name.")
    for model in apps.get_models():
        if model.__name__ == names.model:
            raise CommandError(f"{model._meta.label} is called {names.model} already. Choose another name.")
    if is_served(names.route):
        raise CommandError(f"/v1/{names.route} is served already. Choose another name.")


def is_served(route: str) -> bool:
    """Whether a resource has this plural name."""
    try:
        reverse(f"{route}-list")
    except NoReverseMatch:
        return False
    return True


def changed_lines(root: Path, names: Names) -> dict[str, str]:
    """Return the files that tell the rest of the domain, with the new lines.

    Raises:
        CommandError: says what to write by hand instead.
    """
    changed = {}
    for path, with_line in LINES.items():
        try:
            changed[path] = with_line((root / path).read_text(), names)
        except PlaceNotFoundError as missing:
            raise CommandError(
                f"Nothing was written: {path} has no place for {missing}, as far as can be told."
            ) from None
    return changed


def write(file: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def run(root: Path, *command: str) -> None:
    """Run another command in a process of its own: this one began before the domain was there.

    Raises:
        CommandError: it failed.
    """
    process = subprocess.run([sys.executable, root / "manage.py", *command], cwd=root, check=False)  # noqa: S603 - our own
    if process.returncode:
        raise CommandError(f"The files are written, but `manage.py {' '.join(command)}` failed: see above.")

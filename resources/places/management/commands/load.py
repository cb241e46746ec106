"""`manage.py load`: fills the database with the sample data."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import Any

from django.core.management.base import BaseCommand

from resources.places.samples.sources import Sources

LEAST_POPULATIONS = (500, 1000, 5000, 15000)
LONGEST = len("languages of countries")


class Command(BaseCommand):
    """Says what it does on standard error, so that standard output stays free."""

    help = "Load real countries, currencies, languages, subdivisions, cities and airports."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer the sets of cities."""
        parser.add_argument(
            "--cities",
            type=int,
            choices=LEAST_POPULATIONS,
            default=15000,
            help="cities of at least this population (15000: 34,006 of them; 500: 234,908), and all capitals",
        )

    def handle(self, *args: Any, cities: Any, **options: Any) -> None:
        """Load what is missing, or say that nothing is."""
        from resources.places.samples.loading import load

        if not load(Sources(cities), bar if sys.stderr.isatty() else line):
            self.stderr.write("The sample data is loaded already.")


@contextmanager
def bar(table: str, rows: int) -> Iterator[Callable[[int], object]]:
    """Show a bar that fills: for people."""
    from tqdm import tqdm

    size = get_terminal_size()  # tqdm's own guess is nothing in a terminal that tells no size, and so is its bar
    table = f"{table:>{LONGEST}}"
    with tqdm(total=rows, desc=table, unit=" rows", ncols=size.columns, nrows=size.lines, file=sys.stderr) as shown:
        yield shown.update


@contextmanager
def line(table: str, rows: int) -> Iterator[Callable[[int], object]]:
    """Write one line when a table is done: for logs."""
    yield lambda more: None
    sys.stderr.write(f"{table}: {rows:,} rows\n")

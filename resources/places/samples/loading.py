"""Puts the sample data into the database: all of it or nothing, and only what is missing."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from resources.places.models import Airport, City, Country, Currency, Language, SampleData, Subdivision
from resources.places.samples.airports import airports
from resources.places.samples.cities import cities
from resources.places.samples.countries import countries
from resources.places.samples.currencies import currencies
from resources.places.samples.languages import languages, spoken_languages
from resources.places.samples.sources import Sources
from resources.places.samples.subdivisions import subdivisions

Rows = Callable[[Sources], Iterable[Model]]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], object]]]
"""Opens a display for a table of so many rows; what it yields is told how many more are done."""

BATCH = 1000

TABLES: Sequence[tuple[str, type[Model], Rows, tuple[str, ...]]] = (
    # what it is called, the table, its rows, and the columns that tell one row from another
    ("currencies", Currency, currencies, ("pk",)),
    ("languages", Language, languages, ("pk",)),
    ("countries", Country, countries, ("pk",)),
    ("languages of countries", Country.languages.through, spoken_languages, ("country_id", "language_id")),
    ("subdivisions", Subdivision, subdivisions, ("pk",)),
    ("cities", City, cities, ("pk",)),
    ("airports", Airport, airports, ("pk",)),
)


def load(sources: Sources, progress: Progress) -> bool:
    """Add the rows that are missing; those that are there stay as they are.

    Returns:
        False when this very data was loaded before, and nothing was done.
    """
    if SampleData.objects.filter(pk=sources.fingerprint).exists():
        return False
    with transaction.atomic():
        for name, table, rows, key in TABLES:
            missing = _missing(table, rows(sources), key)
            with progress(name, len(missing)) as advance:
                for batch in batched(missing, BATCH):
                    advance(len(table._default_manager.bulk_create(batch)))
        SampleData.objects.create(pk=sources.fingerprint)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return True


def _missing(table: type[Model], rows: Iterable[Any], key: tuple[str, ...]) -> list[Any]:
    """List the rows whose key is not there yet."""
    present = set(table._default_manager.values_list(*key))
    return [row for row in rows if tuple(getattr(row, column) for column in key) not in present]

"""Puts the sample data into the database: all of it or nothing, and only what is missing."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
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

TABLES: Sequence[tuple[type[Model], Rows, tuple[str, ...]]] = (
    # the table, its rows, and the columns that tell one row from another
    (Currency, currencies, ("pk",)),
    (Language, languages, ("pk",)),
    (Country, countries, ("pk",)),
    (Country.languages.through, spoken_languages, ("country_id", "language_id")),
    (Subdivision, subdivisions, ("pk",)),
    (City, cities, ("pk",)),
    (Airport, airports, ("pk",)),
)


def load(sources: Sources, progress: Progress) -> bool:
    """Add the rows that are missing; those that are there stay as they are.

    Returns:
        False when this very data was loaded before, and nothing was done.
    """
    if SampleData.objects.filter(pk=sources.fingerprint).exists():
        return False
    with transaction.atomic():
        for table, rows, key in TABLES:
            _fill(table, list(rows(sources)), key, progress)
        SampleData.objects.create(pk=sources.fingerprint)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return True


def _fill(table: type[Model], rows: Sequence[Any], key: tuple[str, ...], progress: Progress) -> None:
    """Insert the rows whose key is not there yet, in batches."""
    present = set(table._default_manager.values_list(*key))
    missing = [row for row in rows if tuple(getattr(row, column) for column in key) not in present]
    with progress(str(table._meta.verbose_name_plural), len(missing)) as advance:
        for start in range(0, len(missing), BATCH):
            advance(len(table._default_manager.bulk_create(missing[start : start + BATCH])))

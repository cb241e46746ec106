"""Values to try a filter with: frequent, rare and absent ones, by the database's statistics or a sample of rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Never, Protocol

from django.db import DatabaseError, connections
from django.db.models import BooleanField, ForeignObjectRel, ManyToManyField, Model

from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.lookups import COMPARISONS, PATTERNS
from resources.core.database.columns import Column, value_column
from resources.core.database.sqlite.statistics import numbers_of
from resources.core.folding import fold_case
from serializers.core.json import encode

SAMPLED = 500
"""Rows of a table that are looked at where the database keeps no statistics of single values."""
PIECE = 3
"""Letters of a text that are looked for in others."""
NOWHERE = "zqxjkv"
ABSENT: Mapping[str, str] = {
    "UUIDField": "ffffffff-ffff-7fff-8fff-ffffffffffff",
    "DateField": "1900-01-01",
    "DateTimeField": "1900-01-01T00:00:00Z",
    "TimeField": "03:14:15.926535",
    "FloatField": "89.123456",
    "DecimalField": "0.01",
    "SmallIntegerField": "-31415",
    "PositiveSmallIntegerField": "31415",
}
"""What hardly a row holds, by the type of its column; of text, some letters, and of other numbers, a large one."""
# Most frequent values with their share of all rows, and values at equal distances from the first to the last one.
STATISTICS = """SELECT null_frac, most_common_vals::text::text[], most_common_freqs, histogram_bounds::text::text[]
FROM pg_stats WHERE schemaname = ANY(current_schemas(false)) AND tablename = %s AND attname = %s"""


class Stored(Protocol):
    """A value as a model's attribute holds it."""

    def __lt__(self, other: Never, /) -> bool:
        """Compare it with another of its column."""
        ...


@dataclass(frozen=True, slots=True)
class TrialValue:
    """A value to try a filter with.

    Attributes:
        text: as a client writes it.
        share: of all rows, those that it is expected to find; 0 to 1.
    """

    text: str
    share: float


class Held:
    """Values that a column holds, each with its share of the rows."""

    def __init__(self, shares: Mapping[Stored, float], *, missing: float, once: float = 0.0) -> None:
        """Take them, the share of NULL, and that of what was met once: it may be one of many, or alone of its kind."""
        self.shares, self.missing, self.once = shares, missing, once
        try:
            self.in_order = sorted(shares)
        except TypeError:  # they are of several types, as a column's own class may make them
            self.in_order = list(shares)

    def share(self, values: Iterable[Stored]) -> float:
        """Return the share of some of them together; 0 of one that was met once, since it would be far too large."""
        together = sum(self.shares[value] for value in values)
        return 0.0 if together <= self.once else min(1.0, together)

    def beyond(self, lookup: str, value: Stored) -> list[Stored]:
        """Return those that a comparison with one of them finds."""
        at = self.in_order.index(value) + (lookup in ("gt", "lte"))
        return self.in_order[at:] if lookup.startswith("g") else self.in_order[:at]


def trial_values(filter_: LookupFilter, using: str) -> Iterator[TrialValue]:
    """Yield values to try a filter with; none where its table has no rows."""
    column, lookup = filter_.column, filter_.lookup_expr
    end = _end(column)
    held = _held(end, using)
    if lookup == "isnull":
        yield from (TrialValue("false", 1 - held.missing), TrialValue("true", held.missing))
        return
    if not held.shares:
        return
    frequent = max(held.shares, key=lambda value: held.shares[value])
    rare = min(held.shares, key=lambda value: held.shares[value])
    if lookup in COMPARISONS:
        yield from _compared(held, lookup)
    elif lookup in PATTERNS:
        texts = (_piece(lookup, str(frequent)), str(rare), NOWHERE)
        tests = ((text, _matched(lookup, text)) for text in dict.fromkeys(texts) if text)
        yield from (TrialValue(text, held.share(filter(test, held.shares))) for text, test in tests)
    elif lookup in ("exact", "in"):
        yield from _equal(held, end, frequent, rare)
    else:  # of somebody's own choice, such as `year`: whether that reads a value of the column is seen by its form
        yield TrialValue(_text(frequent), held.share([frequent]))


def _equal(held: Held, column: Column, frequent: Stored, rare: Stored) -> Iterator[TrialValue]:
    if isinstance(column, BooleanField):
        for flag in (False, True):
            yield TrialValue(_text(flag), held.shares.get(flag, 0.0))
        return
    yield from (TrialValue(_text(value), held.share([value])) for value in (frequent, rare) if str(value))
    if not value_column(column).choices:
        yield TrialValue(_absent(column), 0.0)


def _compared(held: Held, lookup: str) -> Iterator[TrialValue]:
    middle, last = held.in_order[len(held.in_order) // 2], held.in_order[-1 if lookup.startswith("g") else 0]
    for value in (middle, last):
        yield TrialValue(_text(value), held.share(held.beyond(lookup, value)))


def words_to_try(column: Column, using: str) -> Iterator[TrialValue]:
    """Yield words to search for in a column of text."""
    yield from trial_values(LookupFilter(column, field_name=column.name, lookup_expr="icontains"), using)


def _end(target: Column | ForeignObjectRel) -> Column:
    """Return the column that holds the values: of a relation from elsewhere, the key of those rows."""
    if isinstance(target, ForeignObjectRel | ManyToManyField):
        key: Column = target.related_model._meta.pk
        return key
    return target


def _held(column: Column, using: str) -> Held:
    """Look up what the database knows of a column, or else look at rows all over its table."""
    model: type[Model] = column.model
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(STATISTICS, [model._meta.db_table, column.column])
            known = cursor.fetchone()
        if known and (known[1] or known[3]):
            return Held(_known(value_column(column), *known[1:]), missing=known[0])
    values, shares = _sample(model, column.attname, using), dict[Stored, float]()
    once = 1 / max(1, len(values))
    for value in values:
        if value is not None and isinstance(value, Hashable):
            shares[value] = shares.get(value, 0.0) + once
    return Held(shares, missing=once * values.count(None), once=once)


def _known(
    column: Column, common: list[str] | None, frequencies: list[float] | None, bounds: list[str] | None
) -> dict[Stored, float]:
    shares = {column.to_python(text): share for text, share in zip(common or (), frequencies or (), strict=True)}
    others = bounds or []
    between = max(0.0, 1 - sum(shares.values())) / max(1, len(others))
    for text in others:
        shares.setdefault(column.to_python(text), between)
    return shares


def _sample(model: type[Model], attribute: str, using: str) -> list[Stored | None]:
    """Return values of a column, of rows all over the table: those of its first page may all be alike."""
    rows = model._base_manager.using(using).order_by()
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            numbers = numbers_of(cursor, model._meta.db_table)
        if numbers is not None and numbers.rows > SAMPLED:
            table = connection.ops.quote_name(model._meta.db_table)
            places = ", ".join(f"({numbers.first + at * numbers.rows // SAMPLED})" for at in range(SAMPLED))
            following = f"SELECT MIN(rowid) FROM {table} WHERE rowid >= column1"  # noqa: S608 - whole numbers
            rows = rows.extra(where=[f"{table}.rowid IN (SELECT ({following}) FROM (VALUES {places}))"])  # noqa: S610, S608
    try:
        return list(rows.values_list(attribute, flat=True)[:SAMPLED])
    except DatabaseError:  # on SQLite, a view, or a table without numbers of its rows
        return []


def _piece(lookup: str, text: str) -> str:
    if lookup == "iexact":
        return text.swapcase()
    return text[-PIECE:] if "ends" in lookup else text[:PIECE]


def _matched(lookup: str, text: str) -> Callable[[Stored], bool]:
    form = fold_case if lookup.startswith("i") else str
    wanted = form(text)
    tests: dict[str, Callable[[str], bool]] = {
        "exact": lambda held: held == wanted,
        "contains": lambda held: wanted in held,
        "startswith": lambda held: held.startswith(wanted),
        "endswith": lambda held: held.endswith(wanted),
    }
    test = tests[lookup.removeprefix("i")]
    return lambda held: test(form(str(held)))


def _absent(column: Column) -> str:
    stored = value_column(column)
    named = next((ABSENT[kind.__name__] for kind in type(stored).__mro__ if kind.__name__ in ABSENT), None)
    return named or ("987654321" if "Integer" in stored.get_internal_type() else NOWHERE)


def _text(value: Stored) -> str:
    """Write a value as a client would."""
    return encode(value).decode().strip('"')

"""The lookups a filter may use: which are natural to each type of column, and what each means to the database.

One table per question. A lookup that stands here is offered alike on every database; Django's other
lookups can be named in a `filterset_fields` dict and are passed on as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignObjectRel, Q

from api.core.query.filters import form_fields, json_fields
from api.core.query.filters.strict import ValueField
from api.core.tracing.slots import typed
from resources.core.database.columns import Column, converts, entry_for, is_a, value_column
from resources.core.database.membership import Several
from resources.core.database.related import LOOKUP_SEPARATOR, Relation, is_relation

type Target = Column | ForeignObjectRel
"""What a filter leads to: a column, or a relation from elsewhere."""


@dataclass(frozen=True, slots=True)
class ColumnFilters:
    """How values of one type of column are read, and the lookups natural to it."""

    field: Callable[[Column], ValueField]
    natural: tuple[str, ...]


EQUAL = ("exact", "in")
COMPARISONS = ("gt", "gte", "lt", "lte")
PATTERNS = ("iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith")
ORDERED = (*EQUAL, *COMPARISONS)
TEXTUAL = (*EQUAL, *PATTERNS)


class Year(models.IntegerField):  # type: ignore[type-arg]
    """The year of a date."""


COLUMNS: dict[type[Column], ColumnFilters] = {
    Year: ColumnFilters(lambda _: form_fields.Integer(least=1, most=9999), ORDERED),
    models.BooleanField: ColumnFilters(lambda _: form_fields.Boolean(), ("exact",)),
    models.IntegerField: ColumnFilters(lambda _: form_fields.Integer(), ORDERED),
    models.DecimalField: ColumnFilters(lambda _: form_fields.Number(), ORDERED),
    models.FloatField: ColumnFilters(lambda _: form_fields.Number(convert=float), ORDERED),
    models.DateTimeField: ColumnFilters(lambda _: form_fields.Instant(), ORDERED),
    models.DateField: ColumnFilters(lambda _: form_fields.Date(), ORDERED),
    models.TimeField: ColumnFilters(lambda _: form_fields.Time(), ORDERED),
    models.DurationField: ColumnFilters(lambda _: form_fields.Duration(), ORDERED),
    models.UUIDField: ColumnFilters(lambda _: form_fields.Uuid(), EQUAL),
    models.CharField: ColumnFilters(lambda _: form_fields.Text(), TEXTUAL),
    models.TextField: ColumnFilters(lambda _: form_fields.Text(), TEXTUAL),
    models.GenericIPAddressField: ColumnFilters(form_fields.Address, EQUAL),
}


def filters_of(target: Target) -> ColumnFilters | None:
    """Return how a column is filtered; a foreign key is filtered as the key it refers to.

    Returns:
        None for a type that has no natural filters (JSON, files, binary).
    """
    if is_relation(target):
        of_key = filters_of(_key(target))
        return None if of_key is None else ColumnFilters(of_key.field, EQUAL)
    if target.choices:
        values = [value for value, _ in target.flatchoices]
        return ColumnFilters(lambda _: form_fields.OneOf(values), EQUAL)
    stored = value_column(target)
    return entry_for(COLUMNS, stored) or _converted(stored)


def _converted(stored: Column) -> ColumnFilters | None:
    """Return how a column is filtered that converts values itself: read as its nearest kin, and then by itself.

    Numbers and times are compared, too, as Django would; what is made of a text may have an order of its own.
    """
    ancestors = (kind for kind in type(stored).__mro__ if issubclass(kind, models.Field))
    kin = next((kind for kind in ancestors if kind in COLUMNS), None)
    if kin is None:
        return None
    plain = COLUMNS[kin]
    # What is stored as a whole number need not be one.
    reads = form_fields.Number() if issubclass(kin, models.IntegerField) else plain.field(stored)
    natural = EQUAL if plain.natural == TEXTUAL else plain.natural
    return ColumnFilters(lambda _: form_fields.Converted(stored, reads), natural)


def _key(relation: Relation) -> Column:
    """Return the column that values of a relation are compared with."""
    column: Column = relation.related_model._meta.pk if relation.many_to_many else relation.target_field
    return _key(column) if is_relation(column) else column


def natural(target: Target) -> tuple[str, ...]:
    """Return the lookups natural to a column: comparisons of keys, and `isnull` where there may be none."""
    filters = filters_of(target)
    several = array_item(target) is not None
    usual = ("contains", "overlap") if several else () if filters is None else filters.natural
    comparisons = COMPARISONS if getattr(target, "primary_key", False) else ()
    isnull = ("isnull",) if target.null or target.many_to_many else ()
    return tuple(dict.fromkeys((*usual, *comparisons, *isnull)))


def array_item(target: Target) -> Column | None:
    """Return the column of one item of an array of PostgreSQL's, or None for any other column."""
    item: Column | None = getattr(target, "base_field", None)
    return item


def value_field(target: Target, lookup: str) -> ValueField:
    """Return the form field that reads the value of a lookup on a column, perhaps on a part of it: `date__gte`."""
    name, target = _follow(target, lookup)
    if name == "isnull":
        return form_fields.Boolean()
    if is_a(target, models.JSONField):
        return (JSON_VALUES if name == lookup else FIELDS).get(name, json_fields.JsonOrText)()
    item = array_item(target)
    if item is not None:
        return form_fields.Several(value_field(item, "exact"))
    if name in FIELDS:
        return FIELDS[name]()
    filters = filters_of(target)
    if filters is None:
        return form_fields.Text()
    column = _key(target) if is_relation(target) else target
    if name in LISTS:
        return LISTS[name](filters.field(column))
    return _text(column) if name == "exact" and _is_text(target) else filters.field(column)


def _text(column: Column) -> ValueField:
    """Return what reads a text, which may be empty where the column holds such."""
    if not column.choices:
        return form_fields.Text(allow_empty=True)
    return form_fields.OneOf([*(value for value, _ in column.flatchoices), *([""] if column.blank else [])])


def _follow(target: Target, lookup: str) -> tuple[str, Target]:
    """Follow transforms such as `date` and `year`; return the lookup at the end, and the type it compares with."""
    name, target = "exact", target if is_relation(target) else value_column(target)
    for part in lookup.split(LOOKUP_SEPARATOR):
        # A column of JSON, or an array, takes any name for a way into its values.
        transform = None if target.get_lookup(part) else target.get_transform(part)
        if transform is None:
            name = part
        else:
            output = Year() if part in ("year", "iso_year") else getattr(transform, "output_field", None)
            of_item = array_item(target) if part.isdecimal() else None
            target = of_item or (output if isinstance(output, models.Field) else target)
    return name, target


FIELDS: dict[str, Callable[[], ValueField]] = {
    "regex": form_fields.Pattern,
    "iregex": form_fields.Pattern,
    **dict.fromkeys(PATTERNS, form_fields.Text),
}
"""The lookups whose value is of one type, whatever the column's."""

JSON_VALUES: dict[str, Callable[[], ValueField]] = {
    **dict.fromkeys(("exact", "contains", "contained_by"), json_fields.AnyJson),
    "in": json_fields.SeveralJson,
    "has_key": form_fields.Text,
    **dict.fromkeys(("has_keys", "has_any_keys"), lambda: form_fields.Several(form_fields.Text())),
}
"""How the values of lookups on a column of JSON are read; those of a path into it are JSON or texts."""

LISTS: dict[str, Callable[[ValueField], ValueField]] = {
    "in": form_fields.Several,
    "range": lambda item: form_fields.Several(item, exactly=2),
}
"""The lookups that take a list of the column's values."""

MEANINGS = {
    "iexact": "fold_case__same",
    "contains": "holds",
    "icontains": "fold_case__holds",
    "startswith": "begins",
    "istartswith": "fold_case__begins",
    "endswith": "ends",
    "iendswith": "fold_case__ends",
}
"""The lookups on text that mean the same on every database, where Django's do not."""


def condition(target: Target, path: str, lookup: str, value: object) -> Q:  # of whatever type the column reads
    """Return the condition that a lookup on a column is to the database, for a value or its slot."""
    if lookup == "in" and traceable(target, lookup):
        lookup, value = "among", typed(value, Several(_exact(target, lookup)))
    elif traceable(target, lookup):
        value = typed(value, _exact(target, lookup))
        lookup = MEANINGS.get(lookup, lookup) if _is_text(target) else lookup
    elif lookup in JSON_MEANINGS and is_a(target, models.JSONField):
        lookup = JSON_MEANINGS[lookup]
    elif isinstance(value, tuple):
        numbers = isinstance(value[0], Decimal | float) and not converts(target)
        value = [typed(item, _exact(target, lookup)) if numbers else item for item in value]
    elif isinstance(value, Decimal) and not converts(target):
        value = typed(value, _ANY_DECIMAL)
    return Q(**{f"{path}{LOOKUP_SEPARATOR}{lookup}": value})


JSON_MEANINGS = {"exact": "same_json", "contains": "holds_json", "contained_by": "inside_json"}
"""The lookups on JSON that mean the same on every database; Django's are PostgreSQL's only."""


def traceable(target: Target, lookup: str) -> bool:
    """Whether a slot may stand in the place of a lookup's value."""
    stored = _key(target) if is_relation(target) else value_column(target)
    if not isinstance(stored, tuple(COLUMNS)):
        return False
    if lookup == "in":  # JSON may not carry floats and decimals exactly, nor what a column's own class makes of values
        return not (isinstance(stored, IN_ONE_BY_ONE) or converts(stored))
    return lookup in TRACEABLE and not (lookup in PATTERNS and converts(stored))


IN_ONE_BY_ONE = (models.FloatField, models.DecimalField, models.GenericIPAddressField)
TRACEABLE = frozenset(("exact", *COMPARISONS, *PATTERNS))
"""The lookups that mean the same, and cost the same, when their value is a slot. Parts of dates are not among them:
Django makes a range of `year=2026`, which an index can serve, but only where it sees the year."""


def _exact(target: Target, lookup: str) -> Column:
    """Return the type of a value compared with a column: no bound is rounded, or refused for being out of range."""
    if is_relation(target):
        return _exact(_key(target), lookup)
    column = value_column(target)
    if converts(column):
        return column
    if lookup in PATTERNS:
        return _ANY_TEXT
    return next((exact for kind, exact in ANY if isinstance(column, kind)), column)


def _is_text(target: Target) -> bool:
    return not is_relation(target) and is_a(target, models.CharField, models.TextField)


class UntypedReal(models.FloatField):  # type: ignore[type-arg]
    """A number that PostgreSQL reads as of the column's own type: as a `real`, 0.13 is another than as a double."""

    def get_db_prep_value(
        self, value: float | None, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> float | str | None:
        """Give PostgreSQL the text."""
        number: float | None = super().get_db_prep_value(value, connection, prepared)
        return repr(number) if connection.vendor == "postgresql" and number is not None else number


_ANY_TEXT: Column = models.TextField()
_ANY_DECIMAL: Column = models.DecimalField(max_digits=2000, decimal_places=None)
_ANY_INTEGER: Column = models.BigIntegerField()
ANY: tuple[tuple[type[Column], Column], ...] = (
    (models.DecimalField, _ANY_DECIMAL),
    (models.IntegerField, _ANY_INTEGER),
    (models.FloatField, UntypedReal()),
)
"""For bounds that a smaller column cannot hold, which Django takes to be met by every row, even without a value."""

"""The lookups a filter may use: which are natural to each type of column, and what each means to the database.

One table per question. A lookup that stands here is offered alike on every database; Django's other
lookups can be named in a `filterset_fields` dict and are passed on as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from api.core.query.filters import form_fields
from api.core.tracing.slots import typed
from resources.core.database.columns import converts, entry_for, is_a, value_column
from resources.core.database.membership import Several
from resources.core.database.related import LOOKUP_SEPARATOR


@dataclass(frozen=True, slots=True)
class Column:
    """How values of one type of column are read, and the lookups natural to it."""

    field: Callable[[models.Field[Any, Any]], form_fields.Strict]
    natural: tuple[str, ...]


EQUAL = ("exact", "in")
COMPARISONS = ("gt", "gte", "lt", "lte")
PATTERNS = ("iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith")
ORDERED = (*EQUAL, *COMPARISONS)
TEXTUAL = (*EQUAL, *PATTERNS)


def _integer(column: models.Field[Any, Any]) -> form_fields.Strict:
    return form_fields.Integer()


class Year(models.IntegerField):  # type: ignore[type-arg]
    """The year of a date."""


COLUMNS: dict[type[models.Field[Any, Any]], Column] = {
    Year: Column(lambda _: form_fields.Integer(least=1, most=9999), ORDERED),
    models.BooleanField: Column(lambda _: form_fields.Boolean(), ("exact",)),
    models.IntegerField: Column(_integer, ORDERED),
    models.DecimalField: Column(lambda _: form_fields.Number(), ORDERED),
    models.FloatField: Column(lambda _: form_fields.Number(convert=float), ORDERED),
    models.DateTimeField: Column(lambda _: form_fields.Instant(), ORDERED),
    models.DateField: Column(lambda _: form_fields.Date(), ORDERED),
    models.TimeField: Column(lambda _: form_fields.Time(), ORDERED),
    models.DurationField: Column(lambda _: form_fields.Duration(), ORDERED),
    models.UUIDField: Column(lambda _: form_fields.Uuid(), EQUAL),
    models.CharField: Column(lambda _: form_fields.Text(), TEXTUAL),
    models.TextField: Column(lambda _: form_fields.Text(), TEXTUAL),
    models.GenericIPAddressField: Column(form_fields.Address, EQUAL),
}


def column(field: models.Field[Any, Any]) -> Column | None:
    """Return how a column is filtered; a foreign key is filtered as the key it refers to.

    Returns:
        None for a type that has no natural filters (JSON, files, binary).
    """
    if field.is_relation:
        return Column(column(_key(field)).field, EQUAL)  # type: ignore[union-attr]
    if field.choices:
        values = [value for value, _ in field.flatchoices]
        return Column(lambda _: form_fields.OneOf(values), EQUAL)
    stored = value_column(field)
    return entry_for(COLUMNS, stored) or _converted(stored)


def _converted(stored: models.Field[Any, Any]) -> Column | None:
    """Return how a column is filtered that converts values itself: read as its nearest kin, and then by itself.

    Numbers and times are compared, too, as Django would; what is made of a text may have an order of its own.
    """
    kin = next((kind for kind in type(stored).__mro__ if kind in COLUMNS), None)
    if kin is None:
        return None
    plain = COLUMNS[kin]
    # What is stored as a whole number need not be one.
    reads = form_fields.Number() if issubclass(kin, models.IntegerField) else plain.field(stored)
    return Column(lambda _: form_fields.Converted(stored, reads), EQUAL if plain.natural == TEXTUAL else plain.natural)


def _key(relation: Any) -> models.Field[Any, Any]:
    """Return the column that values of a relation are compared with."""
    field = relation.related_model._meta.pk if relation.many_to_many else relation.target_field
    return _key(field) if field.is_relation else field


def natural(field: models.Field[Any, Any]) -> tuple[str, ...]:
    """Return the lookups natural to a column: comparisons of keys, and `isnull` where there may be none."""
    known = column(field)
    several = array_item(field) is not None
    usual = ("contains", "overlap") if several else () if known is None else known.natural
    comparisons = COMPARISONS if getattr(field, "primary_key", False) else ()
    isnull = ("isnull",) if field.null or field.many_to_many else ()
    return tuple(dict.fromkeys((*usual, *comparisons, *isnull)))


def array_item(field: models.Field[Any, Any]) -> models.Field[Any, Any] | None:
    """Return the column of one item of an array of PostgreSQL's, or None for any other column."""
    item: models.Field[Any, Any] | None = getattr(field, "base_field", None)
    return item


def value_field(field: models.Field[Any, Any], lookup: str) -> form_fields.Strict:
    """Return the form field that reads the value of a lookup on a column, perhaps on a part of it: `date__gte`."""
    name, field = _followed(field, lookup)
    if name == "isnull":
        return form_fields.Boolean()
    if is_a(field, models.JSONField):
        return (JSON_VALUES if name == lookup else FIELDS).get(name, form_fields.JsonOrText)()
    item = array_item(field)
    if item is not None:
        return form_fields.Several(value_field(item, "exact"))
    if name in FIELDS:
        return FIELDS[name]()
    known = column(field)
    if known is None:
        return form_fields.Text()
    if name in LISTS:
        return LISTS[name](known.field(field))
    return _text(field) if name == "exact" and _is_text(field) else known.field(field)


def _text(field: Any) -> form_fields.Strict:
    """Return what reads a text, which may be empty where the column holds such."""
    if not field.choices:
        return form_fields.Text(allow_empty=True)
    return form_fields.OneOf([*(value for value, _ in field.flatchoices), *([""] if field.blank else [])])


def _followed(field: models.Field[Any, Any], lookup: str) -> tuple[str, models.Field[Any, Any]]:
    """Follow transforms such as `date` and `year`; return the lookup at the end, and the type it compares with."""
    name, field = "exact", field if field.is_relation else value_column(field)
    for part in lookup.split(LOOKUP_SEPARATOR):
        # A column of JSON, or an array, takes any name for a way into its values.
        transform = None if field.get_lookup(part) else field.get_transform(part)
        if transform is None:
            name = part
        else:
            output = Year() if part in ("year", "iso_year") else getattr(transform, "output_field", None)
            of_item = array_item(field) if part.isdecimal() else None
            field = of_item or (output if isinstance(output, models.Field) else field)
    return name, field


FIELDS: dict[str, Callable[[], form_fields.Strict]] = {
    "regex": form_fields.Pattern,
    "iregex": form_fields.Pattern,
    **dict.fromkeys(PATTERNS, form_fields.Text),
}
"""The lookups whose value is of one type, whatever the column's."""

JSON_VALUES: dict[str, Callable[[], form_fields.Strict]] = {
    **dict.fromkeys(("exact", "contains", "contained_by"), form_fields.Json),
    "in": form_fields.SeveralJson,
    "has_key": form_fields.Text,
    **dict.fromkeys(("has_keys", "has_any_keys"), lambda: form_fields.Several(form_fields.Text())),
}
"""How the values of lookups on a column of JSON are read; those of a path into it are JSON or texts."""

LISTS: dict[str, Callable[[form_fields.Strict], form_fields.Strict]] = {
    "in": form_fields.Several,
    "range": lambda item: form_fields.Several(item, exactly=2),
}
"""The lookups that take a list of the column's values."""

MEANINGS = {
    "iexact": "fold_case__exact",
    "contains": "holds",
    "icontains": "fold_case__holds",
    "startswith": "begins",
    "istartswith": "fold_case__begins",
    "endswith": "ends",
    "iendswith": "fold_case__ends",
}
"""The lookups on text that mean the same on every database, where Django's do not."""


def condition(field: models.Field[Any, Any], path: str, lookup: str, value: Any) -> Q:
    """Return the condition that a lookup on a column is to the database, for a value or its slot."""
    if lookup == "in" and traceable(field, lookup):
        lookup, value = "among", typed(value, Several(_exact(field, lookup)))
    elif traceable(field, lookup):
        lookup, value = MEANINGS.get(lookup, lookup) if _is_text(field) else lookup, typed(value, _exact(field, lookup))
    elif lookup in JSON_MEANINGS and is_a(field, models.JSONField):
        lookup = JSON_MEANINGS[lookup]
    elif isinstance(value, tuple):
        numbers = isinstance(value[0], Decimal | float) and not converts(field)
        value = [typed(item, _exact(field, lookup)) if numbers else item for item in value]
    elif isinstance(value, Decimal) and not converts(field):
        value = typed(value, _ANY_DECIMAL)
    return Q(**{f"{path}{LOOKUP_SEPARATOR}{lookup}": value})


JSON_MEANINGS = {"exact": "same_json", "contains": "holds_json", "contained_by": "held_by_json"}
"""The lookups on JSON that mean the same on every database; Django's are PostgreSQL's only."""


def traceable(field: models.Field[Any, Any], lookup: str) -> bool:
    """Whether a slot may stand in the place of a lookup's value."""
    stored = _key(field) if field.is_relation else value_column(field)
    if not isinstance(stored, tuple(COLUMNS)):
        return False
    if lookup == "in":  # JSON may not carry floats and decimals exactly, nor what a column's own class makes of values
        return not (isinstance(stored, IN_ONE_BY_ONE) or converts(stored))
    return lookup in TRACEABLE and not (lookup in PATTERNS and converts(stored))


IN_ONE_BY_ONE = (models.FloatField, models.DecimalField, models.GenericIPAddressField)
TRACEABLE = frozenset(("exact", *COMPARISONS, *PATTERNS))
"""The lookups that mean the same, and cost the same, when their value is a slot. Parts of dates are not among them:
Django makes a range of `year=2026`, which an index can serve, but only where it sees the year."""


def _exact(column: models.Field[Any, Any], lookup: str) -> models.Field[Any, Any]:
    """Return the type of a value compared with a column: no bound is rounded, or refused for being out of range."""
    if column.is_relation:
        return _exact(_key(column), lookup)
    column = value_column(column)
    if converts(column):
        return column
    if lookup in PATTERNS:
        return _ANY_TEXT
    return next((exact for kind, exact in ANY if isinstance(column, kind)), column)


def _is_text(field: models.Field[Any, Any]) -> bool:
    return not field.is_relation and is_a(field, models.CharField, models.TextField)


class OwnReal(models.FloatField):  # type: ignore[type-arg]
    """A number that PostgreSQL reads as of the column's own type: as a `real`, 0.13 is another than as a double."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Give PostgreSQL the text."""
        value = super().get_db_prep_value(value, connection, prepared)
        return repr(value) if connection.vendor == "postgresql" and value is not None else value


_ANY_TEXT: models.Field[Any, Any] = models.TextField()
_ANY_DECIMAL: models.Field[Any, Any] = models.DecimalField(max_digits=2000, decimal_places=None)
_ANY_INTEGER: models.Field[Any, Any] = models.BigIntegerField()
ANY = ((models.DecimalField, _ANY_DECIMAL), (models.IntegerField, _ANY_INTEGER), (models.FloatField, OwnReal()))
"""For bounds that a smaller column cannot hold, which Django takes to be met by every row, even without a value."""

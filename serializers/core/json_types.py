"""Which JSON value each kind of field takes, in one table.

DRF's fields are lenient: a text may be sent as a number, a boolean as "yes", a missing relation as "", a decimal as
" 1_0 ". A client finds its mistakes sooner when none of that happens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache

from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import ISO_8601, serializers
from rest_framework.settings import api_settings

from resources.core.database.columns import Column, entry_for
from serializers.core.json import Json, escape, same
from serializers.core.kinds import Field
from serializers.core.times import parse_duration, parse_instant

KNOWN_MODULES = ("rest_framework.", "serializers.core.")
"""Where the ways of reading and showing are defined that are known here; all others are somebody's own."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
INTEGER = re.compile(r"-?[0-9]{1,19}")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DECIMAL = re.compile(r"-?[0-9]{1,1000}(\.[0-9]{1,1000})?")
MOST_EXACT_DIGITS = 15
"""So many digits of a decimal a JSON number keeps, once it is a double (IEEE 754)."""
LARGEST_EXACT = 2.0**53
"""Up to here every integer is a double."""
LARGEST_IN_JSON = 2.0**63
"""From here on PostgreSQL gives a double in a JSON column back as an integer, of more than 64 bits."""

type Test = Callable[[Json], bool]


def expected(field: Field, value: Json) -> str | None:
    """Say what a field takes, where a value is not of that type; None where it is.

    A field that reads values in a way of its own takes whatever that does not stumble over.
    """
    words = _expected(field, value)
    kind: type = field.__class__
    return words if words is None or not has_custom_reading(kind) or _stumbles(field, value) else None


@lru_cache(maxsize=1024)  # a class may be made for a request
def has_custom_reading(kind: type) -> bool:
    """Whether a class of fields or serializers reads values by a method that is not DRF's or Headwater's."""
    methods = (getattr(kind, name) for name in ("to_internal_value", "run_validation"))
    return not all(method.__module__.startswith(KNOWN_MODULES) for method in methods)


def shows_text(field: Field) -> bool:
    """Whether a field shows integers as texts, as DRF has it for those beyond 2^53; they may be sent back so."""
    if not isinstance(field, serializers.BigIntegerField):
        return False
    return bool(getattr(field, "coerce_to_string", api_settings.COERCE_BIGINT_TO_STRING))


def shows_iso(field: Field) -> bool:
    """Whether a field shows durations in the form of ISO 8601."""
    form = getattr(field, "format", api_settings.DURATION_FORMAT)
    return isinstance(form, str) and form.lower() == ISO_8601


def _is_duration(value: Json) -> bool:
    try:
        return isinstance(value, str) and parse_duration(value) is not None
    except ValueError:
        return False


def _stumbles(field: Field, value: Json) -> bool:
    """Whether a value makes code of a field's own fail, as code does that expects another type."""
    try:
        field.run_validation(value)
    except (serializers.ValidationError, ValidationError):
        return False  # it has looked, and says itself what is wrong
    except (AttributeError, LookupError, TypeError, ValueError):
        return True
    return False


def _expected(field: Field, value: Json) -> str | None:
    if isinstance(field, serializers.ChoiceField):
        return _expected_choice(field, value)
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        return _expected_key(field, value)
    if isinstance(field, serializers.UUIDField):
        return _expected_uuid(field, value)
    if shows_text(field) and isinstance(value, str):
        return None if INTEGER.fullmatch(value) else "a whole number, which may be a text"
    if isinstance(field, serializers.DurationField) and not shows_iso(field):
        return None if _is_text(value) or _is_number(value) else "a duration such as 1 02:00:00"
    if has_custom_formats(field):
        return None if isinstance(value, str) else "a text"
    kind: type = field.__class__
    return next((words for test, words in _tests(kind) if not test(value)), None)


@cache
def _tests(kind: type) -> tuple[tuple[Test, str], ...]:
    """Return the rows of `TYPES` that a kind of field is under."""
    return tuple((test, words) for each, test, words in TYPES if issubclass(kind, each))


@cache
def tests_of_key(model: type[models.Model]) -> tuple[Test, str]:
    """Return the row of `KEYS` for references to a model."""
    return entry_for(KEYS, model._meta.pk) or (_is_scalar, "a text or a number")


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _is_whole(value: Json) -> bool:
    """Whether a value is an integer; 5.0 is one, as JSON Schema has it (2020-12, section 6.1.1)."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) < LARGEST_EXACT
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Json) -> bool:
    return _is_text(value) or _is_number(value)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _matches(form: re.Pattern[str]) -> Test:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _is_instant(value: Json) -> bool:
    try:
        return isinstance(value, str) and bool(parse_instant(value))
    except ValueError:
        return False


def _is_decimal(value: Json) -> bool:
    if isinstance(value, float):
        return len(Decimal(repr(value)).as_tuple().digits) <= MOST_EXACT_DIGITS
    return _is_whole(value) or _matches(DECIMAL)(value)


TYPES: tuple[tuple[type[Field], Test, str], ...] = (
    (serializers.BooleanField, _is_boolean, "true or false"),
    (serializers.IntegerField, _is_whole, "a whole number"),
    (serializers.FloatField, _is_number, "a number"),
    (serializers.DecimalField, _is_decimal, 'a decimal number as a text, such as "12.50"'),
    (serializers.DateTimeField, _is_instant, "a time such as 2026-11-22T10:30:00Z"),
    (serializers.DateField, _matches(DATE), "a date such as 2026-11-22"),
    (serializers.TimeField, _matches(TIME), "a time of day such as 10:30:00"),
    (serializers.DurationField, _is_duration, "an ISO 8601 duration such as P1DT2H"),
    (serializers.CharField, _is_text, "a text"),
    (serializers.DictField, lambda value: isinstance(value, dict), "an object"),
    (serializers.RelatedField, _is_scalar, "a text or a number"),
)
"""The JSON type that each kind of field takes."""

KEYS: Mapping[type[Column], tuple[Test, str]] = {
    models.IntegerField: (_is_whole, "a whole number"),
    models.UUIDField: (_matches(UUID), "a UUID"),
    models.Field: (lambda value: _is_text(value) and value != "", "a text that is not empty"),
}
"""The JSON type of a reference, by the column that it refers to."""


UUIDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "hex_verbose": (UUID, "a UUID"),
    "hex": (re.compile("[0-9a-fA-F]{32}"), "a UUID of 32 digits, without dashes"),
    "urn": (re.compile(f"urn:uuid:{UUID.pattern}"), "a UUID as a URN, such as urn:uuid:..."),
}
"""The forms in which a field shows UUIDs, and takes them; the fourth, an integer, does not start."""

FORMATS: Mapping[type[Field], str] = {
    serializers.DateTimeField: "DATETIME_INPUT_FORMATS",
    serializers.DateField: "DATE_INPUT_FORMATS",
    serializers.TimeField: "TIME_INPUT_FORMATS",
}
"""The fields that may be told in which formats they read, and the settings that tell those which are not."""


def has_custom_formats(field: Field) -> bool:
    """Whether a date or time is read in other formats than ISO 8601: by DRF then, which knows what they are."""
    setting = next((setting for kind, setting in FORMATS.items() if isinstance(field, kind)), None)
    return setting is not None and [*getattr(field, "input_formats", getattr(api_settings, setting))] != [ISO_8601]


def _expected_uuid(field: serializers.UUIDField, value: Json) -> str | None:
    form, words = UUIDS.get(field.uuid_format, UUIDS["hex_verbose"])
    return None if _matches(form)(value) else words


def _expected_choice(field: serializers.ChoiceField, value: Json) -> str | None:
    choices = list(field.choices)
    if value == "" or any(same(value, choice) for choice in choices):
        return None
    return "one of " + ", ".join(map(str, choices))


def _expected_key(field: serializers.PrimaryKeyRelatedField[models.Model], value: Json) -> str | None:
    if field.pk_field is not None:
        return expected(field.pk_field, value)
    queryset = field.get_queryset()
    assert queryset is not None  # noqa: S101 - DRF does not start without
    test, words = tests_of_key(queryset.model)
    return None if test(value) else words


def too_large(value: Json, pointer: str) -> Iterator[str]:
    """Find the numbers of a JSON column that not every database gives back as they were; yield their pointers."""
    if isinstance(value, float) and abs(value) >= LARGEST_IN_JSON:
        yield pointer
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from too_large(member, f"{pointer}/{escape(str(name))}")

"""Fields that read bodies more exactly than DRF's, and how those of a serializer become them."""

from __future__ import annotations

import decimal
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.core.exceptions import MultipleObjectsReturned, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import Model
from django.db.models.expressions import Combinable
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from resources.core.database.columns import Column, converts
from resources.core.keys import Key
from serializers.core.json import Json
from serializers.core.json_types import has_custom_formats, shows_iso
from serializers.core.kinds import Field, RelatedField, RowsSerializer, Serializer, has_fields, row_serializer
from serializers.core.times import parse_duration, parse_instant

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_REFERENCES = 1000
RANGES, WIDEST = BaseDatabaseOperations.integer_field_ranges, (-(2**63), 2**63 - 1)

ADDRESSABLE = re.compile(
    r"\A(?!\.\.?\Z)[^\s/\\\x00-\x1f\x7f-\x9f](?:[^/\\\x00-\x1f\x7f-\x9f]*[^\s/\\\x00-\x1f\x7f-\x9f])?\Z"
)
"""What can stand in a path as a key."""
addressable = RegexValidator(
    ADDRESSABLE,
    "This cannot stand in an address: it holds a slash or a control character, has a space at an end, or is all dots.",
    code="not_addressable",
)
"""What a key that the world gives must be, if its row is to be found under it."""


class UUIDv7(serializers.UUIDField):
    """A key that a client brings: it must be a UUID of version 7 (RFC 9562, section 5.7)."""

    default_error_messages = {"version": "Expected a UUID of version 7."}

    def to_internal_value(self, data: uuid.UUID | str | int) -> uuid.UUID:
        """Read the key."""
        value = super().to_internal_value(data)
        if value.version != 7:
            self.fail("version")
        return value


class Instant(serializers.DateTimeField):
    """A date-time of RFC 3339, in UTC from here on."""

    def to_internal_value(self, value: datetime | str) -> datetime:
        """Read the time; its form was looked at before."""
        return parse_instant(str(value))


class Duration(serializers.DurationField):
    """A duration of ISO 8601, weeks among them."""

    def to_internal_value(self, value: timedelta | str) -> timedelta:
        """Read the duration; its form was looked at before."""
        return parse_duration(str(value))


class Decimal(serializers.DecimalField):
    """A decimal that is shown as it is where it has no such places: `NaN`, infinities, more digits than declared."""

    def quantize(self, value: decimal.Decimal) -> decimal.Decimal:
        """Round a value."""
        try:
            return super().quantize(value)
        except decimal.InvalidOperation:
            return value


def show_any_value(serializer: Serializer | RowsSerializer) -> None:
    """Let the fields of a serializer show whatever a database holds, where DRF's would fail."""
    for field in row_serializer(serializer).fields.values():
        if type(field) is serializers.DecimalField:
            field.__class__ = Decimal
        elif isinstance(field, serializers.BaseSerializer) and has_fields(field):
            show_any_value(field)


class References(serializers.ManyRelatedField):
    """A list of keys, looked up with one query; each that leads nowhere is told by itself."""

    def to_internal_value(self, data: Sequence[Json]) -> list[Model]:
        """Find the rows that the keys lead to.

        Raises:
            ValidationError: there are too many or too few, or some lead nowhere.
        """
        if len(data) > MOST_REFERENCES:
            raise serializers.ValidationError(f"At most {MOST_REFERENCES} rows can be referred to.", code="max_length")
        if not data and not self.allow_empty:
            self.fail("empty")
        queryset = self.child_relation.get_queryset()
        assert queryset is not None  # noqa: S101 - DRF does not start without
        keys = [_key(queryset.model, item) for item in data]
        rows: Mapping[Key | None, Model] = queryset.in_bulk([key for key in keys if key is not None])
        wrong = [place for place, key in enumerate(keys) if key not in rows]
        if wrong:
            raise serializers.ValidationError({str(place): [self._missing(data[place])] for place in wrong})
        return [rows[key] for key in keys]

    def _missing(self, item: Json) -> ErrorDetail:
        words = self.child_relation.error_messages["does_not_exist"]
        return ErrorDetail(words.format(pk_value=item), code="does_not_exist")


def _key(model: type[Model], item: Json) -> Key | None:
    """Return the value of a key, or None for what cannot be one."""
    try:
        key: Key | None = model._meta.pk.to_python(item)
    except ValidationError:
        return None
    return key


class Slug(serializers.SlugRelatedField[Model]):
    """A reference by a value that several rows may have, of which DRF would not know one to choose."""

    def to_internal_value(self, data: Json) -> Model:
        """Find the row.

        Raises:
            ValidationError: there is none, or there are several.
        """
        try:
            return super().to_internal_value(data)
        except MultipleObjectsReturned:
            words = f"Several rows have the {self.slug_field} {str(data)[:100]!r}, so that it names none."
            raise serializers.ValidationError(words, code="several") from None


def is_optional(field: Field, column: Column) -> bool:
    """Whether a field that DRF requires may be left out: the database has a default, of which DRF does not know."""
    made_by_drf = field.field_name not in getattr(field.parent, "_declared_fields", {})
    return column.has_db_default() and made_by_drf and "required" not in getattr(field, "_kwargs", {})


def make_exact(fields: Iterable[Field], model: type[Model] | None) -> None:
    """Make some fields read more exactly than DRF's.

    Times are those of RFC 3339, lists of keys are looked up at once, texts keep their spaces, and integers are such as
    every database keeps, not just the one in use. What has a default in the database may be left out.
    """
    columns = {} if model is None else {column.name: column for column in model._meta.concrete_fields}
    for field in fields:
        _tell_of_several(getattr(field, "child_relation", field))
        if field.required and field.source in columns and is_optional(field, columns[field.source]):
            field.required = False
        # A field of DRF's own becomes one of these, with whatever its serializer has changed on it.
        if type(field) is serializers.DateTimeField and not has_custom_formats(field):
            field.__class__ = Instant
        elif type(field) is serializers.DurationField and shows_iso(field):
            field.__class__ = Duration
        elif type(field) is serializers.ManyRelatedField and _is_plain(field.child_relation):
            field.__class__ = References
        elif isinstance(field, serializers.CharField):
            field.trim_whitespace = False
        elif isinstance(field, serializers.IntegerField) and field.source in columns:
            column = columns[field.source]
            _bound(field, *(WIDEST if converts(column) else RANGES.get(column.get_internal_type(), WIDEST)))


def _tell_of_several(reference: Field) -> None:
    """Let a reference by another column than the key say so where several rows may have what it names."""
    if type(reference) is not serializers.SlugRelatedField:
        return
    queryset = reference.get_queryset()
    assert queryset is not None  # noqa: S101 - DRF does not start without
    columns = {column.name: column for column in queryset.model._meta.concrete_fields}
    if reference.slug_field not in columns or not columns[reference.slug_field].unique:
        reference.__class__ = Slug


def _is_plain(reference: RelatedField) -> bool:
    return type(reference) is serializers.PrimaryKeyRelatedField and reference.pk_field is None


def _bound(field: serializers.IntegerField, least: int, most: int) -> None:
    if field.min_value is None or field.min_value < least:
        field.validators.append(MinValueValidator(least))
    if field.max_value is None or field.max_value > most:
        field.validators.append(MaxValueValidator(most))


class FieldOptions(TypedDict, total=False):
    """What any field of DRF's may be told that is read only."""

    label: StrOrPromise | None
    help_text: StrOrPromise | None
    style: dict[str, object]
    default: object
    initial: object
    allow_null: bool


class SerializerMethodField(serializers.SerializerMethodField):
    """DRF's, which may also say in SQL what its method returns, so that rows need not be shown one by one.

    `sql` is an expression over the resource's rows: `SerializerMethodField(sql=Upper(F("name")))`. The method stays
    what is asked where rows are interpreted; the two must agree.
    """

    def __init__(
        self, method_name: str | None = None, *, sql: Combinable | None = None, **options: Unpack[FieldOptions]
    ) -> None:
        """Take DRF's options, and the expression."""
        super().__init__(method_name, **options)
        self.sql = sql

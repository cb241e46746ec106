"""Form fields for the values of filters: texts, numbers, dates, addresses, one of a few, and lists of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_time

from api.core.query.filters.strict import MOST_IN_A_LIST, ParameterValue, Strict
from resources.core.database.columns import KNOWN_MODULES, Column
from serializers.core.times import parse_duration, parse_instant

INTEGER = re.compile(r"-?[0-9]{1,19}")
NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
TIME = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = timedelta(microseconds=2**63 - 1)  # SQLite keeps a duration as an integer of 64 bits
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Not Python's own white space, which has four control characters and U+0085 more, and U+FEFF less (ECMA-262, 22.2.2.9).
WORD = re.compile(r"[^\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")


class Text(Strict[str]):
    """Any text without NUL characters; the empty one only where it makes sense."""

    def __init__(self, *, allow_empty: bool = False) -> None:
        """Take whether the empty text is a value."""
        super().__init__()
        self.allow_empty = allow_empty
        self.schema = {"type": "string"} if allow_empty else {"type": "string", "minLength": 1}
        self.expected = "a text without NUL characters" if allow_empty else "a text that is not empty"

    def read(self, text: str) -> str:
        """Read the text."""
        if "\x00" in text or not (text or self.allow_empty):
            raise ValueError
        return text


class Pattern(Strict[str]):
    """A regular expression."""

    expected = "a regular expression"

    def read(self, text: str) -> str:
        """Read the expression."""
        try:
            re.compile(text)
        except re.error:
            raise ValueError from None
        return Text().read(text)


class Words(Strict[tuple[str, ...]]):
    """A few words, separated by what is white space to the pattern in the contract."""

    def __init__(self, *, most: int) -> None:
        """Take how many words there may be."""
        super().__init__()
        self.most, self.expected = most, f"up to {most} words"

    def read(self, text: str) -> tuple[str, ...]:
        """Read the words."""
        words = tuple(WORD.findall(Text(allow_empty=True).read(text)))
        if not 1 <= len(words) <= self.most:
            raise ValueError
        return words


class Boolean(Strict[bool]):
    """`true` or `false`, nothing else."""

    schema = {"type": "boolean"}
    expected = "true or false"

    def read(self, text: str) -> bool:
        """Read the boolean."""
        if text not in ("true", "false"):
            raise ValueError
        return text == "true"


class Integer(Strict[int]):
    """A whole number of at most 64 bits."""

    expected = "a whole number between -9223372036854775808 and 9223372036854775807"

    def __init__(self, *, least: int = -(2**63), most: int = 2**63 - 1) -> None:
        """Take the least and the greatest number."""
        super().__init__()
        self.least, self.most = least, most
        self.schema = {"type": "integer", "format": "int64", "minimum": least, "maximum": most}
        self.expected = f"a whole number between {least} and {most}"

    def read(self, text: str) -> int:
        """Read the number."""
        if not INTEGER.fullmatch(text) or not self.least <= int(text) <= self.most:
            raise ValueError
        return int(text)


class Number(Strict[Decimal | float]):
    """A decimal number, such as `12.5` or `1e6`."""

    schema = {"type": "number"}
    expected = "a number"

    def __init__(self, *, convert: Callable[[str], Decimal | float] = Decimal) -> None:
        """Take what turns the text into the value."""
        super().__init__()
        self.convert = convert

    def read(self, text: str) -> Decimal | float:
        """Read the number."""
        if not NUMBER.fullmatch(text):
            raise ValueError
        value = self.convert(text)
        if value in (float("inf"), float("-inf")):
            raise ValueError
        return value


class Formatted[Value](Strict[Value]):
    """A text of one form, which a function of Django's or Python's reads; by itself it would take others, too.

    Attributes:
        form: what the whole text must match.
        parse: reads it; raises ValueError, or returns None, for what is no value, such as February 30.
    """

    form: ClassVar[re.Pattern[str]]
    parse: Callable[[str], Value | None]

    def read(self, text: str) -> Value:
        """Read the text."""
        value = self.parse(text) if self.form.fullmatch(text) else None
        if value is None:
            raise ValueError
        return value


class Date(Formatted[date]):
    """A full-date of RFC 3339."""

    schema = {"type": "string", "format": "date"}
    expected = "a date such as 2026-11-22"
    form, parse = ISO_DATE, staticmethod(parse_date)


class Instant(Strict[datetime]):
    """A date-time of RFC 3339, with its offset."""

    schema = {"type": "string", "format": "date-time"}
    expected = "a time such as 2026-11-22T10:30:00Z"

    def read(self, text: str) -> datetime:
        """Read the time."""
        return parse_instant(text)


class Time(Formatted[time]):
    """A time of day, without an offset."""

    schema = {"type": "string", "format": "time-local", "pattern": TIME.pattern}
    expected = "a time of day such as 10:30:00"
    form, parse = TIME, staticmethod(parse_time)


class Duration(Strict[timedelta]):
    """An ISO 8601 duration."""

    schema = {"type": "string", "format": "duration"}
    expected = "a duration such as P1DT2H"

    def read(self, text: str) -> timedelta:
        """Read the duration."""
        value = parse_duration(text)
        if abs(value) > LONGEST:
            raise ValueError
        return value


class Uuid(Formatted[uuid.UUID]):
    """A UUID with its dashes."""

    schema = {"type": "string", "format": "uuid"}
    expected = "a UUID"
    form, parse = UUID_TEXT, uuid.UUID


class Address(Strict[str]):
    """An address of IPv4 or IPv6, in any of its forms."""

    schema = {"anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]}
    expected = "an IP address"

    def __init__(self, column: Column) -> None:
        """Take the column, which says which of the two it holds."""
        super().__init__()
        self.column = column

    def read(self, text: str) -> str:
        """Read the address, as the column writes it."""
        address: str = self.column.to_python(str(ip_address(text)))
        return address


class Converted(Strict[object]):
    """A value of a column whose class converts it: what that gives, it alone knows."""

    def __init__(self, column: Column, reads: Strict[object]) -> None:
        """Take the column, and the field that reads what it converts."""
        super().__init__()
        self.column, self.reads, self.schema = column, reads, reads.schema
        self.expected = f"a value of this column, such as {reads.expected}"

    def read(self, text: str) -> object:
        """Read the value, and make sure that the column can convert it."""
        value = self.reads.clean(text)
        try:
            value = self.column.to_python(value) if self._reads_itself else value
            self.column.get_prep_value(value)
        except (AttributeError, LookupError, TypeError, ValidationError) as error:
            raise ValueError from error
        return value

    @property
    def _reads_itself(self) -> bool:
        """Whether the class says how values are read; what it inherits would read what is stored, not what is shown."""
        return not type(self.column).to_python.__module__.startswith(KNOWN_MODULES)


class OneOf[Value](Strict[Value]):
    """One of a few values."""

    def __init__(self, values: Iterable[Value]) -> None:
        """Take the values; each is matched by its text."""
        super().__init__()
        self.values: Mapping[str, Value] = {str(value): value for value in values}
        self.schema = {"enum": list(self.values.values())}
        self.expected = "one of " + ", ".join(self.values)

    def read(self, text: str) -> Value:
        """Return the value that the text names."""
        if text not in self.values:
            raise ValueError
        return self.values[text]


class Several[Item](Strict[tuple[Item, ...]]):
    """A list of values separated by commas; from JSON, an array."""

    def __init__(self, item: Strict[Item], *, exactly: int | None = None) -> None:
        """Take the field of one value, and how many there must be if that is fixed."""
        super().__init__()
        self.item, self.exactly = item, exactly
        bounds = (1, MOST_IN_A_LIST) if exactly is None else (exactly, exactly)
        self.schema = {"type": "array", "items": item.schema, "minItems": bounds[0], "maxItems": bounds[1]}
        count = f"up to {MOST_IN_A_LIST}" if exactly is None else str(exactly)
        self.expected = f"{count} values separated by commas, each {item.expected}"

    def value_of(self, sent: ParameterValue) -> tuple[Item, ...]:
        """Read every value."""
        texts = sent.split(",") if isinstance(sent, str) else sent
        if not texts or len(texts) > MOST_IN_A_LIST or len(texts) != (self.exactly or len(texts)):
            raise ValueError
        return tuple(self.item.clean(text) for text in texts)

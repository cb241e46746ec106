"""JSON as Headwater reads and writes it (RFC 8259), with nothing in it that a database could not keep.

May refuse: NUL characters, lone surrogates, NaN and infinities, integers beyond 64 bits, deep nesting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from django.core.files import File
from django.utils.functional import Promise

DEEPEST = 32
LEAST, MOST = -(2**63), 2**63 - 1

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
"""A JSON value, as Python has it."""

ESCAPED_NUL = b"\\u0000"
"""How a NUL is written in JSON; lone surrogates and numbers that are no double are none to msgspec."""


class Unfit(ValueError):
    """A value that parses but cannot be kept; `pointer` (RFC 6901) says where it is."""

    def __init__(self, pointer: str, detail: str) -> None:
        """Take the place and what is wrong there."""
        super().__init__(detail)
        self.pointer, self.detail = pointer, detail


def encode(value: object) -> bytes:  # a viewset answers whatever it likes
    """Write a value as DRF's encoder would: a Decimal that no field made a text of is a number, a queryset is its rows.

    The text of anything else that is not JSON stands for it.
    """
    return _ENCODER.encode(value)


def _replacement(value: object) -> str | int | float | dict[object, object] | list[object]:
    """Return what stands for a value that msgspec does not know, such as texts and numbers of a type of their own."""
    if isinstance(value, str):
        return str.__str__(value)  # `str` of a text marked as safe is that text again
    if isinstance(value, Promise | File):  # a file would be gone through line by line
        return str(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Iterable) else str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_replacement, decimal_format="number")


def decode(data: bytes) -> Json:
    """Read a value.

    Raises:
        ValueError: it is not JSON, or (Unfit) holds something no database could keep.
    """
    try:
        value: Json = msgspec.json.decode(data)
    except RecursionError:
        raise Unfit("", f"Nested more than {DEEPEST} deep.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None
    if ESCAPED_NUL in data or not _plainly_fit(value):
        for fault in unfit(value):
            raise fault
    return value


def _plainly_fit(value: Json) -> bool:
    """Whether no integer is too large and nothing too deep; what else could be unfit, the text of it shows."""
    level = [value]
    for _ in range(DEEPEST + 1):
        whole = [part for part in level if type(part) is int]
        if whole and not LEAST <= min(whole) <= max(whole) <= MOST:
            return False
        # By the very type, which takes two thirds of the time that isinstance takes.
        objects = [part for part in level if type(part) is dict]
        arrays = [part for part in level if type(part) is list]
        level = [*(part for each in objects for part in each.values()), *(part for each in arrays for part in each)]
        if not level:
            return True
    return False


def unfit(value: Json, pointer: str = "", depth: int = 0) -> Iterator[Unfit]:
    """Find what no database could keep."""
    if depth > DEEPEST:
        yield Unfit(pointer, f"Nested more than {DEEPEST} deep.")
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _text(name, pointer)
            yield from unfit(member, f"{pointer}/{escape(name)}", depth + 1)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from unfit(item, f"{pointer}/{place}", depth + 1)
    else:
        yield from _scalar(value, pointer)


def _scalar(value: Json, pointer: str) -> Iterator[Unfit]:
    if isinstance(value, str):
        yield from _text(value, pointer)
    elif isinstance(value, int) and not LEAST <= value <= MOST:
        yield Unfit(pointer, "Integers have at most 64 bits; send larger ones as strings.")
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        yield Unfit(pointer, "This number is too large.")


def _text(value: str, pointer: str) -> Iterator[Unfit]:
    if "\x00" in value:
        yield Unfit(pointer, "Texts may not hold NUL characters.")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        yield Unfit(pointer, "Texts may not hold lone surrogates.")


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON value: `1` is `1.0`, but not `true`."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def round_trip(shown: Mapping[str, object]) -> dict[str, Json]:
    """Return an object as a client reads it: written as JSON, and read again."""
    members: dict[str, Json] = msgspec.json.decode(encode(shown))
    return members


def escape(name: str) -> str:
    """Escape a member's name for a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")

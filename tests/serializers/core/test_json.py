"""JSON is read strictly, and written so that what a database gives back can always be shown."""

from decimal import Decimal
from io import BytesIO
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files import File
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from serializers.core.json import Unfit, decode, encode, escape, round_trip, same, unfit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"{}", {}),
        (b' [1, -0, 1.5e3, null, true, "\\u00e9\\ud83d\\ude00"] ', [1, 0, 1500.0, None, True, "é😀"]),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"1e-400", 0.0),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[" * 33 + b"]" * 33, None),
    ],
)
def test_what_is_read(text: bytes, value: Any) -> None:
    assert value is None or decode(text) == value
    decode(text)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (b"9223372036854775808", ""),
        (b'{"a~/b": [0, -9223372036854775809]}', "/a~0~1b/1"),
        (b'["\\u0000"]', "/0"),
        (b'{"a": {"\\u0000": 1}}', "/a"),
        (b"[" * 34 + b"]" * 34, "/0" * 33),
        (b"[" * 100_000, ""),
    ],
)
def test_what_no_database_keeps(text: bytes, pointer: str) -> None:
    with pytest.raises(Unfit) as caught:
        decode(text)
    assert caught.value.pointer == pointer


ESCAPED = st.sampled_from(["\x00", "\\u0000", "a", "\\", "u0000", "\\\\u0000", "0.0012345678901234567890"])
NESTED = st.recursive(
    st.integers(-(2**65), 2**65) | st.floats(allow_nan=False, allow_infinity=False) | st.lists(ESCAPED).map("".join),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.lists(ESCAPED).map("".join), inner, max_size=2),
)


@given(NESTED, st.integers(0, 34))
def test_whatever_no_database_keeps_is_found(value: Any, deep: int) -> None:
    for _ in range(deep):
        value = [value]
    for fault in unfit(value):
        with pytest.raises(Unfit) as caught:
            decode(encode(value))
        assert (caught.value.pointer, caught.value.detail) == (fault.pointer, fault.detail)
        return
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    "text", [b"", b"NaN", b"1e400", b"{} {}", b'"\xff"', b'"\\ud800"', b"9" * 5000, b"'a'", b"[1,]"]
)
def test_what_is_no_json(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(text)


@pytest.mark.parametrize("value", [2**64, -(2**70), 10**300, 1e300, -0.0, float("nan"), "\x00", {1: 2}, [[[]]]])
def test_what_is_stored_can_be_shown(value: Any) -> None:
    assert encode(value)


def test_big_integers_are_written_whole() -> None:
    assert encode(10**30) == b"1" + b"0" * 30
    assert round_trip({"a": (1, 2)}) == {"a": [1, 2]}


@pytest.mark.parametrize(("name", "escaped"), [("a/b", "a~1b"), ("~", "~0"), ("~1", "~01"), ("", ""), ("é", "é")])
def test_pointers_are_escaped(name: str, escaped: str) -> None:
    assert escape(name) == escaped


def test_one_is_not_true() -> None:
    assert same({"a": [1.0]}, {"a": [1]})
    assert not same({"a": [True]}, {"a": [1]})
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"b": 1})


class Length(float):
    """A number with a name, as numpy's are."""


class Count(int):
    """Another."""


def test_whatever_can_be_gone_through_is_a_list_and_the_rest_a_text() -> None:
    values = {
        "map": map(str, [1]),
        "items": {"a": 1}.items(),
        "proxy": MappingProxyType({"a": (1, 2)}),
        "safe": mark_safe("<b>"),
        "lazy": gettext_lazy("Hello"),
        "numbers": [Length(1.5), Count(2), Decimal("1.50")],
        "file": File(BytesIO(b"one\ntwo"), name="a.txt"),
        "else": ZoneInfo("UTC"),
    }
    assert round_trip(values) == {
        "map": ["1"],
        "items": [["a", 1]],
        "proxy": {"a": [1, 2]},
        "safe": "<b>",
        "lazy": "Hello",
        "numbers": [1.5, 2, 1.5],
        "file": "a.txt",
        "else": "UTC",
    }

"""Lines made column by column are those that are made cell by cell."""

import csv
import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serializers.core.json import encode
from serializers.core.read.tabular import Table

PATHS = (("id",), ("name",), ("owner", "id"), ("owner", "name"), ("owner", "place", "id"), ("is_open",))

texts = st.text() | st.text('a ",\r\n\\é', max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
owners = st.fixed_dictionaries(
    {"id": values, "name": values}, optional={"place": st.fixed_dictionaries({"id": values}) | values}
)
rows = st.fixed_dictionaries({"id": values, "name": values, "owner": owners | values}, optional={"is_open": values})


def cell(value: Any) -> Any:
    if value is True or value is False:
        return "true" if value else "false"
    return encode(value).decode() if isinstance(value, list | dict) else value


def at(row: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else row if name == "id" else None
    return row


def one_by_one(rows: list[dict[str, Any]], paths: tuple[tuple[str, ...], ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell(at(row, path)) for path in paths] for row in rows)
    return text.getvalue().encode()


@given(st.lists(rows, max_size=4), st.lists(st.sampled_from(PATHS), max_size=4, unique=True).map(tuple))
def test_lines_are_those_of_every_cell_by_itself(
    some: list[dict[str, Any]], paths: tuple[tuple[str, ...], ...]
) -> None:
    try:
        expected = one_by_one(some, paths)
    except UnicodeEncodeError:  # half a surrogate, which no JSON that was read holds
        return
    assert Table(paths).lines(some) == expected


def test_a_column_may_hold_booleans_among_numbers() -> None:
    some = [{"id": 1}, {"id": True}, {"id": None}, {"id": 1.5}, {"id": [1, None]}]
    assert Table((("id",),)).lines(some) == b'1\r\ntrue\r\n""\r\n1.5\r\n"[1,null]"\r\n'


def test_names_are_quoted_where_they_must_be() -> None:
    assert Table((("a,b",), ("c", "d"))).header() == b'"a,b",c.d\r\n'
    assert Table(()).header() == b"\r\n"
    assert Table((("id",),)).lines([]) == b""

"""What SQLite writes of dates and times is what Django reads in them, whatever text stands there."""

import sqlite3
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serializers.core.read.compiled.sqlite import DATE, INSTANT, TIME, add_functions

YEARS = ("2026", "2024", "0000", "0001", "0999", "1000", "9999", "-001", "12026")
MONTHS, DAYS = ("01", "02", "04", "06", "09", "11", "12", "00", "13", "2"), ("01", "28", "29", "30", "31", "00", "32")
HOURS, SIXTIETHS = ("00", "10", "23", "24", "25"), ("00", "59", "60")
ENDS = ("", ".123456", ".000000", ".100000", ".000001", ".123", ".1234567", ".12345Z", ".1+01:0", ".", "Z", "+00:00")
DATES = st.builds("-".join, st.tuples(*map(st.sampled_from, (YEARS, MONTHS, DAYS))))
TIMES = st.builds(
    "{0[0]}:{0[1]}:{0[2]}{0[3]}".format, st.tuples(*map(st.sampled_from, (HOURS, SIXTIETHS, SIXTIETHS, ENDS)))
)
MOMENTS = st.builds("{}{}{}".format, DATES, st.sampled_from((" ", "T", "  ", "\t", "")), TIMES)
NUMBERS = st.sampled_from(["now", "2459000.5", "            2459000.123456", "0000000000002459000.123456"])


@st.composite
def mistyped(draw: st.DrawFn) -> str:
    """Write a moment, and put another letter in the place of one."""
    text, letter = draw(MOMENTS), draw(st.sampled_from("0123456789-:. TZ+é"))
    place = draw(st.integers(0, len(text) - 1))
    return text[:place] + letter + text[place + draw(st.integers(0, 1)) :]


@pytest.fixture(scope="module")
def raw() -> Iterator[sqlite3.Connection]:
    """Open a table with a column of each affinity that such values stand in."""
    with sqlite3.connect(":memory:") as connection:
        add_functions(SimpleNamespace(vendor="sqlite", connection=connection))  # type: ignore[arg-type]
        connection.execute("CREATE TABLE held (stored datetime, text text)")
        yield connection


@pytest.mark.parametrize("column", ["stored", "text"])
@pytest.mark.parametrize(("form", "read"), [(INSTANT, "hw_instant"), (DATE, "hw_date"), (TIME, "hw_time")])
@given(texts=st.lists(st.one_of(MOMENTS, mistyped(), DATES, TIMES, NUMBERS), max_size=100))
def test_it_works(raw: sqlite3.Connection, form: object, read: str, column: str, texts: list[str]) -> None:
    raw.execute("DELETE FROM held")
    raw.executemany(f"INSERT INTO held ({column}) VALUES (?)", [(text,) for text in texts])
    sql = form.write(column, ())[0].replace("%%", "%")  # type: ignore[attr-defined]
    found = raw.execute(f"SELECT {column}, {sql}, {read}({column}) FROM held").fetchall()
    assert [row for row in found if row[1] != row[2]] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-02-30 10:30:00", None),
        ("2025-02-29 10:30:00.123456", None),
        ("2026-11-30 24:00:00", None),
        ("2026-11-30  10:30:00", None),
        ("2026-11-30 10:30:00.12345Z", "2026-11-30T10:30:00.123450Z"),
    ],
)
def test_what_sqlite_takes_for_a_time_is_shown_as_python_reads_it(
    raw: sqlite3.Connection, text: str, shown: str | None
) -> None:
    assert raw.execute(f"SELECT {INSTANT.write('?1', ())[0]}", [text]).fetchone() == (shown,)

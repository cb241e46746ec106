"""A table as another program may have made and filled it: what Django would never store in such columns."""

from typing import Any

from django.db import connection

POSTGRESQL = """
CREATE TYPE mood AS ENUM ('sad', 'Ok', 'happy');
CREATE TABLE specimens_relic (
    id text PRIMARY KEY, ratio real, amount numeric, number numeric, day date, moment timestamptz, hour time,
    span interval, code uuid, mood mood, cost money, tags integer[], paper json, notes json
)
"""
SQLITE = """
CREATE TABLE specimens_relic (
    id text PRIMARY KEY, ratio real, amount decimal, number decimal, day date, moment datetime, hour time,
    span bigint, code char(32), mood text, cost text, tags text, paper text, notes text
)
"""
TABLES = {"postgresql": POSTGRESQL, "sqlite": SQLITE}
COLUMNS = ("id", "ratio", "amount", "number", "day", "moment", "hour", "span", "code", "mood", "cost", "tags", "paper",
           "notes")  # fmt: skip
UUIDS = ["00000000-0000-0000-0000-00000000000a", "ffffffff-ffff-ffff-ffff-ffffffffffff", None]
ON_POSTGRESQL: dict[str, list[Any]] = {
    "ratio": ["0.13", "0.1", "16777217", "NaN", "Infinity", "-Infinity", "1e-30", None],
    "amount": ["12.50", "NaN", "Infinity", "-Infinity", "123456789012345678901234567890.12", None],
    "number": ["12.5", "NaN", "-Infinity", "0.00000000000000000000001", "1e40", None],
    "day": ["1996-07-04", "infinity", "-infinity", "0044-03-15 BC", "12026-11-30", "9999-12-31", None],
    "moment": [
        "1996-07-04 00:00:00+00",
        "infinity",
        "-infinity",
        "0044-03-15 10:00:00+00 BC",
        "12026-11-30 10:00:00+00",
        "9999-12-31 23:59:59.999999+00",
        None,
    ],
    "hour": ["10:30:00", "24:00:00", "00:00:00.000001", None],
    "span": ["1 day", "infinity", "-infinity", "1000000 years", "-1 day", None],
    "code": UUIDS,
    "mood": ["sad", "Ok", "happy", None],
    "cost": ["12.50", "-3", "100", None],
    "tags": ["{1,2}", "{}", "{10}", None],
    "paper": ['{"a": 1}', "[]", '"x"', None],
    "notes": ['{"a": 1}', "[]", '"x"', None],
}
ON_SQLITE: dict[str, list[Any]] = {
    "ratio": [0.13, 0.1, 7, float("inf"), float("-inf"), "much", b"\x01", 5e-324, 1e300, None],
    "amount": [12.5, "much", float("inf"), 7, 1e25, b"\x00", None],
    "number": [12.5, "NaN", -7, 0.1, 1e300, None],
    "day": [
        "1996-07-04",
        "1996-07-04 00:00:00.000",
        "1996-07-04 10:30:00",
        "04.07.1996",
        "2026-02-99",
        "",
        1996,
        2450268.5,
        b"1996",
        None,
    ],
    "moment": [
        "1996-07-04 00:00:00",
        "1996-07-04 00:00:00.000",
        "1996-07-04T00:00:00Z",
        "1996-07-04",
        "soon",
        "",
        836438400,
        "1996-07-04 00:00:00.000001",
        "1996-07-04 00:00:00+02:00",
        "1996-07-04 00:00:00.000000",
        "1996-99-04 00:00:00",
        None,
    ],
    "hour": ["10:30:00", "10:30", "10:30:00.000000", "99:99:99", "noon", 7, None],
    "span": [86400000000, -1, "long", 2**63 - 1, 1.5, None],
    "code": ["0000000000000000000000000000000a", *UUIDS, "no uuid"],
    "mood": ["sad", "Ok", "happy", None],
    "cost": ["12.50", "-3", 100, None],
    "tags": ["{1,2}", "{}", None],
    "paper": ['{"a": 1}', None],
    "notes": ['{"a": 1}', "[]", '"x"', "{no", None],
}
VALUES = {"postgresql": ON_POSTGRESQL, "sqlite": ON_SQLITE}


def make() -> int:
    """Make the table, and fill it so that each value stands in two rows or more; return how many rows it has.

    On SQLite some rows have no key.
    """
    values = VALUES[connection.vendor]
    size = 2 * max(map(len, values.values()))
    rows = [
        [f"{place:02}", *(values[name][place % len(values[name])] for name in COLUMNS[1:])] for place in range(size)
    ]
    if connection.vendor == "sqlite":
        rows[3][0] = rows[4][0] = rows[11][0] = None
    places = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        for statement in TABLES[connection.vendor].split(";"):
            cursor.execute(statement)
        cursor.executemany(f"INSERT INTO specimens_relic ({', '.join(COLUMNS)}) VALUES ({places})", rows)
    return size

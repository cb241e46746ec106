"""Recordings of one tree are the same however often they are made; what differs between two is told once, by test."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.recording.compare import differences, read, report
from tests.recording.recorder import statements
from tests.recording.recorder.exchange import Exchange
from tests.recording.recorder.normal import Normal

SAME: dict[str, Any] = {
    "method": "GET",
    "target": "/v1/trips",
    "status": 200,
    "headers": ["Vary: Accept"],
    "body": '{"name":"Alps"}',
    "levels": ["traced"],
    "statements": ["SELECT 1"],
    "locks": [],
}


def told(after: dict[str, list[dict[str, Any]]]) -> list[tuple[str, tuple[str, ...], list[str]]]:
    before = {"one": [SAME], "other": [SAME]}
    return [(key.kind, key.lines, sorted(tests)) for key, tests in differences(before, after).items()]


def test_it_works():
    assert told({"one": [SAME], "other": [SAME]}) == []


@pytest.mark.parametrize(
    ("member", "value", "lines"),
    [
        ("status", 201, ("- 200", "+ 201")),
        ("headers", ["Vary: Accept", "Age: 1"], ("+ Age: 1",)),
        ("body", '{"name":"Alps","notes":""}', ('-  "name": "Alps"', '+  "name": "Alps",', '+  "notes": ""')),
        ("levels", ["compiled"], ("- traced", "+ compiled")),
        ("statements", ["SELECT 1", "SELECT 2"], ("+ SELECT 2",)),
        ("locks", ["UPDATE trips_trip <world 10>"], ("+ UPDATE trips_trip <world 10>",)),
    ],
)
def test_a_difference_is_told_once_with_its_tests(member: str, value: Any, lines: tuple[str, ...]):
    other = SAME | {member: value}
    shown = [
        (kind, tuple(line for line in found if line[0] != "?"), tests)
        for kind, found, tests in told({"one": [other], "other": [other]})
    ]

    assert [(kind, tests) for kind, _, tests in shown] == [(member, ["one", "other"])]
    assert [line.split() for line in shown[0][1]] == [line.split() for line in lines]


def test_bytes_that_read_alike_differ_all_the_same():
    assert told({"one": [SAME | {"body": '{"name": "Alps"}'}], "other": [SAME]}) == [("body", (), ["one"])]


def test_what_only_one_has_sent_is_told_and_the_rest_is_compared():
    more = [SAME | {"method": "POST"}, SAME | {"status": 404}]

    assert [kind for kind, _, _ in told({"one": more, "other": [SAME]})] == ["requests", "status"]


def test_a_report_names_tests_that_one_of_them_lacks(tmp_path: Path):
    file = tmp_path / "before.jsonl"
    file.write_text(json.dumps({"test": "gone", "exchanges": [SAME]}) + "\n")

    assert list(report(read(file), {"new": [SAME]}, (), 3)) == [
        "1 tests only before: gone",
        "1 tests only after: new",
        "0 tests compared; 1 requests before, 1 after",
    ]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("at 2027-05-01T09:00:00Z", "at 2027-05-01T09:00:00Z"),  # a test has said so
        ("at 2026-11-30T05:51:11.031Z", "at <time>"),
        ("/v1/trips?cursor=abc-_%3D&limit=1", "/v1/trips?cursor=<cursor>&limit=1"),
        ("/v1/trips/01900000-0000-7000-8000-00000000000a", "/v1/trips/<world 10>"),
        ("0199a3de-3d57-7c4e-9a1b-0242ac120002 0199a3de3d577c4e9a1b0242ac120002", "<id 1> <id 1>"),
        ("0199a3de-3d57-7c4e-9a1b-0242ac120002 0199a3de-3d57-7c4e-9a1b-0242ac120003", "<id 1> <id 2>"),
    ],
)
def test_what_varies_gives_way_to_a_name(text: str, normal: str):
    assert Normal().text(text) == normal


def test_statements_and_locks_are_recorded_whatever_way_they_come():
    exchange = Exchange("PATCH", "/v1/trips", in_order=True)
    key = "0190000000007000800000000000000a"
    with sqlite3.connect(":memory:", factory=statements._connection(sqlite3.Connection)) as connection:
        connection.execute("CREATE TABLE trip (id TEXT, name TEXT)")
        with statements.recording_statements(exchange, Normal()):
            connection.execute("SELECT name FROM trip WHERE id = ?", (key,)).fetchall()
            connection.cursor().execute("UPDATE trip SET name = 'Alps' WHERE id = ?", (key,))
            statements.record('SELECT 1 FROM "trip" WHERE id = $1 FOR NO KEY UPDATE OF "trip"', [key])
        connection.execute("SELECT 2")

    assert len(exchange.statements) == 3
    assert exchange.statements[0] == "SELECT name FROM trip WHERE id = ?"
    assert exchange.locks == ["UPDATE trip <world 10>", 'NO KEY UPDATE "trip" <world 10>']

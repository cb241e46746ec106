"""`make scale` and `make bench-scale`, with a few thousand rows: the same ones on every database."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.data import Database
from benchmarks.scale.rows import DIALECTS, FIRST_CITY, MANY, NEW, PERSON, SOME, Sizes, skewed
from tests.databases import ROOT

ROWS = 2000
OWNERS = "SELECT count(*) FROM trips_member m JOIN trips_trip t ON t.id = m.trip_id WHERE person_id = owner_id"
OUTSIDE = (
    "SELECT count(*) FROM trips_stop s JOIN trips_trip t ON t.id = trip_id "
    "WHERE {arrives_at} NOT BETWEEN begins_on AND ends_on OR {departs_at} NOT BETWEEN begins_on AND ends_on"
)
DAYS = {"sqlite": "date({})", "postgresql": "({} AT TIME ZONE 'UTC')::date"}


def run(module: str, *words: str) -> tuple[str, str]:
    """Run a benchmark, and return what it prints and what it says beside."""
    environment = {name: value for name, value in os.environ.items() if name not in ("TIME_BUDGET", "WORK_BUDGET")}
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.mark.skipif(not shutil.which("taskset"), reason="benchmarks choose their processor with taskset")
def test_it_works(new_database: Callable[..., str], tmp_path: Path, vendor: str) -> None:
    url = new_database(filled=True)
    place = ("--url", url, "--folder", str(tmp_path))
    run("benchmarks.scale.load", "--rows", str(ROWS), *place)
    hold_rows(Database(vendor, url, ""), vendor)
    assert "loaded already" in run("benchmarks.scale.load", "--rows", str(ROWS), *place)[1]

    told, _ = run("benchmarks.scale", *place, "--only", "trips", "--shape", "currency=*", "--limit-seconds", "4")
    assert "trips, many" in told
    assert "Other rows than the SQL's" not in told
    values = json.loads(next(tmp_path.glob("*.values.json")).read_text())
    assert values["trips"]["currency"]["frequent"] != values["trips"]["currency"]["rare"]


def hold_rows(database: Database, vendor: str) -> None:
    """Hold the rows to what is promised of them, to the rules that triggers keep, and to those of other databases."""
    sizes = Sizes(ROWS)
    for table, rows in {"trip": sizes.trips, "stop": sizes.stops, "member": sizes.members}.items():
        assert database.run(f"SELECT count(*) FROM trips_{table}") == [(rows,)]
    assert database.run(f"SELECT count(*) FROM places_city WHERE geonameid >= {FIRST_CITY}") == [(ROWS,)]
    for number in (0, 1, 77, 5_000_000, 160_000_000):
        drawn = skewed(f"CAST({number} AS bigint)", 9, 2500)
        assert database.run(f"SELECT {drawn}") == [(eval(skewed(str(number), 9, 2500).replace("/", "//")),)]

    person = DIALECTS[vendor].key("CAST({} AS bigint)", PERSON)
    trips_of = f"SELECT count(*) FROM trips_member WHERE person_id = {person}"
    shared = [database.run(trips_of.replace("{}", str(number)))[0][0] for number in (NEW, SOME, MANY)]
    assert shared == [0, sizes.some, sizes.many]

    assert database.run(OWNERS) == [(0,)]
    days = {name: DAYS[vendor].format(name) for name in ("arrives_at", "departs_at")}
    assert database.run(OUTSIDE.format(**days)) == [(0,)]

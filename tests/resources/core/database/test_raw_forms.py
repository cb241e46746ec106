"""What a trigger writes of a value is that value when it is read back, to the bit."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import connection, models, transaction
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from resources.core.database import raw_forms
from resources.core.journal import triggers
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS: dict[str, models.Field] = {
    "plain": models.TextField(null=True),
    "short": models.CharField(max_length=5, null=True),
    "whole": models.BigIntegerField(null=True),
    "real": models.FloatField(null=True),
    "exact": models.DecimalField(max_digits=12, decimal_places=2, null=True),
    "truth": models.BooleanField(null=True),
    "day": models.DateField(null=True),
    "instant": models.DateTimeField(null=True),
    "hour": models.TimeField(null=True),
    "took": models.DurationField(null=True),
    "raw": models.BinaryField(null=True),
    "document": models.JSONField(null=True),
    "address": models.GenericIPAddressField(null=True),
    "identity": models.UUIDField(null=True),
}
ONLY_ON_POSTGRESQL: dict[str, models.Field] = {
    "reals": ArrayField(models.FloatField(), null=True),
    "spans": ArrayField(models.DurationField(), null=True),
    "range": DateTimeRangeField(null=True),
}
SESSIONS = (
    {},
    {
        "extra_float_digits": "-5",
        "IntervalStyle": "sql_standard",
        "DateStyle": "'SQL, DMY'",
        "TimeZone": "'Asia/Kolkata'",
    },
    {"bytea_output": "escape", "IntervalStyle": "iso_8601", "DateStyle": "'German'", "TimeZone": "'America/St_Johns'"},
    {
        "IntervalStyle": "postgres_verbose",
        "DateStyle": "'Postgres, MDY'",
        "extra_float_digits": "0",
        "search_path": "''",
    },
)


@pytest.fixture
def sample(vendor: str) -> Iterator[type[models.Model]]:
    """Make a resource with a column of every kind."""
    columns = COLUMNS | (ONLY_ON_POSTGRESQL if vendor == "postgresql" else {})
    with isolate_apps("resources.places"):
        meta = type("Meta", (), {"app_label": "places", "db_table": "raw_sample"})
        made = {name: column.clone() for name, column in columns.items()}
        model = type("Sample", (UUIDv7Key, Resource), {"Meta": meta, "__module__": __name__, **made})
        with connection.schema_editor() as editor:
            editor.create_model(model)
        triggers.make_triggers(tables=["raw_sample"])
        yield model
        with connection.schema_editor() as editor:
            editor.delete_model(model)


def values_of(model: type[models.Model], side: str, select: str) -> list[tuple]:
    """Run a SELECT over a row as the journal has it, as `j`, beside the row itself."""
    columns = ", ".join(
        f'{raw_forms.read(column, connection.vendor, f"c.{side}")} AS "{column.column}"'
        for column in model._meta.concrete_fields
    )
    change = "(SELECT * FROM headwater_change WHERE table_name = 'raw_sample' ORDER BY id DESC LIMIT 1) AS c"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {select} FROM (SELECT {columns} FROM {change}) AS j, raw_sample AS r")
        return cursor.fetchall()


ANYTHING = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False).filter(lambda number: math.copysign(1, number) > 0 or number),  # SQLite drops the sign
    st.text(),
    st.text("\0\x01\t\n\r\x1f\"\\'ü\u2028{}\x7f\U0001f600", max_size=20),
    st.binary(),
)


@given(*[st.dictionaries(st.sampled_from(sorted(COLUMNS)), ANYTHING)] * 2)
def test_whatever_sqlite_holds(
    sample: type[models.Model], vendor: str, values: dict[str, Any], others: dict[str, Any]
) -> None:
    if vendor != "sqlite":
        pytest.skip("PostgreSQL holds what a column's type says")
    for each in (values, others):
        each.pop("document", None)  # whose CHECK the text must pass
    names = ["id", "created_at", "updated_at", "revision", *values]
    with transaction.atomic():
        raw = connection.connection
        raw.execute("PRAGMA ignore_check_constraints = 1")
        raw.execute("DELETE FROM raw_sample")
        raw.execute(
            f"INSERT INTO raw_sample ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            ["a" * 32, "2026", "2026", 1, *values.values()],
        )
        raw.execute("PRAGMA ignore_check_constraints = 0")
    exact = [name for name in COLUMNS if name != "exact"]
    pairs = [f"typeof(j.{name}) = typeof(r.{name}) AND j.{name} IS r.{name}" for name in exact]
    numbers = "typeof(r.exact) IN ('integer', 'real')"
    pairs.append(f"j.exact IS CASE WHEN {numbers} THEN r.exact END AND ({numbers} OR j.exact IS NULL)")
    assert values_of(sample, "after", ", ".join(pairs)) == [(1,) * len(pairs)]
    with transaction.atomic():
        raw.execute("PRAGMA ignore_check_constraints = 1")
        changes = "".join(f", {name} = ?" for name in others)
        raw.execute(f"UPDATE raw_sample SET revision = 2, plain = 'x' || hex(plain){changes}", [*others.values()])
        raw.execute("PRAGMA ignore_check_constraints = 0")
    assert values_of(sample, "after", ", ".join(pairs)) == [(1,) * len(pairs)]
    changes = "SELECT operation, before, after FROM headwater_change WHERE table_name = 'raw_sample' ORDER BY id DESC"
    [(operation, before, _), (_, _, after)] = raw.execute(f"{changes} LIMIT 2").fetchall()
    if operation == "U":  # else nothing has changed
        assert before == after


INSTANTS = st.one_of(
    st.sampled_from(["infinity", "-infinity", "0044-03-15 12:00:00.000001+00 BC", "1891-01-01 00:00:00+00", None]),
    st.datetimes().map(lambda moment: f"{moment.isoformat()}+00"),
)
DURATIONS = st.one_of(
    st.sampled_from(["infinity", "-infinity", "-1 day -02:00:00", "1 year -3 days 00:00:00.000001", None]),
    st.tuples(*[st.integers(-1000, 1000)] * 3, st.integers(-(10**12), 10**12)).map(
        lambda parts: "{} years {} months {} days {} microseconds".format(*parts)
    ),
)
TEXTS = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5))
FLOATS = st.one_of(st.none(), st.floats(), st.sampled_from([-0.0, 0.1 + 0.2, 5e-324, math.nan, math.inf]))
KINDS = {
    "plain": TEXTS,
    "short": TEXTS,
    "whole": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "real": FLOATS,
    "exact": st.one_of(st.sampled_from([None, "NaN"]), st.decimals(-(10**9), 10**9, places=2)),
    "truth": st.sampled_from([None, True, False]),
    "day": st.one_of(st.sampled_from(["infinity", "0044-03-15 BC", None]), st.dates().map(str)),
    "instant": INSTANTS,
    "hour": st.one_of(st.sampled_from([None, "24:00:00"]), st.times().map(str)),
    "took": DURATIONS,
    "raw": st.one_of(st.none(), st.binary()),
    "document": st.sampled_from([None, "null", "{}", '{"a": [1.0, 1.00, null]}', '"null"', "0"]),
    "address": st.one_of(st.none(), st.ip_addresses().map(str)),
    "identity": st.one_of(st.none(), st.uuids()),
    "reals": st.one_of(st.none(), st.lists(st.floats(), max_size=3)),
    "spans": st.one_of(st.none(), st.lists(DURATIONS.filter(bool), max_size=3)),
    "range": st.sampled_from([None, "empty", "[2026-01-02 03:04:05.000006+00,)", "(,2026-02-03 00:00:00+05:30]"]),
}


@given(st.fixed_dictionaries({}, optional=KINDS), st.sampled_from(SESSIONS))
def test_whatever_postgresql_holds(
    sample: type[models.Model], vendor: str, values: dict[str, Any], session: dict[str, str]
) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite holds anything in any column")
    types = {column.column: column.db_type(connection) for column in sample._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        [schema] = cursor.fetchone()
        cursor.execute("DELETE FROM raw_sample")
        with transaction.atomic():
            for name, value in session.items():
                cursor.execute(f"SET LOCAL {name} = {value}")
            places = "".join(f", %s::{types[name]}" for name in values)
            names = "".join(f", {name}" for name in values)
            cursor.execute(
                f"INSERT INTO {schema}.raw_sample (id, created_at, updated_at, revision{names}) "
                f"VALUES (gen_random_uuid(), now(), now(), 1{places})",
                list(values.values()),
            )
    same = [f"record_image_eq(ROW(j.{column}), ROW(r.{column}))" for column in types]
    assert values_of(sample, "after", ", ".join(same)) == [(True,) * len(same)]


def test_columns_keep_their_collation(sample: type[models.Model], vendor: str) -> None:
    from resources.places.models import City

    sql = raw_forms.read(City._meta.get_field("name"), vendor, "c.after")
    assert ('COLLATE "C"' in sql) == (vendor == "postgresql")

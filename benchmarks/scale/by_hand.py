"""SQL written by hand for what is asked: which columns a filter compares, how an order is written, whose rows are read.

Whoever writes it knows the data: a filter that leaves few rows is read first and sorted then, one that leaves many is
checked along the order's own index. Requests that this table has no words for are measured without it: pages further
on, groups, searches and patterns, for which the resources have no index.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.scale.questions import Question

PAGE = 50


@dataclass(frozen=True)
class Rows:
    """How the rows of a resource are read.

    Attributes:
        table: the table, with the name it goes by.
        key: its key.
        columns: what a filter or an ordering compares, by its path; `{}` stands for the comparison.
        few: the condition of the policy where somebody has few rows: `:me` is the person.
        many: that where somebody has a good part of all rows.
    """

    table: str
    key: str
    columns: Mapping[str, str]
    few: str = ""
    many: str = ""


MINE = "SELECT trip_id FROM trips_member WHERE person_id = :me UNION ALL SELECT id FROM trips_trip WHERE owner_id = :me"
AMONG_MINE = (
    "(EXISTS (SELECT 1 FROM trips_member mine WHERE mine.trip_id = {trip} AND mine.person_id = :me) "
    "OR EXISTS (SELECT 1 FROM trips_trip own WHERE own.id = {trip} AND own.owner_id = :me))"
)
MEMBERS = "t.id IN (SELECT trip_id FROM trips_member WHERE {} {{}})"
STOPS = "t.id IN (SELECT trip_id FROM trips_stop WHERE {} {{}})"

BY_HAND = {
    "cities": Rows(
        "places_city c",
        "c.geonameid",
        {
            "id": "c.geonameid {}",
            "name": "c.name {}",
            "country": "c.country_id {}",
            "country__continent": "c.country_id IN (SELECT alpha_2 FROM places_country WHERE continent {})",
            "country__currency": "c.country_id IN (SELECT alpha_2 FROM places_country WHERE currency_id {})",
            "subdivision": "c.subdivision_id {}",
            "population": "c.population {}",
            "latitude": "c.latitude {}",
            "longitude": "c.longitude {}",
            "timezone": "c.timezone {}",
            "is_capital": "c.is_capital {}",
        },
    ),
    "countries": Rows(
        "places_country c",
        "c.alpha_2",
        {
            "id": "c.alpha_2 {}",
            "alpha_3": "c.alpha_3 {}",
            "numeric": "c.numeric {}",
            "name": "c.name {}",
            "continent": "c.continent {}",
            "area_km2": "c.area_km2 {}",
            "population": "c.population {}",
            "currency": "c.currency_id {}",
            "languages": "c.alpha_2 IN (SELECT country_id FROM places_country_languages WHERE language_id {})",
        },
    ),
    "trips": Rows(
        "trips_trip t",
        "t.id",
        {
            "id": "t.id {}",
            "name": "t.name {}",
            "owner": "t.owner_id {}",
            "begins_on": "t.begins_on {}",
            "ends_on": "t.ends_on {}",
            "budget": "t.budget {}",
            "currency": "t.currency_id {}",
            "created_at": "t.created_at {}",
            "updated_at": "t.updated_at {}",
            "members__person": MEMBERS.format("person_id"),
            "members__role": MEMBERS.format("role"),
            "stops__city": STOPS.format("city_id"),
            "stops__city__country": "t.id IN (SELECT s.trip_id FROM trips_stop s "
            "JOIN places_city c ON c.geonameid = s.city_id WHERE c.country_id {})",
            "stops__airport": STOPS.format("airport_id"),
        },
        few=f"t.id IN ({MINE})",
        many=AMONG_MINE.format(trip="t.id"),
    ),
    "stops": Rows(
        "trips_stop s",
        "s.id",
        {
            "id": "s.id {}",
            "trip": "s.trip_id {}",
            "position": "s.position {}",
            "city": "s.city_id {}",
            "city__country": "s.city_id IN (SELECT geonameid FROM places_city WHERE country_id {})",
            "airport": "s.airport_id {}",
            "airport__country": "s.airport_id IN (SELECT icao FROM places_airport WHERE country_id {})",
            "arrives_at": "s.arrives_at {}",
            "departs_at": "s.departs_at {}",
        },
        few=f"s.trip_id IN ({MINE})",
        many=AMONG_MINE.format(trip="s.trip_id"),
    ),
    "members": Rows(
        "trips_member m",
        "m.id",
        {
            "id": "m.id {}",
            "trip": "m.trip_id {}",
            "person": "m.person_id {}",
            "role": "m.role {}",
            "created_at": "m.created_at {}",
        },
        few=f"m.trip_id IN ({MINE})",
        many=AMONG_MINE.format(trip="m.trip_id"),
    ),
}

COMPARISONS = {"exact": "= :{}", "gt": "> :{}", "gte": ">= :{}", "lt": "< :{}", "lte": "<= :{}"}
DEFAULT_ORDER = {"stops": "s.trip_id, s.position, s.id"}
NULLABLE = ("area_km2", "budget", "arrives_at", "departs_at")
"""Columns to order by that may be empty, which counts as the largest value; to SQLite's indexes it is the smallest."""
TO_MANY = ("members__", "stops__", "languages")


def statement(question: Question, kind: str) -> tuple[str, dict[str, str]] | None:
    """Return the statement for a question, with its parameters by their names; None where there is none."""
    rows, asked = BY_HAND[question.resource], dict(question.parameters)
    ordering = asked.pop("ordering", "")
    order = _order(question.resource, rows, ordering)
    counted = asked.pop("count", "")
    if question.deep or order is None or counted == "estimated" or (question.actor == "guest" and rows.few):
        return None
    conditions, values = [], {}
    for name, value in asked.items():
        condition = _condition(rows, name, value, values)
        if condition is None:
            return None
        conditions.append(condition)
    if rows.few:
        conditions.append(rows.many if question.actor == "many" else rows.few)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    if counted:
        return f"SELECT count(*) FROM {rows.table} {where}", values
    if (asked and question.sense != "frequent") or (rows.few and question.actor != "many"):
        within = f"WITH kept AS MATERIALIZED (SELECT {rows.key} AS kept_key FROM {rows.table} {where}) "
        where = f"WHERE {rows.key} IN (SELECT kept_key FROM kept)"
    else:
        within = ""
    select = f"SELECT {rows.key}, {rows.table[-1]}.* FROM {rows.table}"
    if kind == "sqlite" and ordering.removeprefix("-") in NULLABLE:
        return f"{within}{_in_two_parts(rows, select, where, ordering, order)} LIMIT {PAGE}", values
    return f"{within}{select} {where} ORDER BY {order} LIMIT {PAGE}", values


def _in_two_parts(rows: Rows, select: str, where: str, ordering: str, order: str) -> str:
    """Write a list in an order by a column that may be empty, so that an index serves both of its parts."""
    parts = [
        f"SELECT * FROM ({select} {where or 'WHERE TRUE'} AND {condition} ORDER BY {order} LIMIT {PAGE})"
        for condition in (rows.columns[ordering.removeprefix("-")].format(f"IS {no}NULL") for no in ("NOT ", ""))
    ]
    return " UNION ALL ".join(reversed(parts) if ordering.startswith("-") else parts)


def _order(resource: str, rows: Rows, ordering: str) -> str | None:
    """Write an order, closed by the key in its own direction; None for one by another table."""
    name = ordering.removeprefix("-")
    if not name:
        return DEFAULT_ORDER.get(resource, rows.key)
    if "__" in name:
        return None
    direction = "DESC" if ordering.startswith("-") else "ASC"
    if name == "id":
        return f"{rows.key} {direction}"
    return f"{rows.columns[name].format(direction)}, {rows.key} {direction}"


def _condition(rows: Rows, parameter: str, value: str, values: dict[str, str]) -> str | None:
    """Write the condition of a filter, and put what it compares with among the values."""
    path, _, lookup = parameter.rpartition("__")
    if parameter in rows.columns:
        path, lookup = parameter, "exact"
    column = rows.columns.get(path)
    if column is None:
        return None
    mark = f"v{len(values)}"
    if lookup in COMPARISONS:
        values[mark] = value
        return column.format(COMPARISONS[lookup].format(mark))
    if lookup == "in":
        marks = {f"{mark}_{number}": each for number, each in enumerate(value.split(","))}
        values |= marks
        return column.format(f"IN ({', '.join(':' + name for name in marks)})")
    if lookup == "isnull" and not path.startswith(TO_MANY):
        return column.format("IS NULL" if value == "true" else "IS NOT NULL")
    if lookup == "startswith":
        values |= {mark: value, f"{mark}_end": value[:-1] + chr(ord(value[-1]) + 1)}
        return f"{column.format(f'>= :{mark}')} AND {column.format(f'< :{mark}_end')}"
    return None


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def for_sqlite(value: str) -> str | int:
    """Write a value as SQLite's columns hold it; numbers are compared as such by the columns' affinity."""
    if UUID.fullmatch(value):
        return value.replace("-", "")
    if INSTANT.fullmatch(value):
        return value[:-1].replace("T", " ")
    return {"true": 1, "false": 0}.get(value, value)

"""The rows of a large database, as SQL that makes them of the sample data: the same ones on both databases, every time.

Everything follows from the number of a row, so that no table has to be read to fill another. The skew is that of the
world: a few countries have most of the cities and a few people most of the trips, many have a handful.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

CITIES = 5_000_000
FIRST_CITY = 100_000_000
"""GeoNames has numbers up to 13 million; cities from this one on are made."""
PEOPLE = 2000
NEW, SOME, MANY, FIRST_OWNER = range(4)
"""Numbers of people: who has no trip, who is a member of some, who of many, and who owns the most."""
COPIED = 60
"""Countries with at least so many cities in the sample get more; the others keep the few that they have."""

MULTIPLIERS = (2654435761, 2246822519, 3266489917, 668265263, 374761393, 2869860233, 3624381081, 1597334677)


def hashed(number: str, salt: int) -> str:
    """Return SQL for 32 bits that look as if drawn by lot, by a number and what they are for."""
    first, second = MULTIPLIERS[salt % 8], MULTIPLIERS[(salt + 1 + salt // 8) % 8]
    return f"((({number} + {salt}) * {first} % 4294967296 / 128) * {second} % 4294967296)"


def among(number: str, salt: int, count: int | str) -> str:
    """Return SQL for one of `count`, each as likely."""
    return f"({hashed(number, salt)} / 1024 * {count} / 4194304)"


def skewed(number: str, salt: int, count: int | str) -> str:
    """Return SQL for one of `count`, the first ones by far the most likely."""
    drawn = f"({hashed(number, salt)} / 1024)"
    return f"({drawn} * {drawn} / 4194304 * {count} / 4194304)"


@dataclass(frozen=True)
class Dialect:
    """How a database writes what the two write differently.

    Attributes:
        series: the numbers from one to another, as a table of one column `i`.
        moment: a time, of seconds since 2025 began.
        day: a day, of days since 2020 began.
        key: a UUIDv7, of a number and of what it is the key of.
        cents: an amount of money.
    """

    series: Callable[[int, int], str]
    moment: Callable[[str], str]
    day: Callable[[str], str]
    key: Callable[[str, int], str]
    cents: Callable[[str], str]
    true: str
    false: str


FIRST_DAY, FIRST_SECOND = 1577836800, 1735689600  # 2020 and 2025, in seconds since 1970
SECONDS_BETWEEN = 30

DIALECTS = {
    "sqlite": Dialect(
        lambda first, last: (
            f"(WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)"
        ),
        lambda seconds: f"datetime({FIRST_SECOND} + {seconds}, 'unixepoch')",
        lambda days: f"date({FIRST_DAY} + 86400 * ({days}), 'unixepoch')",
        lambda number, kind: (
            f"printf('%012x7{kind:03x}8000%012x', ({FIRST_SECOND} + {SECONDS_BETWEEN} * ({number})) * 1000, {number})"
        ),
        lambda cents: f"({cents}) / 100.0",
        "1",
        "0",
    ),
    "postgresql": Dialect(
        lambda first, last: f"(SELECT i FROM generate_series({first}::bigint, {last}::bigint) AS n(i))",
        lambda seconds: f"to_timestamp({FIRST_SECOND} + {seconds})",
        lambda days: f"(DATE '2020-01-01' + ({days})::integer)",
        lambda number, kind: (
            f"(lpad(to_hex(({FIRST_SECOND} + {SECONDS_BETWEEN} * ({number})) * 1000), 12, '0') || '7{kind:03x}8000' "
            f"|| lpad(to_hex({number}), 12, '0'))::uuid"
        ),
        lambda cents: f"({cents})::numeric / 100",
        "TRUE",
        "FALSE",
    ),
}

PERSON, TRIP, STOP, MEMBER = range(1, 5)


@dataclass(frozen=True)
class Sizes:
    """How many rows there are of what, by how many cities are made."""

    cities: int = CITIES

    @property
    def trips(self) -> int:
        """Return a tenth of the cities."""
        return max(self.cities // 10, 1)

    @property
    def stops(self) -> int:
        """Return about three for each trip: one to five, in turns."""
        return 3 * self.trips

    @property
    def some(self) -> int:
        """Return of how many trips somebody is a member: 1,500, or fewer where there are few at all."""
        return max(min(1500, self.trips * 3 // 1000), 1)

    @property
    def many(self) -> int:
        """Return of how many trips somebody else is one: 100,000, or a fifth."""
        return max(min(100_000, self.trips // 5), 1)

    @property
    def members(self) -> int:
        """Return two for each trip, and those of the two who are in more."""
        return 2 * self.trips + self.some + self.many


@dataclass(frozen=True)
class Table:
    """A table to fill.

    Attributes:
        name: the database's.
        rows: how many it gets.
        numbers: how many numbers those are made of.
        statement: the INSERT that makes the rows of the numbers from one to another.
    """

    name: str
    rows: int
    numbers: int
    statement: Callable[[int, int], str]


BASES = (
    # What is copied, numbered: the cities of the countries that have many, those of the largest countries first.
    "CREATE TEMPORARY TABLE base_city AS SELECT row_number() OVER (ORDER BY many DESC, c.geonameid) - 1 AS number, "
    "c.name, c.country_id, c.subdivision_id, c.population, c.timezone, c.latitude, c.longitude FROM places_city c "
    "JOIN (SELECT country_id, count(*) AS many FROM places_city GROUP BY country_id) AS of_country "
    f"ON of_country.country_id = c.country_id WHERE many >= {COPIED} AND c.geonameid < {FIRST_CITY}",
    "CREATE TEMPORARY TABLE base_large AS SELECT row_number() OVER (ORDER BY population DESC, geonameid) - 1 AS number,"
    f" geonameid FROM places_city WHERE geonameid < {FIRST_CITY} ORDER BY 1 LIMIT 1000",
    "CREATE TEMPORARY TABLE base_airport AS SELECT row_number() OVER (ORDER BY iata IS NULL, icao) - 1 AS number, icao "
    "FROM places_airport",
    "CREATE TEMPORARY TABLE base_currency AS SELECT row_number() OVER (ORDER BY many DESC, code) - 1 AS number, code "
    "FROM (SELECT code, (SELECT count(*) FROM places_country WHERE currency_id = code) AS many FROM places_currency) "
    "AS of_country",
    *(
        f"CREATE UNIQUE INDEX base_{name}_number ON base_{name} (number)"
        for name in ("city", "large", "airport", "currency")
    ),
)


def tables(sizes: Sizes, dialect: Dialect, base: int) -> Iterator[Table]:
    """Yield the tables in the order in which they refer to one another.

    Args:
        sizes: how many rows they get.
        dialect: that of the database.
        base: how many cities there are to copy.
    """
    yield Table("accounts_person", PEOPLE, PEOPLE, lambda *span: _people(dialect, *span))
    yield Table("places_city", sizes.cities, sizes.cities, lambda *span: _cities(dialect, base, *span))
    yield Table("trips_trip", sizes.trips, sizes.trips, lambda *span: _trips(dialect, base, *span))
    yield Table("trips_stop", sizes.stops, sizes.trips, lambda *span: _stops(dialect, sizes, *span))
    yield Table("trips_member", sizes.members, sizes.trips, lambda *span: _members(dialect, sizes, *span))


def email(number: int) -> str:
    """Return the address of a person."""
    return f"person-{number:04}@example.org"


def _insert(table: str, columns: dict[str, str], source: str) -> str:
    """Write an INSERT that selects a column's value by its name."""
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {source}"


def _stamps(dialect: Dialect, number: str) -> dict[str, str]:
    created = dialect.moment(f"{SECONDS_BETWEEN} * ({number})")
    return {"created_at": created, "updated_at": created, "revision": "1"}


def _people(dialect: Dialect, first: int, last: int) -> str:
    number = "substr('000' || i, length('000' || i) - 3)"
    columns = {
        "id": dialect.key("i", PERSON),
        "email": f"'person-' || {number} || '@example.org'",
        "name": f"'Person ' || {number}",
        "password": "'!'",
        "is_superuser": dialect.false,
        "is_staff": dialect.false,
        "is_active": dialect.true,
    }
    return _insert("accounts_person", columns | _stamps(dialect, "i"), dialect.series(first, last) + " AS n")


def _cities(dialect: Dialect, base: int, first: int, last: int) -> str:
    """Write copies of cities: smaller, about, and in every second case under a name of their own."""
    longitude = f"{among('i', 2, 20001)} / 10000.0"
    name = (
        f"CASE {among('i', 3, 8)} WHEN 0 THEN 'Saint ' || b.name WHEN 1 THEN 'Nueva ' || b.name "
        f"WHEN 2 THEN b.name || ' ' || o.name WHEN 3 THEN b.name || ' ' || (1 + {among('i', 4, 999)}) ELSE b.name END"
    )
    columns = {
        "geonameid": f"{FIRST_CITY} + i",
        "name": f"substr({name}, 1, 200)",
        "country_id": "b.country_id",
        "subdivision_id": "b.subdivision_id",
        "population": f"b.population / (1 + {among('i', 5, 977)})",
        "timezone": "b.timezone",
        "is_capital": dialect.false,
        "latitude": f"b.latitude + ({among('i', 6, 20001)} - 10000) / 10000.0",
        "longitude": f"CASE WHEN b.longitude > 0 THEN b.longitude - {longitude} ELSE b.longitude + {longitude} END",
    }
    source = (
        f"{dialect.series(first, last)} AS n JOIN base_city b ON b.number = {skewed('i', 0, base)} "
        f"JOIN base_city o ON o.number = {among('i', 1, base)}"
    )
    return _insert("places_city", columns | _stamps(dialect, "i % 1000"), source)


OWNER = skewed("i", 8, PEOPLE - FIRST_OWNER)
BEGIN = f"(2500 - {skewed('i', 9, 2500)})"
LENGTH = among("i", 10, 22)


def _trips(dialect: Dialect, base: int, first: int, last: int) -> str:
    cents = f"5000 + {skewed('i', 12, 1000000)}"
    counted = f"{among('i', 13, 20)} < 11"
    name = (
        f"CASE {among('i', 14, 5)} WHEN 0 THEN 'Weekend in ' || b.name WHEN 1 THEN 'Summer in ' || b.name "
        "WHEN 2 THEN b.name || ' and ' || o.name WHEN 3 THEN 'To ' || b.name || ' for work' ELSE b.name END"
    )
    notes = (
        "CASE WHEN i % 99991 = 7 THEN 'By zeppelin, if there is one.' "
        f"WHEN {among('i', 15, 10)} < 7 THEN '' ELSE 'Meet at the station of ' || o.name || '.' END"
    )
    columns = {
        "id": dialect.key("i", TRIP),
        "name": name,
        "owner_id": dialect.key(f"({FIRST_OWNER} + {OWNER})", PERSON),
        "begins_on": dialect.day(BEGIN),
        "ends_on": dialect.day(f"{BEGIN} + {LENGTH}"),
        "budget": f"CASE WHEN {counted} THEN {dialect.cents(cents)} END",
        "currency_id": f"CASE WHEN {counted} OR {among('i', 16, 2)} = 0 THEN c.code END",
        "notes": notes,
        "details": f"CASE WHEN {among('i', 17, 5)} = 0 THEN '{{\"colour\": \"blue\"}}' ELSE '{{}}' END",
    }
    if dialect is DIALECTS["postgresql"]:
        columns["details"] = f"({columns['details']})::jsonb"
    source = (
        f"{dialect.series(first, last)} AS n JOIN base_city b ON b.number = {skewed('i', 18, base)} "
        f"JOIN base_city o ON o.number = {among('i', 19, base)} "
        f"JOIN base_currency c ON c.number = {skewed('i', 20, '(SELECT count(*) FROM base_currency)')}"
    )
    return _insert("trips_trip", columns | _stamps(dialect, "i"), source)


def _stops(dialect: Dialect, sizes: Sizes, first: int, last: int) -> str:
    """Write the stops of trips: most in cities anywhere, a quarter in large ones, some at airports."""
    number = "(i * 8 + p)"
    kind = among(number, 21, 20)
    day = f"({BEGIN} - 1827 + (p - 1) * {LENGTH} / 5)"  # of 2025
    arrival = f"86400 * {day} + 1800 * {among(number, 22, 24)}"
    departure = f"{arrival} + 1800 * {among(number, 23, 20)}"
    columns = {
        "id": dialect.key(number, STOP),
        "trip_id": dialect.key("i", TRIP),
        "position": "p",
        "city_id": f"CASE WHEN {kind} = 0 THEN NULL WHEN {kind} < 6 THEN l.geonameid "
        f"ELSE {FIRST_CITY} + {skewed(number, 24, sizes.cities)} END",
        "airport_id": f"CASE WHEN {kind} = 0 THEN a.icao END",
        "arrives_at": f"CASE WHEN {among(number, 25, 10)} > 0 THEN {dialect.moment(arrival)} END",
        "departs_at": f"CASE WHEN {among(number, 26, 10)} > 0 THEN {dialect.moment(departure)} END",
        "notes": f"CASE WHEN {among(number, 27, 10)} < 8 THEN '' WHEN {number} % 999983 = 12 THEN 'A sauna.' "
        "ELSE 'Ask at the desk.' END",
    }
    source = (
        f"{dialect.series(first, last)} AS n JOIN (SELECT 1 AS p UNION ALL SELECT 2 UNION ALL SELECT 3 "
        "UNION ALL SELECT 4 UNION ALL SELECT 5) AS places ON p <= 1 + i % 5 "
        f"JOIN base_large l ON l.number = {skewed(number, 28, '(SELECT count(*) FROM base_large)')} "
        f"JOIN base_airport a ON a.number = {skewed(number, 29, '(SELECT count(*) FROM base_airport)')}"
    )
    return _insert("trips_stop", columns | _stamps(dialect, "i"), source)


def _members(dialect: Dialect, sizes: Sizes, first: int, last: int) -> str:
    """Write two members of each trip, neither of them its owner, and the two people who are in more."""
    number, others = "(i * 4 + k)", PEOPLE - FIRST_OWNER
    near = f"({FIRST_OWNER} + ({OWNER} + 1 + {among('i', 30, 900)}) % {others})"
    far = f"({FIRST_OWNER} + ({OWNER} + 901 + {among('i', 31, 900)}) % {others})"
    each_of_some, each_of_many = sizes.trips // sizes.some, sizes.trips // sizes.many
    columns = {
        "id": dialect.key(number, MEMBER),
        "trip_id": dialect.key("i", TRIP),
        "person_id": dialect.key(
            f"(CASE k WHEN 0 THEN {near} WHEN 1 THEN {far} WHEN 2 THEN {SOME} ELSE {MANY} END)", PERSON
        ),
        "role": f"CASE WHEN {among(number, 32, 5)} = 0 THEN 'editor' ELSE 'viewer' END",
    }
    source = (
        f"{dialect.series(first, last)} AS n JOIN (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2 "
        "UNION ALL SELECT 3) AS kinds ON k < 2 "
        f"OR (k = 2 AND i % {each_of_some} = {7 % each_of_some} AND i / {each_of_some} < {sizes.some}) "
        f"OR (k = 3 AND i % {each_of_many} = {3 % each_of_many} AND i / {each_of_many} < {sizes.many})"
    )
    return _insert("trips_member", columns | _stamps(dialect, "i"), source)

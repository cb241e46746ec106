"""The statements of the floor, one for each path, in the words of each database."""

from dataclasses import dataclass

STAMPS = ("created_at", "updated_at", "revision")
CITY = (
    "name",
    "country_id",
    "subdivision_id",
    "population",
    "latitude",
    "longitude",
    "timezone",
    "is_capital",
    *STAMPS,
)
COUNTRY = ("alpha_3", "numeric", "name", "continent", "capital", "area_km2", "population", "currency_id", "tld")
LANGUAGE = ("alpha_3", "name", *STAMPS)


@dataclass(frozen=True)
class Dialect:
    """How a database writes JSON.

    Attributes:
        row, rows: the functions that make an object, and a list.
        text: what makes a text of JSON.
        time, boolean: how a column of the kind becomes DRF's JSON.
        value: how a parameter stands in the text.
        member: how a member of a JSON body is read, by its name and type.
        now: the time of writing.
    """

    row: str
    rows: str
    text: str
    time: str
    boolean: str
    value: str
    member: str
    now: str

    def object(self, table: str, key: str, columns: tuple[str, ...], more: str = "") -> str:
        """Return the expression for a row; a column such as `country_id` is shown as `country`."""
        pairs = [f"'id', {table}.{key}"]
        for name in columns:
            form = self.time if name.endswith("_at") else self.boolean if name == "is_capital" else "{}"
            pairs.append(f"'{name.removesuffix('_id')}', " + form.format(f"{table}.{name}"))
        return f"{self.row}({', '.join(pairs)}{more})"

    def page(self, row: str, source: str, limit: int = 50) -> str:
        """Return the statement for a list: rows in an order, made JSON one by one."""
        inner = f"SELECT {row} AS item FROM {source} LIMIT {limit}"
        item = "json(item)" if self.row == "json_object" else "item"
        return f"SELECT {self.text.format(f'{self.rows}({item})')} FROM ({inner}) AS page"

    def where(self, *conditions: str) -> str:
        """Return conditions, each on one parameter: `country_id = country`."""
        return " AND ".join(
            f"{column} {operator} {self.value.format(name)}" for column, operator, name in map(str.split, conditions)
        )


def statements(to: Dialect) -> dict[str, str]:
    """Write all statements."""
    city = to.object("c", "geonameid", CITY)
    keys = f"(SELECT {to.rows}(l.language_id) FROM places_country_languages l WHERE l.country_id = n.alpha_2)"
    stamps = ("phone_prefix", *STAMPS)
    country = to.object("n", "alpha_2", (*COUNTRY, *stamps), f", 'languages', {keys}")
    bare = tuple(name for name in CITY if name != "country_id")
    with_country = to.object("c", "geonameid", bare, f", 'country', {country}")
    languages = (
        f"(SELECT {to.rows}({to.object('g', 'code', LANGUAGE)}) FROM places_country_languages l "
        "JOIN places_language g ON g.code = l.language_id WHERE l.country_id = n.alpha_2)"
    )
    with_languages = to.object("n", "alpha_2", (*COUNTRY, *stamps), f", 'languages', {languages}")
    order = "ORDER BY c.population DESC, c.geonameid DESC"
    of_country = to.where("c.country_id = country")
    filtered = to.where("c.country_id = country", "c.population >= population__gte", "c.latitude >= latitude__gte")
    before = f"(c.population, c.geonameid) < ({to.value.format('before')}, {to.value.format('id')})"
    smaller = to.where("n.population <= population__lte")
    counted = to.text.format(f"{to.row}('count', count(*))")
    return {
        "item": f"SELECT {to.text.format(city)} FROM places_city c WHERE {to.where('c.geonameid = id')}",
        "/cities": to.page(city, f"places_city c WHERE {of_country} {order}"),
        "three": to.page(city, f"places_city c WHERE {filtered} {order}"),
        "/cities/with-country": to.page(
            with_country, f"places_city c JOIN places_country n ON n.alpha_2 = c.country_id WHERE {of_country} {order}"
        ),
        "/countries": to.page(
            with_languages, f"places_country n WHERE {smaller} ORDER BY n.population DESC, n.alpha_2 DESC"
        ),
        "deep": to.page(city, f"places_city c WHERE {before} {order}"),
        "/cities/count": f"SELECT {counted} FROM places_city c WHERE {of_country}",
        "create": _create(to, city.replace("c.", "")),
    }


def _create(to: Dialect, shown: str) -> str:
    """Return the statement that reads a row from a JSON body and writes it."""
    given = {"id": "bigint", "name": "text", "country": "text", "subdivision": "text", "population": "bigint"}
    given |= {"latitude": "float", "longitude": "float", "timezone": "text"}
    values = ", ".join(to.member.format(to.value.format("body"), name, kind) for name, kind in given.items())
    columns = "geonameid, name, country_id, subdivision_id, population, latitude, longitude, timezone"
    return (
        f"INSERT INTO places_city ({columns}, is_capital, created_at, updated_at, revision) "
        f"VALUES ({values}, false, {to.now}, {to.now}, 1) RETURNING {to.text.format(shown)}"
    )


SQLITE = statements(
    Dialect(
        row="json_object",
        rows="json_group_array",
        text="{}",
        time="replace({}, ' ', 'T') || 'Z'",
        boolean="json(iif({}, 'true', 'false'))",
        value=":{}",
        member="json_extract({0}, '$.{1}')",
        now="strftime('%Y-%m-%d %H:%M:%f', 'now')",
    )
)
POSTGRESQL = statements(
    Dialect(
        row="json_build_object",
        rows="json_agg",
        text="({})::text",
        time="to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        boolean="{}",
        value="%({})s",
        member="({0}::json ->> '{1}')::{2}",
        now="now()",
    )
)

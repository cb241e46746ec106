"""What is asked of every peer: each kind of work, with random keys and values, so that no cache can answer."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

Values = Mapping[str, Any]
DEEP = 100_000
"""The row at which a deep page begins."""
DEEP_PAGES = 20
SAMPLES = 5000
PAGE = 50


class City(NamedTuple):
    """What of a city is asked for."""

    population: int
    id: int
    country: str
    latitude: float


class Sampler:
    """Draws values, the same for every peer."""

    def __init__(self, cities: Iterable[City], countries: Iterable[int], cursors: Sequence[str]) -> None:
        """Take the data.

        Args:
            cities: all of them.
            countries: the population of each.
            cursors: Headwater's, of the deep pages.
        """
        self.cities = sorted(cities, reverse=True)
        self.populations = sorted(countries)
        self.cursors = cursors
        of_country = defaultdict(list)
        for city in self.cities:
            of_country[city.country].append(city)
        self.large = [of for of in of_country.values() if len(of) > 10 * PAGE]
        self.random = random.Random(2026)

    def values(self, name: str) -> list[Values]:
        """Draw the values of all requests for some work."""
        work = WORK[name]
        return [work.draw(self) for _ in range(work.samples)]

    def detail(self) -> Values:
        """Draw a city."""
        return {"id": self.random.choice(self.cities).id}

    def country(self) -> Values:
        """Draw a country of many cities."""
        return {"country": self.random.choice(self.large)[0].country}

    def three(self) -> Values:
        """Draw a country, a population and a latitude that leave at least a page of cities."""
        of = self.random.choice(self.large)
        least = of[self.random.randrange(4 * PAGE, 10 * PAGE)].population
        larger = takewhile(lambda city: city.population >= least, of)
        norths = sorted((city.latitude for city in larger), reverse=True)
        south = norths[self.random.randrange(PAGE, 3 * PAGE)]
        return {"country": of[0].country, "population__gte": least, "latitude__gte": south}

    def countries(self) -> Values:
        """Draw a population that leaves at least a page of countries below it."""
        place = self.random.randrange(2 * PAGE, len(self.populations))
        return {"population__lte": self.populations[place] + self.random.randrange(1000)}

    def nothing(self) -> Values:
        """Draw nothing."""
        return {}

    def deep(self) -> Values:
        """Draw a page deep down, as every peer calls it."""
        page = self.random.randrange(DEEP_PAGES)
        offset = DEEP + page * PAGE
        before = self.cities[offset - 1]
        cursor = self.cursors[page] if self.cursors else ""
        return {
            "offset": offset,
            "page": offset // PAGE + 1,
            "before": before.population,
            "id": before.id,
            "cursor": cursor,
        }

    def row(self) -> Values:
        """Make a city to create; its id is filled in when it is sent."""
        city = self.random.choice(self.cities)
        row = {"name": f"City {self.random.random()}", "country": city.country, "population": city.population}
        return {"rows": [row | {"latitude": city.latitude, "longitude": 2.5, "timezone": "Europe/Paris"}]}

    def change(self) -> Values:
        """Draw a city and a change that leaves the data as they are."""
        city = self.random.choice(self.cities)
        return {"id": city.id, "change": {"population": city.population, "latitude": city.latitude}}

    def rows(self) -> Values:
        """Make a thousand."""
        return {"rows": [row for _ in range(1000) for row in self.row()["rows"]]}


@dataclass(frozen=True)
class Work:
    """One kind of work.

    Attributes:
        title: what it is, in words.
        draw: makes the values of one request.
        method: GET, POST or PATCH.
        samples: how many requests are drawn.
        many: whether rows are sent as a list.
        connections: how many requests are under way.
        least_seconds: how long a turn is at least.
    """

    title: str
    draw: Callable[[Sampler], Values]
    method: str = "GET"
    samples: int = SAMPLES
    many: bool = False
    connections: int = 16
    least_seconds: int = 1


WORK: Mapping[str, Work] = {
    "detail": Work("detail", Sampler.detail),
    "list": Work("list of 50, one filter", Sampler.country),
    "three": Work("list of 50, three filters", Sampler.three),
    "to-one": Work("list of 50, to-one expansion", Sampler.country),
    "to-many": Work("list of 50, to-many expansion", Sampler.countries),
    "first": Work("first page of all rows", Sampler.nothing, samples=1),
    "deep": Work("page at row 100,000", Sampler.deep),
    "count": Work("count, one filter", Sampler.country),
    "create": Work("create a row", Sampler.row, "POST"),
    "change": Work("change a row", Sampler.change, "PATCH"),
    "create-1000": Work("create 1,000 rows", Sampler.rows, "POST", 5, True, connections=1, least_seconds=4),
}


def requests(work: Work, template: str, drawn: Iterable[Values], body_id: str) -> Iterator[str]:
    """Write the requests of some work for a peer, one a line, as `load.lua` reads them.

    Args:
        work: what is asked.
        template: the peer's path, with the names of the values in braces.
        drawn: the values, a request each.
        body_id: how the peer wants an id in a body.
    """
    for values in drawn:
        yield f"{work.method} {template.format(**values)} {_body(work, values, body_id)}".rstrip()


def _body(work: Work, values: Values, body_id: str) -> str:
    if "change" in values:
        return _compact(values["change"])
    rows = [{"id": "{id}"} | row for row in values.get("rows", ())]
    return _compact(rows if work.many else rows[0]).replace('"{id}"', body_id) if rows else ""


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))

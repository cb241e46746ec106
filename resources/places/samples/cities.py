"""Cities, as GeoNames has them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from resources.places.models import City
from resources.places.samples.sources import Sources
from resources.places.samples.subdivisions import by_geonames_code, folded


def cities(sources: Sources) -> Iterator[City]:
    """Make a row for every city."""
    of_country = defaultdict(list)
    for city in sources.cities:
        of_country[city["countrycode"]].append(city)
    for country, members in of_country.items():
        capital = _capital(sources.countries[country]["capital"], members)
        for city in members:
            yield City(
                id=city["geonameid"],
                name=city["name"],
                country_id=country,
                subdivision_id=by_geonames_code(sources, country, city["admin1code"]),
                population=city["population"],
                latitude=city["latitude"],
                longitude=city["longitude"],
                timezone=city["timezone"],
                is_capital=city is capital,
            )


def _capital(name: str, cities: list[Any]) -> Any:
    """Find a country's capital among its cities: the largest of that name, or else with it as another name."""
    wanted = folded(name)
    named = [city for city in cities if folded(city["name"]) == wanted]
    known_as = named or [city for city in cities if wanted in map(folded, city["alternatenames"])]
    return max(known_as, key=lambda city: int(city["population"])) if wanted and known_as else None

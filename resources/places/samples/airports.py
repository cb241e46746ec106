"""Airports, as airportsdata has them."""

from collections.abc import Iterator

from resources.places.models import Airport
from resources.places.samples.sources import Sources
from resources.places.samples.subdivisions import folded, names


def airports(sources: Sources) -> Iterator[Airport]:
    """Make a row for every airport. An elevation of exactly zero is how the source says that it does not know."""
    subdivisions = names(sources)
    for airport in sources.airports:
        yield Airport(
            id=airport["icao"],
            iata=airport["iata"] or None,
            name=airport["name"].strip(),
            city_name=airport["city"].strip(),
            country_id=airport["country"],
            subdivision_id=subdivisions.get((airport["country"], folded(airport["subd"]))),
            elevation=round(airport["elevation"]) if airport["elevation"] else None,
            latitude=airport["lat"],
            longitude=airport["lon"],
            timezone=airport["tz"],
        )

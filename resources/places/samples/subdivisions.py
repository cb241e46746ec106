"""Subdivisions, by ISO 3166-2, and how the other sources name them."""

import re
from collections import defaultdict
from collections.abc import Iterator

from resources.core.text import fold
from resources.places.models import Subdivision
from resources.places.samples.admin1 import ISO_CODES
from resources.places.samples.sources import Sources

_TWO_NAMES = re.compile(r"(.+) \[(.+)\]")  # "Lleida [Lérida]"
_INVERTED = re.compile(r"(.+), (.+)")  # "Madrid, Comunidad de"


def subdivisions(sources: Sources) -> Iterator[Subdivision]:
    """Make a row for every subdivision."""
    for code, subdivision in sources.subdivisions.items():
        yield Subdivision(
            id=code,
            name=subdivision.name,
            type=subdivision.type,
            country_id=subdivision.country_code,
            parent_id=subdivision.parent_code,
        )


def by_geonames_code(sources: Sources, country: str, code: str) -> str | None:
    """Return the ISO code behind a GeoNames one, or None where it is not certain.

    Where GeoNames uses letters they are ISO's. Its numbers are its own: FR 11 is Île-de-France, FR-11 is the Aude.
    """
    iso = code if code.isalpha() else ISO_CODES.get(country, {}).get(code)
    return found if iso and (found := f"{country}-{iso}") in sources.subdivisions else None


def names(sources: Sources) -> dict[tuple[str, str], str]:
    """Return the ISO codes by country and folded name, without the names that mean more than one."""
    meanings = defaultdict(set)
    for code, subdivision in sources.subdivisions.items():
        for name in _spellings(subdivision.name):
            meanings[subdivision.country_code, folded(name)].add(code)
    return {name: codes.pop() for name, codes in meanings.items() if len(codes) == 1}


def _spellings(name: str) -> set[str]:
    spellings = {name}
    if two := _TWO_NAMES.fullmatch(name):
        spellings |= {two[1], two[2]}
    if inverted := _INVERTED.fullmatch(name):
        spellings.add(f"{inverted[2]} {inverted[1]}")
    return spellings


def folded(name: str) -> str:
    """Reduce a name to its letters and digits: `Île-de-France` and `Ile de France` are one."""
    return "".join(filter(str.isalnum, fold(name)))

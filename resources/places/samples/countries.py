"""Countries, as GeoNames has them."""

from collections.abc import Iterator

from resources.places.models import Country
from resources.places.samples.sources import Sources


def countries(sources: Sources) -> Iterator[Country]:
    """Make a row for every country; a zero that stands for "not known" becomes null."""
    for code, country in sources.countries.items():
        yield Country(
            id=code,
            alpha_3=country["iso3"],
            numeric=f"{country['isonumeric']:03}" if country["isonumeric"] else None,
            name=country["name"].strip(),
            continent=country["continentcode"],
            capital=country["capital"].strip(),
            area_km2=country["areakm2"] or None,
            population=country["population"],
            currency_id=country["currencycode"] or None,
            tld=country["tld"],
            phone_prefix=_phone_prefix(country["phone"].strip()),
        )


def _phone_prefix(digits: str) -> str:
    """Write `33` as `+33`, and leave `+1-684` alone."""
    return f"+{digits}" if digits[:1].isdigit() else digits

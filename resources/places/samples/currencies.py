"""Currencies: those that a country uses, named by Unicode CLDR, numbered by ISO 4217."""

from collections.abc import Iterator

from resources.places.models import Currency
from resources.places.samples.sources import Sources


def currencies(sources: Sources) -> Iterator[Currency]:
    """Make a row for every code that a country names, also for one that ISO has withdrawn."""
    import pycountry
    from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol

    for code in sorted({country["currencycode"] for country in sources.countries.values()} - {""}):
        known = pycountry.currencies.get(alpha_3=code)
        yield Currency(
            id=code,
            name=get_currency_name(code, locale="en"),
            symbol=get_currency_symbol(code, locale="en"),
            numeric=known.numeric if known else None,
            decimals=get_currency_precision(code),
        )

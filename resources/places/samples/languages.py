"""Languages: those spoken in a country, by ISO 639; families of languages are left out."""

from collections.abc import Iterator
from typing import Any

from resources.places.models import Country, Language
from resources.places.samples.sources import Sources


def languages(sources: Sources) -> Iterator[Language]:
    """Make a row for every language that a country names."""
    spoken = {_code(tag): _find(tag) for country in sources.countries.values() for tag in _tags(country)}
    for code, language in sorted(spoken.items()):
        yield Language(id=code, alpha_3=language.alpha_3, name=sources.language_names.get(code, language.name))


def spoken_languages(sources: Sources) -> Iterator[Any]:
    """Make a row for every language in every country."""
    for code, country in sources.countries.items():
        for language in sorted({_code(tag) for tag in _tags(country)}):
            yield Country.languages.through(country_id=code, language_id=language)


def _tags(country: Any) -> list[str]:
    """List the language subtags of `fr-FR,frp,br` that name a language, not a family of them."""
    tags = [tag.split("-")[0] for tag in country["languages"].split(",")]
    return [tag for tag in tags if tag and _find(tag)]


def _find(tag: str) -> Any:
    """Find a language in ISO 639-1 or 639-3."""
    import pycountry

    return pycountry.languages.get(**{f"alpha_{len(tag)}": tag})


def _code(tag: str) -> str:
    language = _find(tag)
    return str(getattr(language, "alpha_2", language.alpha_3))

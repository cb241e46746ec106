"""What `search=` means: every word must occur in at least one of the resource's columns, case and accents folded."""

from collections.abc import Iterable, Sequence

from django.db.models import Model, Q

from resources.core.related import some, split_at_many
from resources.core.text import fold

PREFIXES = {"^": "fold__begins", "=": "fold__exact", "@": "fold__holds"}
"""DRF's notation in `search_fields`: from the beginning, the whole text, full text."""


def searching(model: type[Model], fields: Iterable[str], words: Sequence[str]) -> Q:
    """Return the condition of the rows that a search finds."""
    found = Q()
    for word in words:
        anywhere = Q(pk__in=[])
        for field in fields:
            anywhere |= _occurs(model, field, fold(word))
        found &= anywhere
    return found


def _occurs(model: type[Model], field: str, word: str) -> Q:
    lookup = PREFIXES.get(field[0], "fold__holds")
    path = field.lstrip("".join(PREFIXES))
    before, many, after = split_at_many(model, path)
    if not many:
        return Q(**{f"{path}__{lookup}": word})
    relation = f"{before}__{many}" if before else many
    return Q(some(model, relation, Q(**{f"{after}__{lookup}": word})))

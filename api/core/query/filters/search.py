"""What `search=` means: every word must occur in at least one of the resource's columns, case and accents folded."""

from collections.abc import Iterable, Sequence

from django.db.models import CharField, F, Model, Q, TextField
from django.db.models.functions import Cast
from django_filters.utils import get_model_field

from api.core.query.filters.conditions import condition_along
from api.core.resource.readable import Readable
from api.core.tracing.slots import Slot, typed
from resources.core.database.columns import converts, is_a
from resources.core.policy import NONE
from resources.core.text import Fold

PREFIXES = {"^": "begins", "=": "same", "@": "holds"}
"""DRF's notation in `search_fields`: from the beginning, the whole text, full text."""


def searching(model: type[Model], fields: Iterable[str], words: Sequence[str | Slot], readable: Readable) -> Q:
    """Return the condition of the rows that a search finds, in columns of rows that may be read."""
    everywhere = Q()
    for word in words:
        anywhere = NONE
        for field in fields:
            anywhere |= _occurs(model, field, word, readable)
        everywhere &= anywhere
    return everywhere


def column_of(model: type[Model], field: str) -> tuple[str, bool]:
    """Return the path that a search field names, and whether the column at its end holds text.

    Raises:
        ValueError: it names no column, its class converts values, or it begins with a sign that has no meaning here.
    """
    path = field.lstrip("".join(PREFIXES))
    column = get_model_field(model, path)
    if column is None or not getattr(column, "column", None):
        raise ValueError(f"{field} names no column of {model.__name__}")
    if converts(column):
        raise ValueError(f"{field} is a {type(column).__name__}, which stores values in a form of its own")
    return path, is_a(column, CharField, TextField)


def _occurs(model: type[Model], field: str, word: str | Slot, readable: Readable) -> Q:
    path, textual = column_of(model, field)
    lookup = PREFIXES.get(field[0], "holds")

    def occurs(where: str) -> Q:
        if textual:
            return Q(**{f"{where}__fold__{lookup}": typed(word, TextField())})
        compare = TextField().get_lookup(lookup)
        assert compare is not None  # noqa: S101 - columns of text have all that stand in PREFIXES
        return Q(compare(Fold(Cast(F(where), TextField())), typed(word, TextField())))

    return condition_along(model, path, occurs, readable)

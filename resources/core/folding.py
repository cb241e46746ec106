"""How texts are brought to a folded form, in Python and by PostgreSQL: without case, or without case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_COMBINING = "\u0300-\u036f"
_DROP_COMBINING = dict.fromkeys(range(0x300, 0x370))

# PostgreSQL's `pg_unicode_fast` (18) folds case as Unicode says, whatever the database's own locale.
_CASEFOLD = 'CASEFOLD({} COLLATE "pg_unicode_fast")'
_UNACCENT = "REGEXP_REPLACE(NORMALIZE({}, NFKD), '[" + _COMBINING + "]', '', 'g')"


def fold_case(text: str) -> str:
    """Fold the case of a text (Unicode, section 3.13, default case folding)."""
    return text.casefold()


def fold(text: str) -> str:
    """Fold the case and drop the accents of a text: `Saint-Étienne` and `SAINT-ETIENNE` meet."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).translate(_DROP_COMBINING).casefold()


@dataclass(frozen=True, slots=True)
class Folding:
    """A folded form.

    Attributes:
        function: what SQLite calls it, on our connections only.
        python: brings a text to it.
        postgresql: SQL that does, with `{}` in the place of the text.
    """

    function: str
    python: Callable[[str], str]
    postgresql: str


CASE = Folding("hw_fold_case", fold_case, _CASEFOLD)
CASE_AND_ACCENTS = Folding("hw_fold", fold, _CASEFOLD.format(_UNACCENT))
FOLDINGS = (CASE, CASE_AND_ACCENTS)

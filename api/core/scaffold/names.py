"""The names of a new resource, all derived from one noun. May refuse: a name that is no noun, or that is taken."""

import keyword
import re
from dataclasses import dataclass

LONGEST = 19
"""Letters of a name: `booking_updated_at` is the name of an index, of which a database keeps 30 letters at most."""


class NameRefusedError(Exception):
    """Nothing can be called that."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one resource is called in each place.

    Attributes:
        singular: `travel_document`, as given.
        plural: `travel_documents`: the domain, its modules, its label in Django.
    """

    singular: str
    plural: str

    @property
    def model(self) -> str:
        """The model's class: `TravelDocument`."""
        return "".join(word.capitalize() for word in self.singular.split("_"))

    @property
    def models(self) -> str:
        """Many of them, in names of classes and operations: `TravelDocuments`."""
        return "".join(word.capitalize() for word in self.plural.split("_"))

    @property
    def noun(self) -> str:
        """In prose: `travel document`."""
        return self.singular.replace("_", " ")

    @property
    def nouns(self) -> str:
        """In prose, many: `travel documents`."""
        return self.plural.replace("_", " ")

    @property
    def route(self) -> str:
        """In URLs: `travel-documents`."""
        return self.plural.replace("_", "-")


def names_of(singular: str, plural: str = "") -> Names:
    """Derive all names from a noun.

    Raises:
        NameRefusedError: says what a name looks like.
    """
    _refuse_malformed(singular)
    if plural:
        _refuse_malformed(plural)
    if not plural and singular.endswith("s") and not singular.endswith("ss"):
        raise NameRefusedError(
            f"{singular!r} looks like a plural. Give one thing's name, or both: NAME --plural NAMES."
        )
    return Names(singular, plural or pluralised(singular))


def _refuse_malformed(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
        raise NameRefusedError(f"{name!r} is no name. Give a noun in lower case, such as booking or travel_document.")
    if len(name) > LONGEST:
        raise NameRefusedError(f"{name!r} has {len(name)} letters; {LONGEST} is the most.")


def pluralised(noun: str) -> str:
    """Write the regular plural of an English noun: bookings, cities, addresses."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")

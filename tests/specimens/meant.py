"""What filters mean, told in plain Python over rows that were never stored: the reference for both databases."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from tests.specimens.made import Collection
from tests.specimens.models import Specimen

MANY = ("labels", "marks")


def folded(compare: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    return lambda value, other: compare(value.casefold(), other.casefold())


LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, other: value == other,
    "in": lambda value, others: value in others,
    "gt": lambda value, other: value > other,
    "gte": lambda value, other: value >= other,
    "lt": lambda value, other: value < other,
    "lte": lambda value, other: value <= other,
    "range": lambda value, ends: ends[0] <= value <= ends[1],
    "contains": lambda value, other: other in value,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "iexact": folded(lambda value, other: value == other),
    "icontains": folded(lambda value, other: other in value),
    "istartswith": folded(str.startswith),
    "iendswith": folded(str.endswith),
}


@dataclass(frozen=True)
class Condition:
    """`marks__text__in__not=a,b`: a path, a lookup, a value, and whether it is turned round."""

    path: tuple[str, ...]
    lookup: str
    value: Any
    negated: bool

    @property
    def turned(self) -> "Condition":
        """`labels__isnull=true` asks for no label: the negation of asking for one."""
        if self.lookup != "isnull" or self.path[-1] not in MANY:
            return self
        return replace(self, value=False, negated=self.negated != self.value)

    @property
    def name(self) -> str:
        lookup = () if self.lookup == "exact" else (self.lookup,)
        return "__".join((*self.path, *lookup, *(("not",) if self.negated else ())))


@dataclass(frozen=True)
class Meaning:
    """Evaluates filters over a collection, for somebody who may not read what is secret."""

    collection: Collection

    def rows(self, meant: Callable[[Specimen], bool]) -> set[int]:
        return {row.id for row in self.collection.specimens if meant(row)}

    def tree(self, row: Specimen, tree: dict[str, Any]) -> bool:
        """Evaluate `{"conditions": [...], "and": [tree...], "or": [tree...], "not": tree}`."""
        holds = [self.together(row, tree.get("conditions", ()))]
        holds += [self.tree(row, part) for part in tree.get("and", ())]
        if "or" in tree:
            holds.append(any(self.tree(row, part) for part in tree["or"]))
        if "not" in tree:
            holds.append(not self.tree(row, tree["not"]))
        return all(holds)

    def together(self, row: Specimen, conditions: Iterable[Condition]) -> bool:
        """Evaluate the members of one object: those on one to-many relation mean the same related row."""
        behind = sorted((condition.turned for condition in conditions), key=self._many)
        return all(self._behind(row, many, list(group)) for many, group in groupby(behind, key=self._many))

    @staticmethod
    def _many(condition: Condition) -> str:
        return condition.path[0] if condition.path[0] in MANY else ""

    def _behind(self, row: Specimen, many: str, conditions: list[Condition]) -> bool:
        if not many:
            return all(self.one(row, condition.path, condition) for condition in conditions)
        related = [other for other in self._related(row, many) if not other.secret]
        if all(condition.negated for condition in conditions):
            return not any(
                self.one(other, condition.path[1:], condition, turned=True)
                for other in related
                for condition in conditions
            )
        return any(all(self.one(other, condition.path[1:], condition) for condition in conditions) for other in related)

    def _related(self, row: Specimen, many: str) -> list[Any]:
        if many == "marks":
            return [mark for mark in self.collection.marks if mark.specimen is row]
        return [label for specimen, label in self.collection.labelled if specimen is row]

    def one(self, row: Any, path: tuple[str, ...], condition: Condition, *, turned: bool = False) -> bool:
        """Evaluate one condition on a row, at the end of a path of to-one relations."""
        *relations, last = path or ("id",)
        for name in relations:
            row = getattr(row, name, None)
            row = None if row is None or row.secret else row
        value = getattr(row, f"{last}_id" if last in ("drawer", "parent", "label") else last, None)
        found = (value is None) == condition.value if condition.lookup == "isnull" else self._compare(value, condition)
        return found != (condition.negated and not turned)

    @staticmethod
    def _compare(value: Any, condition: Condition) -> bool:
        return value is not None and bool(LOOKUPS[condition.lookup](value, condition.value))

"""What an order of changes must be like, and what is wrong with one that is not.

Every change is of a row that counts its versions. Its tag names its transaction, and a version of another row that the
transaction had read before: `writer.number row version`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Tallied:
    """A change of a row that counts its versions."""

    id: int
    row: str
    version: int
    tag: str

    @classmethod
    def read(cls, id: int, key: str, after: str) -> "Tallied":
        values = json.loads(after)
        return cls(id, key, values["version"], values["tag"])

    @property
    def transaction(self) -> str:
        return self.tag.split()[0]

    @property
    def read_before(self) -> tuple[str, int]:
        _, row, version = self.tag.split()
        return row, int(version)


def faults(changes: Sequence[Tallied]) -> list[str]:
    """Say what is wrong with an order; nothing if each change stands there once, where it must."""
    return [*_repeated(changes), *_torn(changes), *_reversed(changes), *_early(changes)]


def _repeated(changes: Iterable[Tallied]) -> Iterator[str]:
    known = set[int]()
    for change in changes:
        if change.id in known:
            yield f"repeated: {change}"
        known.add(change.id)


def _torn(changes: Iterable[Tallied]) -> Iterator[str]:
    """Name transactions that do not stand in one piece, in the order in which they wrote."""
    ended = set[str]()
    for transaction, group in groupby(changes, lambda change: change.transaction):
        ids = [change.id for change in group]
        if transaction in ended or ids != sorted(ids):
            yield f"torn: {transaction}"
        ended.add(transaction)


def _reversed(changes: Iterable[Tallied]) -> Iterator[str]:
    """Name changes that do not follow upon the version before, of the same row: reversed, or after one was skipped."""
    versions = dict[str, int]()
    for change in changes:
        if change.version != versions.get(change.row, 0) + 1:
            yield f"reversed, or skipped before: {change}, after {versions.get(change.row, 0)}"
        versions[change.row] = change.version


def _early(changes: Iterable[Tallied]) -> Iterator[str]:
    """Name transactions that stand before what they had read of others."""
    versions = dict[str, int]()
    for _, group in groupby(changes, lambda change: change.transaction):
        block = list(group)
        row, version = block[0].read_before
        if versions.get(row, 0) < version:
            yield f"early: {block[0]} had read version {version}, of which stands {versions.get(row, 0)}"
        versions |= {change.row: change.version for change in block}

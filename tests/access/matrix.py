"""Reads matrix.txt: what every actor must get from every operation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.access.actors import ACTORS

FILE = Path(__file__).with_name("matrix.txt")
ALL = "all"
"""Every row that there is."""
DONE = "+"
"""Behind a status of refusal: something has been done all the same."""


@dataclass(frozen=True)
class Matrix:
    """The table.

    Attributes:
        kinds: what actors get from operations of a kind, by the kind's name.
        lines: what actors get from an operation, in the order of `ACTORS`; or the name of its kind.
    """

    kinds: Mapping[str, tuple[str, ...]]
    lines: Mapping[str, tuple[str, ...] | str]

    def cells(self, operation: str) -> dict[str, str]:
        """Return what each actor must get from an operation."""
        line = self.lines[operation]
        return dict(zip(ACTORS, self.kinds[line] if isinstance(line, str) else line, strict=True))


class MatrixError(AssertionError):
    """The table is not written as its heading says."""


@cache
def read(file: Path = FILE) -> Matrix:
    """Read the table.

    Raises:
        MatrixError: a line says something twice, or too little, or a kind that there is none of.
    """
    kinds, lines = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...] | str]()
    for name, said in _entries(file.read_text()):
        if name in kinds or name in lines:
            raise MatrixError(f"{name} stands there twice")
        if name.startswith("="):
            kinds[name.removeprefix("= ")] = _cells(name, said)
        else:
            lines[name] = said.removeprefix("= ") if said.startswith("=") else _cells(name, said)
    unknown = {line for line in lines.values() if isinstance(line, str)} - kinds.keys()
    if unknown:
        raise MatrixError(f"there is no such kind: {', '.join(sorted(unknown))}")
    return Matrix(kinds, lines)


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the rest of each line that says something; two spaces part them."""
    for line in text.splitlines():
        said = line.partition("#")[0].strip()
        if said and not said.startswith("operation "):
            name, _, rest = said.partition("  ")
            yield name, rest.strip()


def _cells(name: str, said: str) -> tuple[str, ...]:
    cells = tuple(said.split())
    if len(cells) != len(ACTORS):
        raise MatrixError(f"{name} has {len(cells)} cells for {len(ACTORS)} actors")
    return cells

"""openapi/unguarded.txt: operations that the matrix has not asked as everybody, or that did not answer as it wants."""

from collections.abc import Iterable
from pathlib import Path

from tests.access.actors import ACTORS
from tests.access.operations import operations

FILE = Path(__file__).resolve().parents[2] / "openapi" / "unguarded.txt"
HEADING = """\
# Operations whose access is not checked, each with the actors that are missing. The tests of access write this.
# tests/access/matrix.txt says what must come of them. Where nothing follows, everything is guarded.
"""


def text(held: Iterable[tuple[str, str]]) -> str:
    """Write the file.

    Args:
        held: the operations and actors for which everything was as it must be.
    """
    done = set(held)
    missing = {
        each.id: [actor for actor in ACTORS if (each.id, actor) not in done]
        for each in sorted(operations(), key=lambda each: (each.path, each.method))
    }
    return HEADING + "".join(f"{name}: {', '.join(actors)}\n" for name, actors in missing.items() if actors)

"""What Headwater promises, as ratios within one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Found = Mapping[str, Any]
DRF = ("drf", "drf-gunicorn")


def rate(found: Found, peer: str, work: str) -> float | None:
    """Return the median of a peer's requests a second, or None where it was not measured."""
    turns = found["peers"].get(peer, {}).get("turns", {}).get(work)
    return median(turn["rate"] for turn in turns) if turns else None


@dataclass(frozen=True)
class Target:
    """A ratio that is to be reached.

    Attributes:
        title: what is compared.
        work: the kind of work.
        against: the peers, the quickest of which counts.
        wanted: the least ratio, by database.
        theirs: their kind of work, where it is another.
        weight: how much one request of ours does in terms of theirs.
    """

    title: str
    work: str
    against: Sequence[str]
    wanted: Mapping[str, float]
    theirs: str = ""
    weight: float = 1

    def ratio(self, found: Found) -> float | None:
        """Return the ratio in what a run has found, or None where it cannot be told."""
        ours = rate(found, "headwater", self.work)
        rates = [rate(found, peer, self.theirs or self.work) for peer in self.against]
        known = [one for one in rates if one]
        return ours * self.weight / max(known) if ours and known else None


def both(sqlite: float, postgresql: float) -> dict[str, float]:
    """Return ratios by database."""
    return {"sqlite": sqlite, "postgresql": postgresql}


TARGETS = (
    Target("list of 50 against plain DRF", "list", DRF, both(15, 12)),
    Target("list of 50 against FastAPI + SQLAlchemy", "list", ("fastapi",), both(2, 2)),
    Target("list of 50 against django-bolt", "list", ("bolt",), both(2, 2)),
    Target("list of 50 against PocketBase without total", "list", ("pocketbase",), {"sqlite": 2.5}),
    Target("list of 50, to-one expansion, against plain DRF with select_related", "to-one", DRF, both(20, 15)),
    Target("list of 50, to-many expansion, against plain DRF with prefetch_related", "to-many", DRF, both(20, 15)),
    Target("detail against plain DRF", "detail", DRF, both(10, 6)),
    Target("detail against PocketBase", "detail", ("pocketbase",), {"sqlite": 1}),
    Target("page at row 100,000 against plain DRF's offset", "deep", DRF, both(25, 60)),
    Target(
        "page at row 100,000 against the first page", "deep", ("headwater",), both(1 / 1.2, 1 / 1.2), theirs="first"
    ),
    Target("share of the floor, list of 50", "list", ("floor",), both(0.6, 0.6)),
    Target("creating a row against plain DRF", "create", DRF, both(1, 1)),
    Target("changing a row against plain DRF", "change", DRF, both(1, 1)),
    Target(
        "1,000 rows in one POST against 1,000 POSTs of plain DRF",
        "create-1000",
        DRF,
        both(20, 20),
        theirs="create",
        weight=1000,
    ),
)

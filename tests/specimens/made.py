"""Specimens made at random, with ties, NULLs and awkward values in every type of column."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from tests.specimens.models import Drawer, Label, Mark, Specimen

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
AWKWARD = (
    "",
    " ",
    "a",
    "A",
    "Z",
    "b",
    "é",
    "e\u0301",
    "É",
    "ß",
    "ss",
    "%",
    "_",
    "\\",
    "'",
    "\uffff",
    "\U0001f600",
    "İ",
)
TEXTS = st.sampled_from(AWKWARD) | st.text(LETTERS, max_size=4)
DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "prose": TEXTS,
    "small": st.integers(-(2**15), 2**15 - 1),
    "whole": st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    "real": st.floats(allow_nan=False),
    "amount": st.decimals(-(10**10) + 1, 10**10 - 1, places=2),
    "flag": st.booleans(),
    "day": st.dates(),
    "moment": st.datetimes(timezones=st.just(UTC)) | st.sampled_from([MIDNIGHT, MIDNIGHT + timedelta(microseconds=1)]),
    "hour": st.times(),
    "span": st.timedeltas(-(10**6) * DAY, 10**6 * DAY),
    "code": st.uuids(),
    "kind": st.sampled_from([1, 2]),
}
"""The values of every type of column."""


@dataclass(frozen=True)
class Collection:
    """Rows that are not stored yet, those that others refer to first."""

    drawers: list[Drawer] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    specimens: list[Specimen] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labelled: list[tuple[Specimen, Label]] = field(default_factory=list)

    def store(self) -> None:
        for rows in (self.drawers, self.labels, self.specimens, self.marks):
            for model in {type(row) for row in rows}:
                model.objects.bulk_create(rows)
        through = Specimen.labels.through
        through.objects.bulk_create(through(specimen=specimen, label=label) for specimen, label in self.labelled)


@st.composite
def collections(draw: st.DrawFn, columns: set[str], most: int = 12) -> Collection:
    """Make specimens in drawers, with values in some columns, drawn from few so that many tie."""
    drawers: list[Drawer] = []
    for number in (1, 2, 3):
        parent = draw(st.none() | st.sampled_from(drawers)) if drawers else None
        drawers.append(Drawer(id=number, name=draw(st.none() | TEXTS), parent=parent, secret=draw(st.booleans())))
    few = {
        column: st.none() | st.sampled_from(draw(st.lists(VALUES[column], min_size=1, max_size=3)))
        for column in sorted(columns & VALUES.keys())
    }
    keys = draw(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), unique=True, max_size=most))
    row = st.builds(Specimen, drawer=st.none() | st.sampled_from(drawers), **few)
    rows = draw(st.lists(row, min_size=len(keys), max_size=len(keys)))
    for specimen, key in zip(rows, keys, strict=True):
        specimen.id = key
    return Collection(drawers=drawers, specimens=rows)


@st.composite
def related_collections(draw: st.DrawFn, columns: set[str]) -> Collection:
    """Make specimens with labels and marks as well."""
    made = draw(collections(columns, most=6))
    names = st.none() | st.sampled_from(draw(st.lists(TEXTS, min_size=1, max_size=3)))
    labels = [Label(id=number, name=draw(names), secret=draw(st.booleans())) for number in (1, 2, 3)]
    if not made.specimens:
        return made
    mark = st.builds(
        Mark,
        specimen=st.sampled_from(made.specimens),
        label=st.none() | st.sampled_from(labels),
        text=names,
        whole=st.none() | st.integers(-1, 1),
        secret=st.booleans(),
    )
    marks = draw(st.lists(mark, max_size=10))
    for number, row in enumerate(marks):
        row.id = number
    pairs = st.tuples(st.sampled_from(made.specimens), st.sampled_from(labels))
    labelled = draw(st.lists(pairs, max_size=8, unique_by=lambda pair: (pair[0].id, pair[1].id)))
    return Collection(made.drawers, labels, made.specimens, marks, labelled)


@contextmanager
def stored(collection: Collection) -> Iterator[None]:
    """Store rows for a while."""
    with transaction.atomic():
        collection.store()
        yield
        transaction.set_rollback(True)

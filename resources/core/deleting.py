"""What keeps a row from being deleted: a rule of its model, in words, or rows that refer to it, one of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import IntegrityError
from django.db.models import PROTECT, RESTRICT, ForeignObject, Model, QuerySet, RestrictedError
from django.db.models.deletion import Collector

type Relation = ForeignObject[object, object]

_ONE_IS_ENOUGH = ContextVar("one_is_enough", default=False)


class Kept(IntegrityError):
    """Raised by a model's own rule (an `on_delete`, a `delete`) instead of deleting; a client is told its words.

    Not a ProtectedError, which Django's collector would replace with one that says only which column refers to the row.
    """

    def __init__(self, words: str) -> None:
        """Take the words, which say what to do first."""
        super().__init__(words)
        self.words = words


@contextmanager
def one_is_enough() -> Iterator[None]:
    """Look for one row of each kind that keeps what is deleted meanwhile.

    Django's collector loads all of them into its error: 16 seconds and 600 MB for a country of five million cities.
    """
    before = _ONE_IS_ENOUGH.set(True)
    try:
        yield
    finally:
        _ONE_IS_ENOUGH.reset(before)


def install() -> None:
    """Have Django's collector, which it makes itself in `Model.delete`, look for one row where that is enough."""
    if Collector.related_objects is _WHOLE["related_objects"]:
        for method in (collect, related_objects, add_restricted_objects):
            setattr(Collector, method.__name__, method)


_WHOLE = {name: getattr(Collector, name) for name in ("collect", "related_objects", "add_restricted_objects")}
"""Django's own methods."""


def collect(
    collector: Collector,
    objs: Sequence[Model],
    source: type[Model] | None = None,
    nullable: bool = False,
    *,
    fail_on_restricted: bool = True,
    **options: bool | str | None,
) -> None:
    """Collect what goes with some rows; at the end of it all, see what is restricted and stays.

    Raises:
        RestrictedError: there is such a row.
    """
    _WHOLE["collect"](collector, objs, source, nullable, fail_on_restricted=fail_on_restricted, **options)
    if fail_on_restricted:
        _refuse_restricted(collector, objs)


def related_objects(
    collector: Collector, related_model: type[Model], related_fields: Iterable[Relation], objs: Sequence[Model]
) -> QuerySet[Model]:
    """Return the rows that refer to some; of those that keep them, one."""
    fields = list(related_fields)
    rows: QuerySet[Model] = _WHOLE["related_objects"](collector, related_model, fields, objs)
    rules = {field.remote_field.on_delete for field in fields}
    if not _ONE_IS_ENOUGH.get() or rules not in ({PROTECT}, {RESTRICT}):
        return rows
    if rules == {RESTRICT}:
        _restricted(collector).extend((field, rows) for field in fields)
    return rows[:1]


def add_restricted_objects(collector: Collector, field: Relation, objs: Sequence[Model]) -> None:
    """Remember rows that keep others, unless one is looked for when it is known what else goes."""
    if not _ONE_IS_ENOUGH.get():
        _WHOLE["add_restricted_objects"](collector, field, objs)


def _restricted(collector: Collector) -> list[tuple[Relation, QuerySet[Model]]]:
    """Return the rows, not read yet, that keep something from going, unless they go as well."""
    rows: list[tuple[Relation, QuerySet[Model]]] = collector.__dict__.setdefault("restricted_rows", [])
    return rows


def _refuse_restricted(collector: Collector, objs: Sequence[Model]) -> None:
    """Look for one row of each kind that refers to what goes, and stays.

    Raises:
        RestrictedError: there is one.
    """
    staying: dict[str, Model] = {}
    for field, rows in _restricted(collector):
        gone = {row.pk for row in collector.data.get(rows.model, ())}
        for others in collector.fast_deletes:
            if others.model is rows.model:
                rows = rows.exclude(pk__in=others.order_by().values("pk"))
        # Of one more than there are to go, one stays.
        row = next((row for row in rows[: len(gone) + 1] if row.pk not in gone), None)
        if row is not None:
            staying[f"'{rows.model.__name__}.{field.name}'"] = row
    if staying:
        model = objs[0].__class__.__name__
        raise RestrictedError(
            f"Cannot delete some instances of model {model!r} because they are referenced through restricted foreign"
            f" keys: {', '.join(staying)}.",
            set(staying.values()),
        )

"""What of rows is hidden: paths to values that nothing may be told of, wherever the rows are met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.db.models.fields.reverse_related import ForeignObjectRel

from resources.core.database.columns import Column
from resources.core.database.related import accessor

type Path = tuple[str, ...]
"""Names that lead from a row to a value: relations, then a column, or what a program calls a value of its own."""
type Hidden = frozenset[tuple[type[Model], Path]]
"""Paths, each with the model that it starts from."""

type Step = tuple[type[Model] | None, str, Column | ForeignObjectRel | None]

NOTHING: Hidden = frozenset()


def conceals(hidden: Hidden, model: type[Model], path: Sequence[str]) -> bool:
    """Whether a path from a model leads to, through or back along something hidden."""
    if not hidden:
        return False
    steps = list(_walk(model, path))
    names = tuple(name for _, name, _ in steps)
    for place, (owner, _, field) in enumerate(steps):
        if any(start is owner and names[place : place + len(end)] == end for start, end in hidden):
            return True
        # Who is led from a trip to its stops is told which trip each stop belongs to.
        if isinstance(field, ForeignObjectRel) and (field.related_model, (field.field.name,)) in hidden:
            return True
    return False


def canonical(model: type[Model], path: Sequence[str]) -> Path:
    """Write a path with the names of fields: `owner_id` and `pk` have others, and so have accessors."""
    return tuple(name for _, name, _ in _walk(model, path))


def met(model: type[Model], path: Sequence[str]) -> Iterator[type[Model]]:
    """Yield the models that a path leads through, the last one included."""
    for _, _, field in _walk(model, path):
        if field is not None and field.related_model:
            yield field.related_model


def _walk(model: type[Model] | None, path: Sequence[str]) -> Iterator[Step]:
    """Yield for each name the model it belongs to, as far as that is known, what the model calls it, and its field."""
    for name in path:
        field = None if model is None else _field(model, name)
        yield model, name if field is None else field.name, field
        model = getattr(field, "related_model", None)


def _field(model: type[Model], name: str) -> Column | ForeignObjectRel | None:
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        reverse = (field for field in model._meta.related_objects if accessor(field) == name)
        return next(reverse, None)

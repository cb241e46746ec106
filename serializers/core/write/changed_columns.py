"""A change saves what was given, and nothing beside it: a column that nobody has set keeps what the database holds.

That may be more than Python can tell, such as a JSON null, which is read like NULL, or the work of another program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypedDict, Unpack

from django.db import models
from django.db.models.base import ModelBase
from django.db.models.signals import post_save, pre_save
from rest_framework.serializers import ModelSerializer

from serializers.core.write.bulk_insert import is_saved_plainly
from serializers.core.write.values import Values, Writer


class SaveOptions(TypedDict, total=False):
    """What Django's `save` may be told."""

    force_insert: bool | tuple[ModelBase, ...]
    force_update: bool
    using: str | None
    update_fields: Iterable[str] | None


def narrow(serializer: Writer, *, plain: bool) -> None:
    """Let the row of a validated serializer be saved with the columns that have changed since it was read.

    Where somebody's own code works at a save and may set further columns, all are saved but what may be a JSON null.

    Args:
        serializer: of a stored row.
        plain: whether no code but DRF's sets values on the way to the save; other code may change one in place.
    """
    row, given = serializer.instance, serializer.validated_data
    if not isinstance(row, models.Model):
        return
    if not is_saved_plainly(type(row)) or pre_save.has_listeners(type(row)) or post_save.has_listeners(type(row)):
        for column in row._meta.concrete_fields:
            if (
                isinstance(column, models.JSONField)
                and column.name not in given
                and vars(row).get(column.attname) is None
            ):
                vars(row).pop(column.attname, None)  # as if it had not been loaded
        return
    before, plain = dict(vars(row)), plain and type(serializer).update is ModelSerializer.update

    def save(**options: Unpack[SaveOptions]) -> None:
        changed: SaveOptions = {"update_fields": list(_changed(row, before, given, plain=plain))}
        type(row).save(row, **(changed | options))

    vars(row)["save"] = save


def _changed(row: models.Model, before: Values, given: Values, *, plain: bool) -> Iterator[str]:
    """Yield the columns that were given, those that are filled in at every save, and what may be another value now."""
    for column in row._meta.concrete_fields:
        if column.primary_key or column.generated or column.attname not in vars(row):
            continue
        name, value = column.attname, vars(row)[column.attname]
        stamped = type(column).pre_save is not models.Field.pre_save
        in_place = not plain and isinstance(value, dict | list | set | bytearray)
        if column.name in given or stamped or in_place or name not in before or value is not before[name]:
            yield column.name

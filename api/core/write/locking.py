"""In which order a write locks rows: first what they are part of (`Resource.part_of`), of several the lower keys first.

Everybody keeps to it: those who change a part, those who delete the whole, and code that locks by itself. So two that
want the same rows wait for one another, and never both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections, router
from django.db.models import ForeignObject, Model

from serializers.core.write.single_lookup import first, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet

    from resources.core.database.columns import Column
    from resources.core.keys import Key
    from serializers.core.write.bulk_sql import ForeignColumn
    from serializers.core.write.values import Values


def lock(
    rows: QuerySet[Model], find: Callable[[QuerySet[Model]], Model], *, no_key: bool, again: QuerySet[Model]
) -> Model:
    """Find a row, lock it for the rest of the transaction, and return it as it is then.

    Args:
        rows: those that the actor may read; for any other row nobody is made to wait.
        find: finds the row among some.
        no_key: whether others may still refer to the row: it is changed, and not deleted.
        again: the same rows, with what is to be known of the row when it is locked and has to be read again.

    Raises:
        NotFound: there is none.
    """
    wholes = _wholes(rows.model)
    if is_whole(rows) and not wholes:
        return find(rows.select_for_update(no_key=no_key))
    # The lock is taken on the bare row, since the viewset's own queryset may be grouped; what was read
    # before it may have changed meanwhile, so the row is read again.
    found = find(rows)
    for whole in wholes:
        _lock(whole.related_model, whole.target_field, getattr(found, whole.attname), rows.db, no_key=True)
    _lock(rows.model, found._meta.pk, found.pk, rows.db, no_key=no_key)
    return find(again)


def lock_wholes(model: type[Model], values: Sequence[Values]) -> None:
    """Lock what many new rows will be part of: the constraints of each would, in the order of the rows.

    Args:
        model: of the rows.
        values: the validated values of each, by the names of the model's fields.
    """
    using = router.db_for_write(model)
    if not connections[using].features.has_select_for_update:
        return
    for whole in _wholes(model):
        keys = {each.pk for row in values if isinstance(each := row.get(whole.name), Model)}
        bare = whole.related_model._base_manager.using(using).select_for_update(no_key=True)
        list(bare.filter(pk__in=keys).order_by("pk").values_list("pk"))


def _wholes(model: type[Model]) -> list[ForeignColumn]:
    columns = [model._meta.get_field(name) for name in getattr(model, "part_of", ())]
    return [column for column in columns if isinstance(column, ForeignObject)]


def _lock(model: type[Model], column: Column, value: Key, using: str, *, no_key: bool) -> None:
    first(model._base_manager.using(using).select_for_update(no_key=no_key), column, value)

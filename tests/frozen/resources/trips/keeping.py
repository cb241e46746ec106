"""What becomes of trips whose owner is deleted: they go along, but for those in which others take part."""

from typing import Any

from django.db import connections, models

from resources.core.deleting import Kept

MOST_NAMED = 3


def cascade_unless_shared(collector: Any, field: Any, rows: Any, using: str) -> None:
    """Delete a person's trips with the person (an `on_delete`).

    The trips are held until the end of the transaction, so that nobody joins one while it goes.

    Raises:
        Kept: others take part in some of them.
    """
    trips = field.model._base_manager.using(using).filter(pk__in=[row.pk for row in rows]).order_by("pk")
    connection = connections[using]
    if connection.in_atomic_block and connection.features.has_select_for_update:
        list(trips.select_for_update().values_list("pk"))
    shared = list(trips.filter(members__isnull=False).distinct())
    if shared:
        raise Kept(_told(shared))
    models.CASCADE(collector, field, rows, using)


def _told(shared: list[Any]) -> str:
    names = ", ".join(repr(trip.name) for trip in shared[:MOST_NAMED])
    more = f" and {len(shared) - MOST_NAMED} more" if len(shared) > MOST_NAMED else ""
    return f"Others take part in {names}{more}: transfer each of these trips to a member, or delete it, first."

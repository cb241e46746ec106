"""What becomes of trips whose owner is deleted: they go along, but for those in which others take part.

What else there is of a person in trips goes in any case: memberships, and invitations that they sent. The trips are
locked first, as by everybody who writes what is part of a trip (`part_of`), and in the order of their keys.
"""

from collections.abc import Collection
from typing import Any

from django.db import connections, models
from django.db.models import Q

from resources.core.deleting import Kept

MOST_NAMED = 3


def cascade_unless_shared(collector: Any, field: Any, rows: Any, using: str) -> None:
    """Delete a person's trips with the person (an `on_delete`).

    The trips are locked until the end of the transaction, so that nobody joins one while it goes.

    Raises:
        Kept: others take part in some of them.
    """
    trips = field.model._base_manager.using(using)
    lock_trips_of({row.owner_id for row in rows}, trips)
    shared = list(trips.filter(pk__in=[row.pk for row in rows], members__isnull=False).order_by("pk").distinct())
    if shared:
        raise Kept(_told(shared))
    models.CASCADE(collector, field, rows, using)


def lock_trips_of(people: Collection[Any], trips: Any) -> None:
    """Lock the trips that people own, take part in, or have sent an invitation to.

    Args:
        people: their keys.
        trips: all trips there are; a database that locks no rows, or none outside of a transaction, is left alone.
    """
    connection = connections[trips.db]
    if connection.in_atomic_block and connection.features.has_select_for_update:
        with_parts = trips.filter(Q(members__person__in=people) | Q(invitations__invited_by__in=people))
        concerned = trips.filter(Q(owner__in=people) | Q(pk__in=with_parts.values("pk")))
        list(concerned.order_by("pk").select_for_update().values_list("pk"))


def _told(shared: list[Any]) -> str:
    names = ", ".join(repr(trip.name) for trip in shared[:MOST_NAMED])
    more = f" and {len(shared) - MOST_NAMED} more" if len(shared) > MOST_NAMED else ""
    return f"Others take part in {names}{more}: transfer each of these trips to a member, or delete it, first."

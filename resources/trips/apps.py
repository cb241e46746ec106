"""The Django application of trips."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_delete


class TripsConfig(AppConfig):
    """Trips."""

    name = "resources.trips"
    label = "trips"

    def ready(self) -> None:
        """Lock the trips of a person before anything of the person is deleted."""
        pre_delete.connect(_lock_trips, sender=settings.AUTH_USER_MODEL, dispatch_uid="lock the trips of a person")


def _lock_trips(instance: Any, using: str, **_: Any) -> None:
    from resources.trips.keeping import lock_trips_of
    from resources.trips.trips import Trip

    lock_trips_of([instance.pk], Trip._base_manager.using(using))

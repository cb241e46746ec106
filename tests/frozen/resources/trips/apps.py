"""The Django application of trips."""

from django.apps import AppConfig


class TripsConfig(AppConfig):
    """Trips."""

    name = "resources.trips"
    label = "trips"

"""The Django application of places."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Places."""

    name = "resources.places"
    label = "places"

"""The Django application of the view: its commands and checks."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Headwater's part of the view."""

    name = "api.core"
    label = "api"

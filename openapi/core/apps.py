"""The Django application of the contract: its commands."""

from django.apps import AppConfig


class OpenApiConfig(AppConfig):
    """Headwater's part of the contract."""

    name = "openapi.core"
    label = "headwater_openapi"

"""The Django application of people."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People."""

    name = "resources.accounts"
    label = "accounts"

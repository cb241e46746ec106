"""A resource of the tests' own: a nullable column of every type, relations of every kind, rows that some may not read.

An application that no setting names: the tests that need it install it before the test database is made.
"""

from django.apps import AppConfig, apps


def install(name: str = __name__) -> None:
    """Install this application, or another of the tests, as if it stood in INSTALLED_APPS, unless it is installed."""
    if apps.is_installed(name):
        return
    config = AppConfig.create(name)
    config.apps, apps.app_configs[config.label] = apps, config
    config.import_models()
    apps.clear_cache()

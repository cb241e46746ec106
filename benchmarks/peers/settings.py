"""The settings of the Django peers: Headwater's models and tuned connections, and nothing in front of a view."""

import os

from api.core.operations import configuration

SECRET_KEY = "for benchmarks only, on a loopback address"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_filters",
    "rest_framework",
    "resources.core",
    "resources.accounts",
    "resources.places",
    "django_bolt",
]
AUTH_USER_MODEL = "accounts.Person"
ROOT_URLCONF = os.environ.get("PEER", "benchmarks.peers.drf")
BOLT_API = ["benchmarks.peers.bolt:api"]
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
LOGGING["loggers"] = {"django.server": {"level": "WARNING"}}  # where django-bolt writes a line for each request
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}

database = configuration.database(os.environ["DATABASE_URL"])
if "sqlite" in database["ENGINE"]:
    # As Django's documentation says: connections outlive a request only where threads do, which is not so under ASGI.
    database["CONN_MAX_AGE"] = None if os.environ.get("LASTING_THREADS") else 0
DATABASES = {"default": database}

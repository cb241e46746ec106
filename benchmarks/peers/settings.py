"""The settings of the Django peers: plain models, connections tuned as Headwater's, and nothing in front of a view."""

import os

import dj_database_url

SECRET_KEY = "for benchmarks only, on a loopback address"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django_filters",
    "rest_framework",
    "django_bolt",
    "benchmarks.peers",
]
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

PRAGMAS = "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728; "
PRAGMAS += "PRAGMA wal_autocheckpoint=10000"
OPTIONS = {
    "django.db.backends.sqlite3": {"timeout": 10, "transaction_mode": "IMMEDIATE", "init_command": PRAGMAS},
    "django.db.backends.postgresql": {"pool": {"min_size": 2, "max_size": 10, "timeout": 5}},
}
database = dj_database_url.parse(os.environ["DATABASE_URL"])
database["OPTIONS"] = {**OPTIONS[database["ENGINE"]], **database.get("OPTIONS", {})}
if "sqlite" in database["ENGINE"]:
    # As Django's documentation says: connections outlive a request only where threads do, which is not so under ASGI.
    database["CONN_MAX_AGE"] = None if os.environ.get("LASTING_THREADS") else 0
DATABASES = {"default": database}

"""The small site, with a database that cannot be reached."""

import os

import dj_database_url

from tests.api.core.server.site import *  # noqa: F403

ROOT_URLCONF = "tests.api.core.server.site"
DATABASES = {"default": dj_database_url.parse(os.environ["UNREACHABLE"])}

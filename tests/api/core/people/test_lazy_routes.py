"""Routes whose module is loaded with the first request to one of them."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404

from api.core.people.lazy_routes import LazyRoutes
from api.core.people.routes import SERVED

AUTH = ("auth/", "api.core.people.routes")
LOADED = """
import sys
import api.wsgi
from django.core.management import call_command
from django.urls import resolve, reverse

call_command("check")
reverse("docs")
print("allauth.headless.urls" in sys.modules)
print(resolve("/auth/app/v1/config").route, "allauth.headless.urls" in sys.modules)
"""


def test_neither_checks_nor_names_load_them():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["False", "auth/app/v1/config True"]


def test_it_finds_what_the_module_has():
    assert LazyRoutes(*AUTH).resolve("auth/browser/v1/config").url_name in SERVED


@pytest.mark.parametrize("address", ["v1/cities", "auth", "auth/nothing"])
def test_it_finds_nothing_else(address):
    with pytest.raises(Resolver404):
        LazyRoutes(*AUTH).resolve(address)


def test_a_library_that_is_missing_is_refused_at_once():
    with pytest.raises(ImproperlyConfigured, match="/auth/ needs lost_library, which is missing: install requirem"):
        LazyRoutes(*AUTH, "json", "lost_library")

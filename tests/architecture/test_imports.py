"""Every import contract in pyproject.toml holds, and is broken by what it forbids."""

import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, copy_code, lint_imports, write_module

# (contract, the module that breaks it, what that module says)
FOR_ANNOTATIONS = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:"
"""An import that only annotations need counts as well: their reader has to know what it names."""

BREAKS = (
    ("layers", "resources/core/intruder.py", "import serializers.core"),
    ("layers", "serializers/core/intruder.py", "import api.core"),
    ("layers", "api/core/intruder.py", "import openapi.core"),
    ("layers", "api/places.py", "import openapi.core"),
    ("layers", "openapi/core/intruder.py", "import api.settings"),
    ("domains", "resources/core/intruder.py", "import resources.accounts"),
    ("domains", "resources/core/intruder.py", "from resources.accounts import models"),
    ("domains", "resources/trips/intruder.py", "import resources.places"),
    ("domains", "serializers/core/intruder.py", "import serializers.trips"),
    ("domains", "serializers/trips.py", "import serializers.places"),
    ("domains", "resources/unplaced.py", "'''A domain that no contract lists.'''"),
    ("api", "api/core/intruder.py", "import api.trips"),
    ("api", "api/core/intruder.py", "import api.settings"),
    ("api", "api/trips.py", "import api.places"),
    ("api", "api/unplaced.py", "'''A module that no contract lists.'''"),
    ("model", "resources/core/intruder.py", "from rest_framework import serializers"),
    ("model", "resources/trips/intruder.py", "import django_filters"),
    ("http", "resources/core/intruder.py", "from django.http import HttpRequest"),
    ("http", "resources/trips/intruder.py", "from django import (\n    db,\n    http,\n)"),
    ("http", "serializers/core/intruder.py", "import django.http.request as anything"),
    ("http", "serializers/core/intruder.py", "def f():\n    from rest_framework.request import Request"),
    ("people", "api/core/http/intruder.py", "from allauth.headless import app_settings"),
    ("people", "api/trips.py", "import allauth"),
    ("people", "resources/accounts/intruder.py", "import allauth"),
    ("outgoing", "api/core/intruder.py", "import urllib.request"),
    ("outgoing", "resources/trips/intruder.py", "def f():\n    import httpx"),
    ("rooms", "api/core/http/intruder.py", "import api.core.query.shape"),
    ("rooms", "api/core/write/intruder.py", "import api.core.views.writing"),
    ("rooms", "api/core/unplaced.py", "'''A room that no contract lists.'''"),
    ("query", "api/core/query/filters/intruder.py", "import api.core.query.grammar"),
    ("read", "api/core/read/pipeline.py", "import api.core.read.plan"),
    ("presentation", "serializers/core/read/intruder.py", "import serializers.core.write.validation"),
    ("presentation", "serializers/core/json.py", "import serializers.core.fields"),
    ("model-rooms", "resources/core/database/intruder.py", "import resources.core.policy"),
    ("protocols", "api/core/server/lifespan.py", "import api.core.server.http"),
    ("protocols", "api/core/server/websocket.py", "import api.core.server.lifespan"),
    ("cycles", "resources/core/intruder.py", "import resources.core.accomplice"),
    ("cycles", "resources/core/intruder.py", f"{FOR_ANNOTATIONS}\n    import resources.core.accomplice"),
)
ALSO = {"cycles": ("resources/core/accomplice.py", "import resources.core.intruder")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = copy_code(tmp_path)
    for domain in ("places", "trips"):  # where missing, so that these tests outlive the sample domains
        write_module(root, f"resources/{domain}/__init__.py", "")
        write_module(root, f"serializers/{domain}.py", "")
        write_module(root, f"api/{domain}.py", "")
    return root


def contract(identity: str) -> str:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return next(each["name"] for each in settings["tool"]["importlinter"]["contracts"] if each["id"] == identity)


def test_the_house_obeys_its_laws():
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout
    assert ", 0 broken." in result.stdout


@pytest.mark.parametrize(("broken", "module", "text"), BREAKS)
def test_a_law_is_broken_by_what_it_forbids(tree: Path, broken: str, module: str, text: str):
    write_module(tree, module, text)
    if broken in ALSO:
        write_module(tree, *ALSO[broken])

    result = lint_imports(tree, "--contract", broken)

    assert result.returncode == 1, result.stdout
    assert f"{contract(broken)} BROKEN" in result.stdout
    assert Path(module).stem in result.stdout


def test_every_law_is_broken_by_a_test():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert {each["id"] for each in settings["tool"]["importlinter"]["contracts"]} == {broken for broken, _, _ in BREAKS}

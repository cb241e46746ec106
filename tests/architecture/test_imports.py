"""Every import contract in pyproject.toml holds, and is broken by what it forbids."""

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from api.core.scaffold.lines import in_settings
from api.core.scaffold.names import Names, names_of
from tests.architecture.contracts import SETTINGS, domains_of
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
    ("domains", "resources/unplaced.py", "'''A domain that DOMAINS does not name.'''"),
    ("domains", "serializers/unplaced.py", "'''A domain that DOMAINS does not name.'''"),
    ("api", "api/core/intruder.py", "import api.trips"),
    ("api", "api/core/intruder.py", "import api.settings"),
    ("api", "api/trips.py", "import api.places"),
    ("api", "api/unplaced.py", "'''Neither a domain of DOMAINS, nor what stands above them.'''"),
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
    ("changes", "api/core/changes/images.py", "import api.core.changes.feed"),
    ("presentation", "serializers/core/read/intruder.py", "import serializers.core.write.validation"),
    ("presentation", "serializers/core/json.py", "import serializers.core.fields"),
    ("model-rooms", "resources/core/database/intruder.py", "import resources.core.policy"),
    ("protocols", "api/core/server/lifespan.py", "import api.core.server.http"),
    ("protocols", "api/core/server/websocket.py", "import api.core.server.lifespan"),
    ("cycles", "resources/core/intruder.py", "import resources.core.accomplice"),
    ("cycles", "resources/core/intruder.py", f"{FOR_ANNOTATIONS}\n    import resources.core.accomplice"),
)
OF_A_NEW_DOMAIN = (
    ("layers", "resources/newcomers/intruder.py", "import serializers.core"),
    ("layers", "serializers/newcomers.py", "import api.core"),
    ("layers", "serializers/newcomers.py", "import api.trips"),
    ("layers", "api/core/intruder.py", "import api.newcomers"),
    ("layers", "api/newcomers.py", "import openapi.core"),
    ("layers", "api/newcomers.py", "import api.trips"),
    ("domains", "resources/core/intruder.py", "import resources.newcomers"),
    ("domains", "resources/newcomers/intruder.py", "import resources.trips"),
    ("domains", "serializers/trips.py", "import serializers.newcomers"),
    ("domains", "serializers/core/intruder.py", "import serializers.newcomers"),
    ("api", "api/newcomers.py", "import api.settings"),
    ("api", "api/newcomers.py", "import api.trips"),
    ("api", "api/trips.py", "import api.newcomers"),
    ("api", "api/core/intruder.py", "import api.newcomers"),
)
"""The laws that name no domain, broken by one, or by those that look at it."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return house(tmp_path_factory)


def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the code, with the domains that the breaks speak of, so that they outlive the sample."""
    root = copy_code(tmp_path_factory.mktemp("house"))
    for singular in ("place", "trip"):
        add_domain(root, names_of(singular))
    return root


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Break every law at once, each by modules of its own: what import-linter says of each contract."""
    root = house(tmp_path_factory)
    for number, (_, module, text) in enumerate(BREAKS):
        write_module(root, *numbered(number, module, text))
        if "accomplice" in text:
            write_module(root, *numbered(number, "resources/core/accomplice.py", "import resources.core.intruder"))
    return reports(root)


@pytest.fixture(scope="module")
def broken_by_newcomers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = house(tmp_path_factory)
    add_domain(root, names_of("newcomer"))
    for number, (_, module, text) in enumerate(OF_A_NEW_DOMAIN):
        write_module(root, *numbered(number, module, text))
    return reports(root)


def numbered(number: int, *texts: str) -> list[str]:
    """Give the modules of a break names of their own."""
    return [re.sub("intruder|accomplice", rf"\g<0>_{number}", text) for text in texts]


def reports(root: Path) -> dict[str, str]:
    """Return what import-linter says of each broken contract, by the contract's name."""
    result = lint_imports(root)
    assert result.returncode == 1, result.stdout
    names = "|".join(re.escape(each["name"]) for each in contracts())
    words = re.split(rf"^({names})\n-+$", result.stdout.partition("Broken contracts")[2], flags=re.MULTILINE)
    return dict(zip(words[1::2], words[2::2], strict=True))


def add_domain(root: Path, names: Names) -> None:
    """Write an empty domain in every layer, where there is none, and name it in DOMAINS."""
    if names.plural not in settings.DOMAINS:
        (root / SETTINGS).write_text(in_settings((root / SETTINGS).read_text(), names))
    write_module(root, f"resources/{names.plural}/__init__.py", "")
    write_module(root, f"serializers/{names.plural}.py", "")
    write_module(root, f"api/{names.plural}.py", "")


def contract(identity: str) -> str:
    return next(each["name"] for each in contracts() if each["id"] == identity)


def contracts() -> list[dict[str, str]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_the_house_obeys_its_laws():
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout
    assert ", 0 broken." in result.stdout


@pytest.mark.parametrize("number", range(len(BREAKS)), ids=[f"{law}-{module}" for law, module, _ in BREAKS])
def test_a_law_is_broken_by_what_it_forbids(broken: dict[str, str], number: int):
    law, module, _ = BREAKS[number]
    [name] = numbered(number, module.removesuffix(".py").replace("/", "."))

    # Of a circle it names the members without their package.
    assert re.search(rf"\b{name if law != 'cycles' else name.rpartition('.')[2]}\b", broken[contract(law)])


def test_every_law_is_broken_by_a_test():
    assert {each["id"] for each in contracts()} == {broken for broken, _, _ in BREAKS}


def test_a_new_domain_needs_no_change_of_a_law(tmp_path_factory: pytest.TempPathFactory):
    tree = house(tmp_path_factory)
    add_domain(tree, names_of("newcomer"))
    for module, text in (
        ("resources/newcomers/models.py", "import resources.core"),
        ("serializers/newcomers.py", "import serializers.core, resources.newcomers.models"),
        ("api/newcomers.py", "import api.core, serializers.newcomers"),
        ("api/urls.py", "import api.newcomers"),
    ):
        write_module(tree, module, text)

    result = lint_imports(tree)

    assert result.returncode == 0, result.stdout
    assert f"{len(contracts())} kept, 0 broken." in result.stdout
    assert (tree / "pyproject.toml").read_bytes() == (ROOT / "pyproject.toml").read_bytes()


@pytest.mark.parametrize("number", range(len(OF_A_NEW_DOMAIN)), ids=[" ".join(each) for each in OF_A_NEW_DOMAIN])
def test_a_new_domain_is_held_to_the_laws(broken_by_newcomers: dict[str, str], number: int):
    law, *texts = OF_A_NEW_DOMAIN[number]
    module, text = numbered(number, *texts)
    importer, imported = module.removesuffix(".py").replace("/", "."), text.removeprefix("import ")

    assert re.search(rf"- {importer} -> {imported}[. ]", broken_by_newcomers[contract(law)])


def test_the_laws_of_domains_are_those_that_a_new_one_is_held_to():
    of_domains = {each["id"] for each in contracts() if each["type"] == "domain_layers"}

    assert of_domains == {broken for broken, _, _ in OF_A_NEW_DOMAIN}


def test_the_laws_read_the_domains_that_the_settings_have():
    assert domains_of((ROOT / SETTINGS).read_text()) == settings.DOMAINS


@pytest.mark.parametrize("text", ["", 'DOMAINS = ["trips"]', "DOMAINS = (1,)", 'DOMAINS = ("trips", *MORE)'])
def test_laws_without_domains_are_refused_in_words(tree: Path, text: str):
    (tree / SETTINGS).write_text(text)

    result = lint_imports(tree)

    assert result.returncode == 1, result.stdout
    assert "api/settings.py has no DOMAINS" in result.stdout

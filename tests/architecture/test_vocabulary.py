"""A domain imports of `core/` what the guide on moving in lists, and code that was written for it goes on working."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.urls import include, path

from api.core.resource.registry import REGISTRY
from api.core.views.router import Router
from tests.architecture.tree import ROOT
from tests.architecture.vocabulary import domains, imported, vocabulary
from tests.client import Client
from tests.world import World

FROZEN = ROOT / "tests/frozen"
PACKAGES = ("api.places", "api.trips", "serializers.places", "serializers.trips")
"""What is loaded as it stood; the models under it are today's, as no model is registered twice."""


@pytest.mark.parametrize("name", sorted(vocabulary()))
def test_a_name_that_a_domain_may_import_is_there(name: str):
    module, _, attribute = name.rpartition(".")
    if not hasattr(importlib.import_module(module), attribute):
        importlib.import_module(name)


@pytest.mark.parametrize("root", [ROOT, FROZEN], ids=["today", "frozen"])
def test_domains_import_nothing_else_of_any_core(root: Path):
    used = imported(domains(root))

    assert len(used) > 20
    assert {name: files for name, files in used.items() if name not in vocabulary()} == {}


def test_every_name_is_needed():
    specimens = imported(sorted((ROOT / "tests/specimens").glob("*.py")))
    assert vocabulary() - imported(domains(ROOT)).keys() - specimens.keys() == {
        "serializers.core.fields.SerializerMethodField",  # the guide says what it is for
        "api.core.answers.links.absolute",  # a former address, which the frozen domains know it by
    }


def test_a_domain_that_imports_more_is_noticed(tmp_path: Path):
    for module, text in {
        "api/rooms.py": "from api.core.views.reading import anything",
        "resources/rooms/models.py": "import resources.core.apps\nresources.core.apps.anything()",
        "resources/rooms/migrations/0001_initial.py": "import resources.core.uuids",
        "serializers/core/mine.py": "import api.core",
        "api/urls.py": "from api.core.resource.registry import REGISTRY",
    }.items():
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).write_text(text)

    assert sorted(imported(domains(tmp_path)).keys() - vocabulary()) == [
        "api.core.views.reading.anything",
        "resources.core.apps.anything",
        "resources.core.uuids",
    ]


class Finder:
    """Finds the modules of the frozen domains under the names that they have always had."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Find a module, or leave it to others."""
        if not name.startswith(PACKAGES):
            return None
        place = FROZEN.joinpath(*name.split("."))
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        return importlib.util.spec_from_file_location(name, file)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[list[Any]]:
    """Serve the resources of the frozen domains, in the place of today's."""
    today = {package: importlib.import_module(package) for package in PACKAGES}
    for name in [name for name in sys.modules if name.startswith(PACKAGES)]:
        monkeypatch.delitem(sys.modules, name)
    for package in PACKAGES:
        layer, _, domain = package.partition(".")
        monkeypatch.setattr(sys.modules[layer], domain, today[package])
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    modules = [importlib.import_module(name) for name in ("api.places", "api.trips")]
    monkeypatch.setattr(REGISTRY, "by_model", {})
    monkeypatch.setattr(REGISTRY, "every", {})
    router = Router()
    viewsets = [viewset for module in modules for viewset in module.VIEWSETS]
    for viewset in viewsets:
        router.register(viewset)
    router.check()
    routes = ModuleType("frozen_routes")
    routes.urlpatterns = [path("v1/", include(router.urls))]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = routes
    yield viewsets
    for name in [name for name in sys.modules if name.startswith(PACKAGES)]:
        del sys.modules[name]


def test_frozen_domains_are_read_and_written_as_the_contract_says(frozen: list[Any], world: World, api: Client):
    owner = api.acting_for(world.owner)

    assert {Path(sys.modules[viewset.__module__].__file__ or "").is_relative_to(FROZEN) for viewset in frozen} == {True}
    for viewset in frozen:
        listed = owner.get(f"/v1/{viewset.plural()}")
        assert listed.status == 200, listed.text
        assert listed.json["results"], viewset
        shown = owner.get(f"/v1/{viewset.plural()}/{listed.json['results'][0]['id']}")
        assert shown.json == listed.json["results"][0]
    created = owner.post("/v1/trips", {"name": "Jura", "begins_on": "2027-06-01", "ends_on": "2027-06-02"})
    assert created.status == 201, created.text
    trip = f"/v1/trips/{created.json['id']}"
    assert owner.patch(trip, {"ends_on": "2027-06-03"}).json["ends_on"] == "2027-06-03"
    assert owner.patch(trip, {"ends_on": "2027-05-03"}).status == 400
    assert owner.post("/v1/invitations", {"trip": created.json["id"], "email": "guest@example.org"}).status == 201
    assert api.acting_for(world.stranger).get(trip).status == 404
    assert owner.delete(trip).status == 204

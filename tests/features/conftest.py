"""What the tests of promises ask for: the API's resources, and those of `tests.specimens`."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import override_settings

import api.urls  # noqa: F401 - the resources of the API are registered before those that tests declare
from tests import specimens as application
from tests import twins as twins_application
from tests.client import Client
from tests.world import World

application.install()
twins_application.install()


@pytest.fixture
def specimens(db: None) -> Iterator[Client]:
    """Serve `tests.specimens` instead of the API; the client that is made speaks to it, outside any contract."""
    with override_settings(ROOT_URLCONF="tests.specimens.urls"):
        yield Client(None)


@pytest.fixture
def owner(api: Client, world: World) -> Client:
    """A client of the owner of the world's trip."""
    return api.acting_for(world.owner)


@pytest.fixture
def staff(api: Client, world: World) -> Client:
    """A client of those who run the installation."""
    return api.acting_for(world.staff)


@pytest.fixture
def crates(specimens: Client, world: World) -> dict[str, Client]:
    """Make somebody of each kind, and two crates with a parcel each: the second costs more, and has the longer note."""
    from tests.specimens.models import Crate, Parcel

    Crate.objects.create(id=1, name="First crate", shelf="low", cost=20, note="hush", verified=True, colour="blue")
    Crate.objects.create(id=2, name="Second crate", shelf="low", cost=30, note="hush hush", budget=200)
    Parcel.objects.create(id=1, crate_id=1, weight=5)
    Parcel.objects.create(id=2, crate_id=2, weight=6)
    return {
        "guest": specimens,
        "person": specimens.acting_for(world.owner),
        "staff": specimens.acting_for(world.staff),
        "narrow staff": specimens.acting_for(world.staff, "crates:write", "parcels:read"),
        "staff elsewhere": specimens.acting_for(world.staff, "parcels:read"),
    }


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    """Let no test find that those before it have tried too often."""
    cache.clear()


@pytest.fixture
def twins(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store the rows of `tests.twins`; what a test declares there is gone when it has ended."""
    from api.core.resource.registry import REGISTRY
    from tests.twins import rows

    monkeypatch.setattr(REGISTRY, "by_model", dict(REGISTRY.by_model))
    monkeypatch.setattr(REGISTRY, "every", dict(REGISTRY.every))
    rows.store()

"""What a field rule keeps from some is in the contract, with a sentence that says from whom; nobody may rely on it."""

from typing import Any

import pytest
from django.test import override_settings
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi.core.generation import document
from tests.client import Client
from tests.contract import Contract
from tests.features.conftest import specimens  # noqa: F401 - a fixture, and where the specimens are installed
from tests.specimens.models import Crate, Parcel
from tests.world import World

STAFF = "Shown to staff only. Written by staff only."


@pytest.fixture(scope="module")
def contract(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Generate the contract of the specimens, one of whose filters asks the database for its choices."""
    reset_generator_stats()
    with django_db_blocker.unblock():
        return document.generate("tests.specimens.urls")


def schemas(contract: Any, name: str) -> Any:
    return contract["components"]["schemas"][name]


def test_it_is_valid_and_made_without_a_warning(contract: Any) -> None:
    OpenAPIV31SpecValidator(contract).validate()
    assert not GENERATOR_STATS


def test_a_member_that_is_hidden_from_some_is_there_and_not_required(contract: Any) -> None:
    crate = schemas(contract, "Crate")
    assert crate["required"] == ["id", "name", "budget", "verified", "colour"]
    assert crate["properties"]["shelf"]["description"] == STAFF
    assert crate["properties"]["verified"]["description"] == "Written by staff only."
    assert crate["properties"]["cost"]["description"] == (
        "Shown to staff with the scope crates:costs only. Written by staff only."
    )
    assert "description" not in crate["properties"]["budget"]


@pytest.mark.parametrize("kind", ["Create", "Replace", "Update"])
def test_bodies_say_who_may_write(contract: Any, kind: str) -> None:
    body = schemas(contract, f"Crate{kind}")
    assert body["properties"]["verified"]["description"] == "Written by staff only."
    assert set(body.get("required", ())) <= {"id", "name"}


def test_every_answer_is_as_it_says(contract: Any, db: None, world: World) -> None:
    Crate.objects.create(id=1, name="First crate")
    Parcel.objects.create(id=1, crate_id=1)
    with override_settings(ROOT_URLCONF="tests.specimens.urls"):
        client = Client(Contract(contract))
        for each in (client, client.acting_for(world.owner), client.acting_for(world.staff)):
            for url in ("/v1/crates", "/v1/crates/1?expand=parcels", "/v1/parcels?expand=crate", "/v1/crates?cost=1"):
                each.get(url)
            each.patch("/v1/crates/1", {"verified": True})
            each.options("/v1/crates")

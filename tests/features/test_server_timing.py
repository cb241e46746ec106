"""`Server-Timing` on every read: the milliseconds of each step, and the level at which rows were read."""

import re

import pytest

from tests.client import Client
from tests.world import World

STEP = r"{};dur=\d+\.\d\d"
STEPS = ", ".join(map(STEP.format, ("parse", "plan", "sql", "render")))


@pytest.mark.parametrize("url", ["/v1/cities?limit=1", "/v1/cities/2988507", "/v1/cities?page=1"])
def test_it_works(api: Client, world: World, url: str) -> None:
    assert re.fullmatch(rf'{STEPS}, level;desc="(traced|compiled)"', api.get(url).headers["Server-Timing"])


@pytest.mark.parametrize("url", ["/v1/cities", "/v1/cities/2988507"])
def test_it_tells_the_level(api: Client, world: World, url: str, settings: pytest.FixtureRequest) -> None:
    for level in ("compiled", "interpreted"):
        settings.READ_LEVEL = level  # type: ignore[attr-defined]
        assert api.get(url).headers["Server-Timing"].endswith(f'level;desc="{level}"')


def test_an_error_took_no_steps(api: Client, world: World) -> None:
    assert "Server-Timing" not in api.get("/v1/cities/1").headers

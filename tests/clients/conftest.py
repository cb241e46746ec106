"""The server that the clients talk to."""

from collections.abc import Callable, Iterator

import pytest

from tests.live import Live, live


@pytest.fixture(scope="package")
def server(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve the small world on a port of the loopback address."""
    with live(new_database(), tmp_path_factory.mktemp("server")) as serving:
        yield serving

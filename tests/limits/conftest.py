"""The bounds of a connection, against real processes: `make test-limits`. Memory is read from /proc: on Linux only."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.limits.process import Limited, limited

HEAD = 4096
BODY = 2**17
MANY = 20
BOUNDS = {
    "MAX_HEAD": str(HEAD),
    "MAX_BODY": str(BODY),
    "MAX_ANSWERS": str(2**19),
    "HEAD_TIMEOUT": "1",
    "BODY_TIMEOUT": "1",
    "ANSWER_TIMEOUT": "1",
    "WORKERS": "1",
}


@pytest.fixture(scope="session")
def database(new_database: Callable[..., str]) -> str:
    """Return the URL of a database with the sample data."""
    if not Path("/proc/self/status").exists():
        pytest.skip("This system has no /proc, where the memory of a process is read")
    return new_database(filled=True)


@pytest.fixture(scope="session")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Limited]:
    """Serve with lowered bounds."""
    with limited(database, tmp_path_factory.mktemp("limits"), **BOUNDS) as started:
        for path in ("/v1/countries", "/v1/cities?limit=500", "/livez", "/readyz") * 4:
            assert started.get(path).status == 200
        started.settle()
        yield started

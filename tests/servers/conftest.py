"""Every server as a process of its own, on its own copy of the sample data.

Marked `servers`, and left out unless asked for: `pytest tests/servers`, or `-m servers`.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.databases import manage
from tests.servers.answers import Answer, ask_all
from tests.servers.processes import serving
from tests.servers.servers import SERVERS

HERE = Path(__file__).parent
ENVIRONMENT = {
    "SECRET_KEY": "the same for every server, so that cursors are",
    "ALLOWED_HOSTS": "api.example.org",
    "CORS_ORIGINS": "https://app.example.org",
    "LIMIT_ANONYMOUS": "off",
    "LIMIT_ACTOR": "off",
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "servers: starts real servers; `make test-servers`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker("servers")
    asked_for = config.option.markexpr or any("servers" in argument for argument in config.args)
    if not asked_for:
        items[:] = [item for item in items if item not in ours]
        config.hook.pytest_deselected(items=ours)


@pytest.fixture(scope="session")
def answers_of(
    new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, Answer]]:
    """Return what a server answers to everything; each is run once, when it is first asked for."""

    @cache
    def answers(name: str) -> dict[str, Answer]:
        database = new_database(filled=True)
        key = manage(database, "createkey", "me@example.org").strip()
        line, folder = SERVERS[name], tmp_path_factory.mktemp("server")
        with serving(line.command, ENVIRONMENT | {"DATABASE_URL": database}, folder) as server:
            return ask_all(server, key, http2=line.http2)

    return answers

"""openapi-typescript's types compile under `tsc --strict`, and openapi-fetch makes a round trip with them."""

import shutil
from pathlib import Path

import pytest

from tests.clients import npm
from tests.contract.committed import SCHEMA
from tests.live import Live

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the types and compile the round trip, and return the program."""
    tools, folder = npm.install(), tmp_path_factory.mktemp("typescript")
    for name in ("package.json", "tsconfig.json", "round-trip.ts"):
        shutil.copy(npm.HERE / name, folder)
    (folder / "node_modules").symlink_to(npm.HERE / "node_modules")
    # A member with a default may be left out of a request, which the generator, unless told, makes required.
    options = ["--output", "schema.ts", "--default-non-nullable=false"]
    npm.run([str(tools / "openapi-typescript"), str(SCHEMA), *options], folder)
    npm.run([str(tools / "tsc")], folder)
    return folder / "build" / "round-trip.js"


def test_the_round_trip(client: Path, server: Live) -> None:
    out = npm.run(["node", str(client), server.url, server.keys["owner"]], client.parent)
    assert out == "Round trip complete.\n"


def test_types_refuse_what_the_contract_does_not_know(client: Path) -> None:
    folder = client.parent.parent
    program = (folder / "round-trip.ts").read_text()
    wrong = program.replace('country: "FR", limit: 2', 'country: "FR", limit: "two"', 1)
    (folder / "round-trip.ts").write_text(wrong)
    try:
        with pytest.raises(AssertionError, match="TS2322"):
            npm.run([str(npm.BIN / "tsc"), "--noEmit"], folder)
    finally:
        (folder / "round-trip.ts").write_text(program)

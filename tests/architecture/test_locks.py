"""The locks hold names, versions and hashes, and no address; they fit pyproject.toml and one another."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>\S+)")


def pins(lock: str) -> dict[str, str]:
    found = (PIN.match(line) for line in (ROOT / lock).read_text().splitlines())
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def wanted() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, groups = project["project"]["dependencies"], project["dependency-groups"]
    asked = dict(zip(LOCKS, (runtime, runtime + groups["dev"], runtime + groups["bench"]), strict=True))
    return {lock: [Requirement(each) for each in requirements] for lock, requirements in asked.items()}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_no_address(lock: str):
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.search(r"^\s*-(-index-url|-extra-index-url|-find-links|i|f)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str):
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text())

    assert [block.split()[0] for block in blocks if PIN.match(block) and "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_the_project_asks_for(lock: str):
    pinned = pins(lock)
    unmet = [str(each) for each in wanted()[lock] if pinned.get(canonicalize_name(each.name), "") not in each.specifier]

    assert unmet == []


def test_all_locks_pin_the_same_versions():
    runtime, dev, bench = (pins(lock) for lock in LOCKS)

    assert runtime.items() <= dev.items()
    assert runtime.items() <= bench.items()
    assert {name: dev[name] for name in dev.keys() & bench.keys()}.items() <= bench.items()


@pytest.mark.parametrize("library", ["httptools", "uvloop", "websockets"])
def test_what_the_server_speaks_with_is_there_at_runtime(library: str):
    assert library in pins(LOCKS[0])

"""`manage.py contractdiff`: what it prints, how it exits, what it publishes."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from openapi.core.diff import DocumentError, read
from openapi.core.management.commands import contractdiff
from tests.openapi.core.diff.small import BASE, Json, changed

ROOT = Path(__file__).resolve().parents[4]
BROKEN = changed("paths", "/towns")
GROWN = changed("paths", "/villages", to=BASE["paths"]["/towns"])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write(tmp_path / "old.yaml", BASE)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new.yaml"


def write(path: Path, document: Json) -> Path:
    path.write_text(yaml.safe_dump(document))
    return path


def diff(*arguments: object, **options: bool) -> str:
    out = StringIO()
    call_command("contractdiff", *arguments, stdout=out, **options)
    return out.getvalue()


def test_no_difference(old: Path, new: Path) -> None:
    assert diff(old, write(new, BASE)) == "No differences.\n"


def test_what_breaks_fails(old: Path, new: Path) -> None:
    with pytest.raises(CommandError, match="would break"):
        diff(old, write(new, BROKEN))


def test_what_does_not_break_is_listed(old: Path, new: Path) -> None:
    assert "path-added" in diff(old, write(new, GROWN))


def test_publishing_makes_the_new_contract_the_old_one(old: Path, new: Path) -> None:
    write(new, GROWN)
    diff(old, new, publish=True)
    assert old.read_bytes() == new.read_bytes()


def test_publishing_refuses_what_breaks(old: Path, new: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(CommandError, match="would break"):
        diff(old, write(new, BROKEN), publish=True)
    assert old.read_bytes() == before


def test_a_major_version_breaks_on_purpose(old: Path, new: Path) -> None:
    out = diff(old, write(new, BROKEN), publish=True, force_major=True)
    assert "path-removed" in out
    assert old.read_bytes() == new.read_bytes()


def test_force_alone_forgives_nothing(old: Path, new: Path) -> None:
    with pytest.raises(CommandError, match="would break"):
        diff(old, write(new, BROKEN), force_major=True)


def test_the_first_contract_is_compared_with_nothing(tmp_path: Path, new: Path) -> None:
    diff(tmp_path / "published.yaml", write(new, BASE), publish=True)
    assert read(tmp_path / "published.yaml") == BASE


def test_a_day_that_is_to_come_lets_go_what_was_announced_for_then_and_publishes_nothing_before(
    tmp_path: Path, new: Path
) -> None:
    announced = {"get": BASE["paths"]["/towns"]["get"] | {"deprecated": True, "x-sunset": "2999-01-31"}}
    old = write(tmp_path / "old.yaml", changed("paths", "/towns", to=announced))
    write(new, BROKEN)
    assert "It was announced for 2999-01-31." in diff(old, new, "--day", "2999-02-01")
    for arguments in ((), ("--day", "2999-01-31"), ("--day", "2999-02-01", "--publish")):
        with pytest.raises(CommandError, match="would break"):
            diff(old, new, *arguments)


def test_it_exits_with_1(old: Path, new: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "contractdiff", old, write(new, BROKEN)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("BREAKING path-removed\n         #/paths/~1towns\n")
    assert done.stderr.startswith("CommandError: Clients of the published contract would break.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swagger: '2.0'", "is not an OpenAPI 3.1 document"),
        ("openapi: 3.0.3", "is not an OpenAPI 3.1 document"),
        ("[", "Not YAML"),
    ],
)
def test_what_is_no_contract_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(DocumentError, match=message):
        read(path)


def test_before_the_first_contract_there_is_nothing_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Path("nowhere.yaml")
    monkeypatch.setattr(contractdiff, "PUBLISHED", nowhere)
    with pytest.raises(CommandError, match="`make publish-contract` publishes the first"):
        diff(nowhere)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere.yaml cannot be read: No such file"):
        diff(tmp_path / "nowhere.yaml", tmp_path / "nowhere.yaml")


def test_dates_are_text_as_in_json(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("openapi: 3.1.0\nx-sunset: 2027-01-31\n")
    assert read(path)["x-sunset"] == "2027-01-31"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("other.yaml#/City", "leads out of the document"),
        ("#/components/schemas/Nobody", "refers to nothing"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(old: Path, new: Path, target: str, message: str) -> None:
    city = changed("components", "schemas", "City", "properties", "kind", to={"$ref": target})
    with pytest.raises(CommandError, match=message):
        diff(old, write(new, city))

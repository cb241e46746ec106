"""Every command in the guides works as it stands there, and what it shows is what the server says.

A command stands behind `$ ` in a block marked `console`; one that is meant to fail announces its status: `console 404`.
What follows is compared with what it prints, spaces and upper case aside; `...` stands for anything.
"""

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from openapi.core import guides
from openapi.core.highlighting import PROMPT, is_unfinished
from tests.databases import manage
from tests.servers.processes import serving

SERVER = ("uvicorn", "api.asgi:application", "--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning")
BLOCK = re.compile(r"^```(?P<language>\w*)(?P<status> \d+)?[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LISTED = guides.all_guides()


@dataclass(frozen=True)
class Command:
    """A command in a guide, what the guide shows of its answer, and the status it announces."""

    typed: str
    shown: str
    status: int | None


def commands(guide: guides.Guide) -> list[Command]:
    """Read the commands of a guide, in their order."""
    return [
        Command(typed, shown, int(block["status"]) if block["status"] else None)
        for block in BLOCK.finditer(guide.path.read_text())
        if block["language"] == "console"
        for typed, shown in exchanges(block["text"])
    ]


def exchanges(text: str) -> list[list[str]]:
    """Divide what a console shows into pairs of what was typed and what was answered."""
    pairs: list[list[str]] = []
    for line in text.splitlines(keepends=True):
        if pairs and not pairs[-1][1] and is_unfinished(pairs[-1][0]):
            pairs[-1][0] += line
        elif line.startswith(PROMPT):
            pairs.append([line.removeprefix(PROMPT), ""])
        else:
            pairs[-1][1] += line
    return pairs


@pytest.fixture(scope="module")
def shell(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve the sample data, and return an environment in which curl finds that server at localhost:8000."""
    folder = tmp_path_factory.mktemp("guides")
    database = new_database(filled=True)
    key = manage(database, "createkey", "ada@example.org", "--staff").strip()
    letters = folder / "mail"
    environment = {"DATABASE_URL": database, "DEBUG": "0", "EMAIL_URL": f"filemail://{letters}"}
    with serving(SERVER, environment, folder) as server:
        (folder / ".curlrc").write_text(
            f"silent\nshow-error\nconnect-to = localhost:8000:127.0.0.1:{server.port}\n"
            'write-out = "%{stderr}status %{http_code}\\n"\n'
        )
        yield os.environ | {"CURL_HOME": str(folder), "HEADWATER_KEY": key, "MAIL": str(letters)}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_commands_do_what_the_guides_say(shell: dict[str, str], tmp_path: Path):
    """One test for all guides, since the sample data are loaded for it; it tells every command that fails."""
    wrong = [
        f"{guide.slug}: {fault}\n$ {command.typed}"
        for guide in LISTED
        for command in commands(guide)
        for fault in faults(command, shell, tmp_path)
    ]

    assert not wrong, "\n".join(wrong)


def faults(command: Command, shell: dict[str, str], folder: Path) -> Iterator[str]:
    """Run a command and say in what it differs from the guide."""
    done = subprocess.run(
        ["sh", "-c", command.typed], env=shell, cwd=folder, capture_output=True, text=True, timeout=60
    )
    statuses = [int(status) for status in re.findall(r"^status (\d+)$", done.stderr, re.MULTILINE)]
    if done.returncode or not statuses:
        yield f"ended with {done.returncode}: {done.stderr}"
    if not all(is_announced(status, command.status) for status in statuses):
        yield f"answered {statuses}: {done.stdout}"
    if not is_shown(command.shown, done.stdout):
        yield f"printed {done.stdout}"


@pytest.mark.parametrize("guide", LISTED, ids=[guide.slug for guide in LISTED])
def test_every_call_is_marked_as_one_that_is_tried(guide: guides.Guide):
    tried = sum(command.typed.count("curl ") for command in commands(guide))
    written = sum(block["text"].count("curl ") for block in BLOCK.finditer(guide.path.read_text()))

    assert tried == written


@pytest.mark.parametrize("guide", LISTED, ids=[guide.slug for guide in LISTED])
def test_code_in_python_parses_and_its_imports_are_there(guide: guides.Guide):
    for block in BLOCK.finditer(guide.path.read_text()):
        if block["language"] == "python":
            tree = ast.parse(block["text"])
            imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), guide.path.name, "exec"), {})


def test_every_setting_is_explained():
    (guide,) = (guide for guide in LISTED if guide.slug == "operating")
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', (settings.ROOT / "api" / "settings.py").read_text()))
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", guide.path.read_text(), re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"[A-Z_]+", row)} == read


def is_announced(status: int, announced: int | None) -> bool:
    return status == announced if announced else 200 <= status < 300 or status == 304


def is_shown(shown: str, printed: str) -> bool:
    """Whether what is shown is what was printed, from its first to its last letter."""
    pieces = [re.escape("".join(piece.split()).casefold()) for piece in shown.split("...")]
    return not shown.strip() or bool(re.fullmatch(".*".join(pieces), "".join(printed.split()).casefold()))


@pytest.mark.parametrize(
    ("shown", "printed", "is_right"),
    [
        ('{"a": [1, 2]}', '{"a":[1,2]}\n', True),
        ('{"a": ..., "b": 2}', '{"a":{"c":1},"b":2}', True),
        ('{"a": 1}', '{"a":1,"b":2}', False),
        ('{"a": ..., "b": 3}', '{"a":1,"b":2}', False),
        ("", "anything", True),
    ],
)
def test_what_is_shown_is_compared(shown: str, printed: str, is_right: bool):
    assert is_shown(shown, printed) == is_right

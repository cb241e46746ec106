"""Record what every request of some tests is answered, here and at another revision, and say what differs.

python -m tests.recording record FILE tests/features      writes a recording of this tree
python -m tests.recording compare 76b2ba2 tests/features  of a revision and this tree; exits 1 where they differ
python -m tests.recording compare OLD.jsonl NEW.jsonl     compares two recordings

Options of pytest are written in one word: --database=postgresql.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.recording.compare import KINDS, differences, read, report

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = Path(__file__).resolve().parent
TESTS = ("tests/features", "tests/access/test_matrix.py", "tests/access/test_strangers.py")


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.recording", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("record", "compare"))
    parser.add_argument("--kinds", default=",".join(KINDS), help="What is compared, joined by commas.")
    parser.add_argument("--tests", type=int, default=3, help="Tests that are named with each difference.")
    parser.add_argument("words", nargs="*", help="A file, or a revision; then what goes to pytest.")
    known, more = parser.parse_known_args()
    words = [*known.words, *more]
    if known.command == "record":
        record(ROOT, Path(words[0]).resolve(), words[1:])
        return 0
    return compare(words, known.kinds.split(","), known.tests)


def compare(words: list[str], kinds: list[str], tests: int) -> int:
    """Compare a revision with this tree, or two recordings."""
    with tempfile.TemporaryDirectory(prefix="headwater-recording-") as folder:
        if len(words) == 2 and all(Path(word).is_file() and word.endswith(".jsonl") for word in words):
            before, after = map(Path, words)
        else:
            before, after = Path(folder, "before.jsonl"), Path(folder, "after.jsonl")
            with tree(words[0], Path(folder, "tree")) as old:
                record(old, before, words[1:])
            record(ROOT, after, words[1:])
        sides = read(before), read(after)
    sys.stdout.writelines(f"{line}\n" for line in report(*sides, kinds, tests))
    return int(any(difference.kind in kinds for difference in differences(*sides)))


@contextlib.contextmanager
def tree(revision: str, folder: Path) -> Iterator[Path]:
    """Check a revision out until the block ends."""
    git = ("git", "-C", str(ROOT), "worktree")
    subprocess.run((*git, "add", "--quiet", "--detach", str(folder), revision), check=True)
    try:
        yield folder
    finally:
        subprocess.run((*git, "remove", "--force", str(folder)), check=True)


def record(root: Path, file: Path, words: list[str]) -> None:
    """Run tests of a tree and record them; a test that fails is recorded up to there, and said by pytest."""
    command = (sys.executable, "-m", "pytest", "-p", "recorder", f"--record={file}", "-p", "no:cacheprovider")
    command += ("--hypothesis-seed=0",)
    paths = [word for word in words if not word.startswith("-")] or TESTS
    options = [word for word in words if word.startswith("-")]
    environment = os.environ | {"PYTHONPATH": str(PLUGIN)}
    subprocess.run((*command, *options, *paths), cwd=root, env=environment, check=False, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

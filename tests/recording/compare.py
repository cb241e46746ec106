"""Differences between two recordings, the same difference told once, with the tests in which it shows."""

import difflib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("requests", "status", "headers", "body", "levels", "statements", "locks")
MOST_LINES = 24

Recording = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs: of which kind, and the lines of before and after."""

    kind: str
    lines: tuple[str, ...]


def read(file: Path) -> Recording:
    """Read a recording: the requests of every test."""
    lines = map(json.loads, file.read_text().splitlines())
    return {line["test"]: line["exchanges"] for line in lines}


def differences(before: Recording, after: Recording) -> Mapping[Difference, dict[str, str]]:
    """Compare the tests that both have: every difference, with the tests in which it shows and a request of each."""
    found: dict[Difference, dict[str, str]] = defaultdict(dict)
    for test in before.keys() & after.keys():
        for difference, request in of_test(before[test], after[test]):
            found[difference].setdefault(test, request)
    return found


def of_test(before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[Difference, str]]:
    """Yield what differs between two runs of a test; of requests that only one has sent, that it has."""
    one, other = ([f"{each['method']} {each['target']}" for each in side] for side in (before, after))
    if (lines := changed(one, other)) != ():
        yield Difference("requests", lines), ""
    for place, against, count in difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        for step in range(count):
            for difference in of_exchange(before[place + step], after[against + step]):
                yield difference, one[place + step]


def of_exchange(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield what differs between two answers to one request."""
    for kind in KINDS[1:]:
        if before[kind] != after[kind]:
            yield Difference(kind, changed(*(lines(side[kind]) for side in (before, after))))


def lines(value: Any) -> list[str]:
    """Return what is recorded in lines: JSON one for each member."""
    if isinstance(value, list):
        return value
    try:
        return json.dumps(json.loads(value), indent=1, ensure_ascii=False).splitlines()
    except (TypeError, ValueError):
        return str(value).splitlines()


def changed(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return the lines that were taken away, and those that have come."""
    found = [line for line in difflib.ndiff(before, after) if line[0] in "+-"] if before != after else []
    more = [f"... and {len(found) - MOST_LINES} lines more"] if len(found) > MOST_LINES else []
    return (*found[:MOST_LINES], *more)


def report(before: Recording, after: Recording, kinds: Sequence[str], tests: int) -> Iterator[str]:
    """Yield the lines of a report: each difference with up to a number of the tests in which it shows."""
    for kind in kinds:
        of_kind = [item for item in differences(before, after).items() if item[0].kind == kind]
        for difference, where in sorted(of_kind, key=lambda item: -len(item[1])):
            yield f"{kind}, in {len(where)} tests:"
            yield from (f"    {line}" for line in difference.lines or ("the bytes, and no line of them",))
            for test, request in sorted(where.items())[:tests]:
                yield f"  {test}  {request}"
            yield ""
    for name, one, other in (("before", before, after), ("after", after, before)):
        if alone := sorted(one.keys() - other.keys()):
            yield f"{len(alone)} tests only {name}: {', '.join(alone[:tests])}"
    sent = sum(map(len, before.values())), sum(map(len, after.values()))
    yield f"{len(before.keys() & after.keys())} tests compared; {sent[0]} requests before, {sent[1]} after"

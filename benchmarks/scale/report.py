"""Writes what was found into a section of benchmarks/README.md."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import README, SCALE, grid, machine
from benchmarks.scale.asking import Answer
from benchmarks.scale.load import FOLDER
from benchmarks.scale.questions import Question

WORST = 40
BOUND, TIMES = 0.010, 2.0
"""A request is within reach at ten milliseconds, or at twice what hand-written SQL takes."""
STEPS = (0.01, 0.05, 0.25, 1.0)

HOW = """\
`make bench-scale` wrote this section; `make scale` had loaded the data: {rows:,} cities beside those of the sample,
a tenth of that in trips, three stops and two members for each trip, 2,000 people. Everything that the contract offers
of cities, countries, trips, stops and members is asked, with values that are frequent, rare and absent, by nobody
(where anybody may read), by a new person, by a member of 1,500 trips (`some`) and of 100,000 (`many`). Each request is
asked 20 times over one connection of one thread, in turns with SQL written by hand for the same rows (`by_hand.py`);
its time is the median of the last half. What is slow is repeated for 0.4 s only, and what is over the time budget of
{budget:g} s is asked once. Within reach is what takes at most 10 ms, or twice the SQL. What is asked is
drawn by lot, two things alone and a pair in turns, so that what is left out when the time is up is a fair part."""


def kept(kind: str) -> Path:
    """Return the file that keeps what the last whole run on a database found."""
    return FOLDER / f"{kind}.json"


def told(question: Question, answer: Answer | None, *, left_out: bool) -> dict[str, Any]:
    """Write down a question and its answer."""
    asked = {
        "resource": question.resource,
        "actor": question.actor,
        "shape": question.shape,
        "sense": question.sense,
        "deep": question.deep,
        "path": question.path,
        "left_out": left_out,
    }
    if answer is None:
        return asked
    by_hand = sorted(answer.by_hand)[len(answer.by_hand) // 2] if answer.by_hand else None
    measured = {
        "status": answer.status,
        "seconds": answer.seconds,
        "first": answer.first,
        "by_hand": by_hand,
        "differs": answer.differs,
        "times": len(answer.times),
    }
    return asked | measured


def section(found: Sequence[dict[str, Any]]) -> str:
    """Write the section for some databases."""
    parts = [SCALE, HOW.format(**found[0])]
    for each in found:
        parts.append(f"## {each['version']}, {each['rows']:,} rows, {each['date']}")
        parts.append(f"Measured on: {machine()}. Load average at the end: {each['load']:.1f}.")
        parts += _parts(each["asked"])
        if each["exports"]:
            parts += ["Exports of all cities, for ten seconds each:", grid(EXPORTED, _exports(each["exports"]))]
    return "\n\n".join(parts) + "\n"


EXPORTED = ("", "rows a second", "us of the server's processor a row", "memory after it", "more than before")


def _exports(exports: list[dict[str, Any]]) -> Iterable[list[str]]:
    for each in exports:
        memory = (f"{each[of] / 2**20:,.0f} MiB" for of in ("memory", "grown"))
        yield [each["media_type"], f"{each['rate']:,.0f}", f"{each['cpu'] * 1e6:.1f}", *memory]


def _parts(asked: list[dict[str, Any]]) -> Iterable[str]:
    answered = [each for each in asked if "status" in each]
    left = sum(each["left_out"] for each in asked)
    yield (
        f"{len(answered):,} requests, {left:,} more were left out when the time was up. "
        "By resource and who asks: how many, how many of them not within reach, how many took longer than"
    )
    yield grid(
        ["", "asked", "not within reach", *(f"{step * 1000:g} ms" for step in STEPS), "503"], _by_resource(answered)
    )
    failed = [each for each in answered if each["status"] != 200]
    if failed:
        shapes = _failures(failed)
        more = f"; the first {WORST} of {len(shapes)} shapes" if len(shapes) > WORST else ""
        yield f"Over the time budget ({len(failed):,} requests{more}):"
        yield grid(["", "503 for", "503 with what value", "SQL by hand, ms"], shapes[:WORST])
    yield "The worst of the others, the worst of each shape:"
    slow = [each for each in answered if each["status"] == 200 and not _within_reach(each)]
    yield grid(["", "who", "value", "ms", "at first, ms", "SQL by hand, ms"], _worst(slow))
    if rotten := [
        each for each in answered if each["times"] >= 20 and each["seconds"] > max(1.2 * each["first"], BOUND)
    ]:
        yield "Slower the more often they are asked (plans that are made once for any value):"
        yield grid(["", "who", "value", "ms", "at first, ms", "SQL by hand, ms"], _worst(rotten, 10))
    if other := [each for each in answered if each["differs"]]:
        yield f"Other rows than the SQL's ({len(other):,}):"
        yield grid(["", "who", "value"], ([f"`{each['path']}`", each["actor"], each["sense"]] for each in other[:10]))


def _within_reach(each: dict[str, Any]) -> bool:
    return each["status"] == 200 and each["seconds"] <= max(BOUND, TIMES * (each["by_hand"] or 0))


def _by_resource(answered: list[dict[str, Any]]) -> Iterable[list[str]]:
    for name in dict.fromkeys((each["resource"], each["actor"]) for each in sorted(answered, key=_named)):
        those = [each for each in answered if (each["resource"], each["actor"]) == name]
        beyond = sum(not _within_reach(each) for each in those)
        slower = (sum(each["seconds"] > step for each in those) for step in STEPS)
        failed = sum(each["status"] != 200 for each in those)
        yield [", ".join(name), *(f"{number:,}" for number in (len(those), beyond, *slower, failed))]


def _named(each: dict[str, Any]) -> tuple[str, str]:
    return each["resource"], each["actor"]


def _failures(failed: list[dict[str, Any]]) -> list[list[str]]:
    """Sum up by what is filtered, whatever the order and whoever asks; first what fails most often."""
    shapes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in failed:
        parts = each["shape"].split("&")
        shape = "&".join("ordering=..." if part.startswith("ordering=") else part for part in parts)
        shapes.setdefault((each["resource"], shape), []).append(each)
    lines = []
    for (resource, shape), those in sorted(shapes.items(), key=lambda item: (-len(item[1]), item[0])):
        by_hand = [each["by_hand"] for each in those if each["by_hand"]]
        who, senses = (_counted(each[name] for each in those) for name in ("actor", "sense"))
        lines.append([f"`{resource}?{shape}`", who, senses, _milliseconds(max(by_hand, default=None))])
    return lines


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{many} {name}".strip() for name, many in Counter(names).most_common())


def _worst(slow: list[dict[str, Any]], most: int = WORST) -> Iterable[list[str]]:
    worst: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in sorted(slow, key=lambda each: -each["seconds"]):
        worst.setdefault((each["resource"], each["shape"], each["actor"]), each)
    for each in list(worst.values())[:most]:
        where = ", 100 pages on" if each["deep"] else ""
        yield [
            f"`{each['resource']}?{each['shape']}`{where}",
            each["actor"],
            each["sense"],
            *map(_milliseconds, (each["seconds"], each["first"], each["by_hand"])),
        ]


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:,.0f}" if seconds >= 0.01 else f"{seconds * 1000:.2g}"


def write() -> None:
    """Write the section anew, from what the last runs found, below what the other benchmark wrote."""
    files = [kept(kind) for kind in ("sqlite", "postgresql") if kept(kind).exists()]
    above = README.read_text().partition(SCALE)[0].rstrip()
    README.write_text(f"{above}\n\n{section([json.loads(file.read_text()) for file in files])}")

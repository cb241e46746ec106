"""Writes what was found: tables for a terminal, and benchmarks/README.md with a picture."""

import json
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import picture
from benchmarks.data import FOLDER
from benchmarks.peers import PEERS
from benchmarks.serving import CLIENT_CORE, ROOT, SERVER_CORE
from benchmarks.targets import TARGETS, Found
from benchmarks.work import WORK

README = ROOT / "benchmarks" / "README.md"
SCALE = "# Five million rows"
"""The heading of what `make bench-scale` writes, which stays below."""
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def kept(kind: str) -> Path:
    """Return the file that keeps what the last whole run on a database found."""
    return FOLDER / f"{kind}.json"


def table(found: Found) -> str:
    """Write all figures of a database."""
    parts = [
        f"## {found['version']}, {found['date']}: {found['rounds']} x {found['seconds']} s",
        "Requests a second, the median of the rounds, and in brackets the slowest and the quickest round:",
        _by_work(found, _rates),
        "Milliseconds until an answer, p50 / p99 (medians of the rounds; 16 requests are always under way):",
        _by_work(found, _latencies),
        "Microseconds of the server's processor time for a request (median; the database's own process is not in it):",
        _by_work(found, _processor),
        "Memory after the run, and seconds from the start of the process to the first row that it answers:",
        _weights(found),
        "Targets:",
        _targets(found),
    ]
    return "\n\n".join(parts) + "\n"


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _by_work(found: Found, cell: Callable[[list[dict[str, float]]], str]) -> str:
    peers = found["peers"]
    works = [work for work in WORK if any(work in peer["turns"] for peer in peers.values())]
    rows = (
        [WORK[work].title, *(cell(peer["turns"][work]) if work in peer["turns"] else "" for peer in peers.values())]
        for work in works
    )
    return grid(["", *peers], rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _rates(turns: list[dict[str, float]]) -> str:
    rates = [turn["rate"] for turn in turns]
    return f"**{_number(median(rates))}** ({_number(min(rates))} - {_number(max(rates))})"


def _latencies(turns: list[dict[str, float]]) -> str:
    p50, p99 = (median(turn[name] for turn in turns) for name in ("p50", "p99"))
    return f"{p50:,.1f} / {p99:,.1f}"


def _processor(turns: list[dict[str, float]]) -> str:
    return f"{median(turn['cpu'] for turn in turns) * 1e6:,.0f}"


def _weights(found: Found) -> str:
    rows = (
        [PEERS[name].title, f"{peer['memory'] / 2**20:,.0f} MiB", f"{peer['started']:.1f} s", _versions(peer)]
        for name, peer in found["peers"].items()
    )
    return grid(["", "memory", "start", "versions"], rows)


def _versions(peer: dict[str, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in peer["packages"].items())


def _targets(found: Found) -> str:
    rows = []
    for target in TARGETS:
        ratio, wanted = target.ratio(found), target.wanted.get(found["kind"])
        if ratio is not None and wanted is not None:
            rows.append([target.title, f"{wanted:.2g}x", f"{ratio:.2f}x", "met" if ratio >= wanted else "**missed**"])
    return grid(["", "wanted", "found", ""], rows)


def machine() -> str:
    """Describe the machine."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in info if line.startswith("model name")), platform.machine())
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{model}, {os.cpu_count()} cores, {gigabytes:.0f} GiB, {system}, Python {platform.python_version()}"


def write() -> None:
    """Write the README and its picture from what the last runs found."""
    found = {kind: json.loads(kept(kind).read_text()) for kind in NAMES if kept(kind).exists()}
    for kind, figures in found.items():
        (README.parent / f"{kind}.svg").write_text(picture.ratios(figures, NAMES[kind]))
    pictures = "\n".join(f"![How many times as quick Headwater is, on {NAMES[kind]}]({kind}.svg)" for kind in found)
    how = (
        (README.parent / "method.md")
        .read_text()
        .format(server=SERVER_CORE, client=CLIENT_CORE, machine=machine(), peers="\n".join(_peers()))
    )
    _, heading, below = README.read_text().partition(SCALE)
    README.write_text(
        "\n\n".join([how.strip(), pictures, *map(table, found.values()), heading + below]).rstrip() + "\n"
    )


def _peers() -> Iterable[str]:
    return (f"- `{name}`: {peer.title}" for name, peer in PEERS.items())

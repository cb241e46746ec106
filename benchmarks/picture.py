"""Draws how many times as quick Headwater is, as an SVG: a group of bars for each kind of work, one for each peer."""

import math
from collections.abc import Iterator
from html import escape

from benchmarks.peers import PEERS
from benchmarks.targets import Found, rate
from benchmarks.work import WORK

LEFT, WIDTH, BAR, GAP, TOP = 210, 560, 13, 12, 64
LEAST, MOST = 0.1, 1000
COLOURS = ("#6b7280", "#0f766e", "#7c3aed", "#db2777", "#ea580c", "#2563eb", "#1e3a8a")


def ratios(found: Found, name: str) -> str:
    """Return the picture of a database; the scale is logarithmic, and at 1 a peer is as quick as Headwater."""
    peers = [peer for peer in found["peers"] if peer != "headwater"]
    works = [work for work in WORK if rate(found, "headwater", work) and any(rate(found, peer, work) for peer in peers)]
    colours = dict(zip((peer for peer in PEERS if peer != "headwater"), COLOURS, strict=True))
    bottom, bars = TOP, []
    for work in works:
        bars.append(_text(LEFT - 10, bottom + BAR, WORK[work].title, "end"))
        for peer in peers:
            if theirs := rate(found, peer, work):
                ratio = (rate(found, "headwater", work) or 0) / theirs
                bars += _bar(bottom, ratio, colours[peer], f"{peer}, {WORK[work].title}: {ratio:.2f}x")
                bottom += BAR
        bottom += GAP
    parts = [*_scale(bottom), *bars, *_legend(peers, colours, name)]
    size = f'width="{LEFT + WIDTH + 60}" height="{bottom + 10}"'
    style = 'font-family="system-ui, sans-serif" font-size="11"'
    white = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{white}{"".join(parts)}</svg>\n'


def _place(ratio: float) -> float:
    part = math.log(min(max(ratio, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return LEFT + part * WIDTH


def _bar(top: float, ratio: float, colour: str, title: str) -> Iterator[str]:
    start, end = sorted((_place(1), _place(ratio)))
    rect = f'<rect x="{start:.1f}" y="{top}" width="{max(end - start, 1):.1f}" height="{BAR - 2}" fill="{colour}">'
    yield f"{rect}<title>{escape(title)}</title></rect>"
    yield _text(end + 4, top + BAR - 4, f"{ratio:.1f}x" if ratio >= 1 else f"{ratio:.2f}x")


def _scale(bottom: float) -> Iterator[str]:
    for power in range(-1, 4):
        x = _place(10**power)
        colour = "#111827" if power == 0 else "#d1d5db"
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}" stroke="{colour}"/>'
        yield _text(x, TOP - 10, f"{10.0**power:g}x", "middle")


def _legend(peers: list[str], colours: dict[str, str], name: str) -> Iterator[str]:
    yield _text(10, 16, f"Headwater's requests a second, as a multiple of each peer's: {name}")
    for place, peer in enumerate(peers):
        x = 10 + place * 118
        yield f'<rect x="{x}" y="26" width="10" height="10" fill="{colours[peer]}"/>'
        yield _text(x + 14, 35, peer)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'

"""How quick is the bridge? Requests a second for an empty view: Django's own ASGI handler, the bridge, a bare callable.

    python -m benchmarks.bridge [ROUNDS] [SECONDS]

Needs wrk and taskset, and two cores: the server on one, the client on the other. The three take turns, so that a
busy machine slows all of them; the processor time per request says what a busy machine cannot blur.
"""

import sys
from contextlib import ExitStack
from statistics import median

from benchmarks.serving import Server, requests_a_second, uvicorn

ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "benchmarks.empty"}
PEERS = {
    "Django's ASGI handler, async view": ("benchmarks.empty:django_asgi", "/async", ["--factory", "--lifespan", "off"]),
    "Headwater's bridge, sync view": ("api.asgi:application", "/sync", []),
    "a bare ASGI callable": ("benchmarks.empty:bare", "/", ["--lifespan", "off"]),
}


def measure(server: Server, path: str, seconds: int) -> tuple[float, float]:
    """Return requests a second, and microseconds of processor time per request."""
    before = server.cpu_seconds()
    rate = requests_a_second(server.url + path, seconds)
    return rate, (server.cpu_seconds() - before) / (rate * seconds) * 1e6


def main(rounds: int = 5, seconds: int = 3) -> None:
    """Print a line for each peer."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(uvicorn(app, ENVIRONMENT, *more)) for name, (app, _, more) in PEERS.items()
        }
        runs = {name: [measure(servers[name], PEERS[name][1], seconds)] * 0 for name in PEERS}
        for _ in range(rounds):
            for name, (_, path, _) in PEERS.items():
                runs[name].append(measure(servers[name], path, seconds))
    floor = median(rate for rate, _ in runs[next(iter(PEERS))])
    for name, figures in runs.items():
        rate, cpu = (median(column) for column in zip(*figures, strict=True))
        print(f"{name:36} {rate:8,.0f} req/s   {cpu:6.0f} us of processor   {rate / floor:5.1f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

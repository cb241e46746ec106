"""How long the steps of a read took, for `Server-Timing` (W3C, Server Timing)."""

import time


class Stopwatch:
    """Times the steps of one request, each from the end of the one before."""

    def __init__(self) -> None:
        """Begin."""
        self._last = time.perf_counter()
        self._header = ""

    def lap(self, name: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self._header += f"{name};dur={(now - self._last) * 1000:.2f}, "
        self._last = now

    def header(self, level: str) -> dict[str, str]:
        """Return the header: milliseconds of each step, and the level at which rows were read."""
        return {"Server-Timing": f'{self._header}level;desc="{level}"'}

"""Where long answers wait until their clients have taken them: in memory while there is room, and else in files."""

import io
import tempfile
import threading
from collections.abc import AsyncGenerator
from typing import IO

from django.conf import settings

from api.core.server.stream import PIECE


class Memory:
    """Counts the bytes of long answers in memory, up to `settings.MAX_ANSWERS` in a process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self.used = 0

    def keep(self, body: bytes) -> IO[bytes]:
        """Return a file to read a body from, which gives its room back when it is closed. Runs in a thread."""
        if self._reserve(len(body)):
            return MemoryFile(body, self)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
        file.write(body)
        file.seek(0)
        return file

    def give_back(self, length: int) -> None:
        """Take note that a body has left it."""
        with self._lock:
            self.used -= length

    def _reserve(self, length: int) -> bool:
        with self._lock:
            if fits := self.used + length <= settings.MAX_ANSWERS:
                self.used += length
            return fits


class MemoryFile(io.BytesIO):
    """A body in memory."""

    def __init__(self, body: bytes, memory: Memory) -> None:
        """Take the body, which is not copied, and who counts it."""
        super().__init__(body)
        self._length, self._memory = len(body), memory

    def close(self) -> None:
        """Give its room back."""
        if not self.closed:
            self._memory.give_back(self._length)
        super().close()


MEMORY = Memory()
"""That of this process."""


async def pieces_of(file: IO[bytes]) -> AsyncGenerator[bytes]:
    """Read a file to its end, piece by piece."""
    while piece := file.read(PIECE):
        yield piece

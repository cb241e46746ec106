"""When a connection is read from: not while there is enough to do without reading."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's control over reading, which gives way while there is enough to do without reading."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take the transport."""
        super().__init__(transport)
        self._enough = False

    def is_enough(self, enough: bool) -> None:
        """Say whether there is enough to do."""
        if enough is not self._enough:
            self._enough = enough
            (self.pause_reading if enough else self.resume_reading)()

    def resume_reading(self) -> None:
        """Read on, unless there is enough to do."""
        if not self._enough:
            super().resume_reading()

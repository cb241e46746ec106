"""ASGI's protocol `lifespan`: what the process opens before the first request, and closes after the last.

May refuse: a resource that does not open stops the server, with a line that says why.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Literal

from api.core.server.asgi import LifespanScope, Receive, Send

logger = logging.getLogger(__name__)

Resource = Callable[[], AbstractAsyncContextManager[object]]
"""Opened when entered, closed when left; by an exception, too, where another resource did not open."""


class Lifespan:
    """The ASGI application for `lifespan`. Servers without the protocol never call it, and serve all the same."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        """Take the resources in the order in which they open; they close in the opposite one."""
        self._resources = resources

    async def __call__(self, scope: LifespanScope, receive: Receive, send: Send) -> None:
        """Open everything, wait for the server's end, close everything."""
        failure: Literal["lifespan.startup.failed", "lifespan.shutdown.failed"] = "lifespan.startup.failed"
        try:
            async with AsyncExitStack() as stack:
                await receive()
                for resource in self._resources:
                    await stack.enter_async_context(resource())
                await send({"type": "lifespan.startup.complete"})
                failure = "lifespan.shutdown.failed"
                await receive()
        except Exception as error:
            logger.debug("%s", failure, exc_info=True)
            await send({"type": failure, "message": str(error)})
        else:
            await send({"type": "lifespan.shutdown.complete"})

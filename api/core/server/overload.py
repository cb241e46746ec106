"""The application of a connection for which there is no room: the liveness probe, and 503 to everybody else."""

import io

from api.core.server import ALIVE
from api.core.server.answer import problem_answer
from api.core.server.asgi import HTTPApplication, HTTPScope, Receive, Send
from api.core.server.environ import environ
from serializers.core.problems import problem

NO_ROOM = problem("unavailable", "The server has as many connections as it can.", retry_after="1")


def only_alive(application: HTTPApplication) -> HTTPApplication:
    """Let an application answer whether the process lives, and nothing else."""

    async def answer(scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["path"] == ALIVE:
            return await application(scope, receive, send)
        for message in problem_answer(NO_ROOM, environ(scope, io.BytesIO(), 0)).closing().messages:
            await send(message)
        return None

    return answer

"""The contract as committed in openapi/schema.yaml, and a client that holds a real server to it."""

from functools import cache
from pathlib import Path
from typing import Any

import httpx

from openapi.core.diff import read
from tests.contract.checks import Contract
from tests.contract.exchange import Exchange

SCHEMA = Path(__file__).resolve().parents[2] / "openapi" / "schema.yaml"

# Pages for people and their files, which have tests of their own.
OUTSIDE = ("/docs", "/static/")


@cache
def published(path: Path = SCHEMA) -> Contract:
    """Read the committed contract, once in a process."""
    return Contract(read(path), OUTSIDE)


def connect(base_url: str, *, key: str | None = None, contract: Contract | None = None, **options: Any) -> httpx.Client:
    """Make a client for a real server, which holds every answer to the contract.

    An answer read with `client.stream` is held to it when its body has been read, so not at all.

    Args:
        base_url: such as `http://127.0.0.1:8000`.
        key: an API key to send along.
        contract: another contract than the committed one.
        options: of `httpx.Client`.
    """
    held_to = contract or published()

    class Client(httpx.Client):
        def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
            response = super().send(request, **options)
            if response.is_closed:
                request.read()
                held_to.check(Exchange.of_httpx(response))
            return response

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client(base_url=base_url, headers=headers | options.pop("headers", {}), **options)

"""Holds to the contract what Django's own test client is answered, too: no answer in the suite goes unchecked."""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.test import Client

from tests.contract.checks import Contract
from tests.contract.exchange import Exchange, Headers

CHECKED = "tests.contract.checked"
"""Set in a request's environment by who checks its answer, or has a reason not to."""


@contextlib.contextmanager
def watching(contract: Contract) -> Iterator[None]:
    """Check the answers of Django's test client until the block ends, where the API itself is served.

    Of blocks inside one another the innermost checks.

    Raises:
        ContractError: in the test, out of the request whose answer is not as documented.
    """
    send = Client.request

    def request(client: Client, **environment: Any) -> Any:
        if settings.ROOT_URLCONF != "api.urls" or CHECKED in environment:
            return send(client, **environment)
        response = send(client, **environment, **{CHECKED: True})
        contract.check(exchange(environment, response))
        return response

    Client.request = request  # type: ignore[method-assign]
    try:
        yield
    finally:
        Client.request = send  # type: ignore[method-assign]


def exchange(environment: dict[str, Any], response: Any) -> Exchange:
    """Read a request and its answer; the body of a stream is left for the test, and so unchecked."""
    path, query = quote(environment["PATH_INFO"].encode("latin-1")), environment.get("QUERY_STRING", "")
    return Exchange(
        environment["REQUEST_METHOD"],
        f"{path}?{query}" if query else path,
        response.status_code,
        Headers(response.items()),
        None if response.streaming else response.content,
    )

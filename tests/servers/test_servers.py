"""Whatever server it runs on, and whichever of ASGI and WSGI it speaks, the API answers the same."""

from collections.abc import Callable

import pytest

from tests.servers.answers import Answer
from tests.servers.scenarios import ASKS
from tests.servers.servers import REFERENCE, SERVERS

OTHERS = [name for name in SERVERS if name != REFERENCE]


@pytest.mark.parametrize("asked", ASKS)
def test_the_reference_answers_as_expected(answers_of: Callable[[str], dict[str, Answer]], asked: str):
    answer = answers_of(REFERENCE)[asked]
    assert answer.status == ASKS[asked].status, answer.body[:500]
    assert answer.headers["x-request-id"] == "the-same-for-every-server"


@pytest.mark.parametrize("asked", ASKS)
@pytest.mark.parametrize("server", OTHERS)
def test_every_server_answers_as_the_reference_does(
    answers_of: Callable[[str], dict[str, Answer]], server: str, asked: str
):
    expected, answer = answers_of(REFERENCE)[asked], answers_of(server)[asked]
    assert answer.status == expected.status
    assert answer.headers == expected.headers
    assert answer.body == expected.body


@pytest.mark.parametrize("server", SERVERS)
def test_the_client_spoke_the_version_that_the_table_says(answers_of: Callable[[str], dict[str, Answer]], server: str):
    versions = {answer.version for answer in answers_of(server).values()}
    assert versions == {"HTTP/2" if SERVERS[server].http2 else "HTTP/1.1"}

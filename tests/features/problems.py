"""What holds of every problem (RFC 9457) that a client can be answered with."""

from typing import Any

from tests.client import Answer
from tests.world import key

ITEM = f"/v1/trips/{key(10)}"


def check(answer: Answer, status: int, slug: str) -> Any:
    """Hold an answer to be a problem of a kind; return its JSON."""
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json
    assert (body["status"], body["type"]) == (status, f"http://testserver/problems/{slug}")
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.headers["X-Request-ID"]
    return body


def found(answer: Any) -> dict[str, str]:
    """Return the codes of the faults by their pointers."""
    assert answer.status in (400, 409), answer.text
    assert len({fault["pointer"] for fault in answer.json["errors"]}) == len(answer.json["errors"])
    return {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}


def refused(answer: Any, parameter: str) -> None:
    """Hold an answer to refuse one parameter, once."""
    assert answer.status == 400, answer.text
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]

"""Do all peers answer alike? Their rows are brought to one form and compared before anything is measured."""

import datetime
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
LISTS = ("results", "items")
OWN_OF_POCKETBASE = ("collectionId", "collectionName", "expand")


def ask(url: str, line: str, headers: Mapping[str, str]) -> Any:
    """Send one request of those in a file for wrk, and return what the JSON of the answer says.

    Raises:
        RuntimeError: the answer is an error.
        URLError: there is none.
    """
    method, path, *body = line.split(" ", 2)
    data = body[0].encode() if body else None
    request = urllib.request.Request(url + path, data, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{line[:200]} is answered with {error.code}: {error.read()[:500]!r}") from None


def said(work: str, answer: Any) -> Any:
    """Bring an answer to the form in which it is compared."""
    if work == "count":
        return int(answer.get("count", answer.get("totalItems", -1)))
    if isinstance(answer, dict):
        answer = next((answer[name] for name in LISTS if name in answer), answer)
    return [_row(row) for row in answer] if isinstance(answer, list) else _row(answer)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a row by one name each, keys as texts, times to the millisecond, nothing as None."""
    members = {**row, **row.get("expand", {})}
    for name in OWN_OF_POCKETBASE:
        members.pop(name, None)
    return {name.removesuffix("_id"): _value(name, value) for name, value in members.items()}


def _value(name: str, value: Any) -> Any:
    if name == "id":
        return str(value).lstrip("0")
    if isinstance(value, dict):
        return _value(name, value["results"]) if "results" in value else _row(value)
    if isinstance(value, list):
        return sorted((_row(one) if isinstance(one, dict) else one for one in value), key=_key)
    if isinstance(value, str) and TIME.match(value):
        return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    return value or None  # PocketBase has no NULL: nothing, an empty text, zero and false are one


def _key(row: Any) -> str:
    """Return what related rows are sorted by: they come in no order."""
    return str(row["id"] if isinstance(row, dict) else row)


def differences(expected: Any, found: Any, place: str = "") -> str | None:
    """Say where two answers differ first; None where they do not."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return _first(expected, found, expected.keys() | found.keys(), place)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        numbered, others = dict(enumerate(expected)), dict(enumerate(found))
        return _first(numbered, others, numbered.keys(), place)
    return None if expected == found else f"{place or '/'}: {str(expected)[:200]} is expected, not {str(found)[:200]}"


def _first(expected: Mapping[Any, Any], found: Mapping[Any, Any], names: Any, place: str) -> str | None:
    told = (differences(expected.get(name), found.get(name), f"{place}/{name}") for name in sorted(names))
    return next((one for one in told if one), None)

"""Compares what is sent and what comes back: request bodies, statuses, media types, headers."""

from collections.abc import Iterator
from typing import Any

from openapi.core.diff.difference import Difference, Direction
from openapi.core.diff.document import Part
from openapi.core.diff.rules import difference
from openapi.core.diff.sunsets import removal
from openapi.core.diff.values import Values


def compare_request_bodies(values: Values, old: Part, new: Part) -> Iterator[Difference]:
    """Yield the differences of the bodies that two operations expect."""
    before = values.old.follow(old.step("requestBody"))
    after = values.new.follow(new.step("requestBody"))
    was, now = bool(before.value.get("required")), bool(after.value.get("required"))
    if not after.value:
        yield from [difference("request-body-removed", before.at)] * bool(before.value)
        return
    if not before.value:
        yield difference(f"request-body-added{'-required' if now else ''}", after.at)
        return
    if was != now:
        yield difference(f"request-body-became-{'required' if now else 'optional'}", after.at)
    yield from _content(values, before, after, Direction.REQUEST)


def compare_responses(values: Values, old: Part, new: Part) -> Iterator[Difference]:
    """Yield the differences of the answers that two operations give."""
    before, after = values.old.members(old, "responses"), values.new.members(new, "responses")
    for status in before.keys() - after.keys():
        change = difference("response-status-removed", old.step("responses", status).at, name=status)
        yield removal(change, [before[status].value], values.day)
    for status in after.keys() - before.keys():
        yield difference("response-status-added", after[status].at, name=status)
    for status in before.keys() & after.keys():
        yield from _headers(values, before[status], after[status])
        yield from _content(values, before[status], after[status], Direction.RESPONSE)


def _content(values: Values, old: Part, new: Part, direction: Direction) -> Iterator[Difference]:
    before: dict[str, Any] = old.value.get("content", {})
    after: dict[str, Any] = new.value.get("content", {})
    for name in before.keys() - after.keys():
        change = difference(f"{direction}-media-type-removed", old.step("content", name).at, name=name)
        yield removal(change, [before[name]], values.day)
    for name in after.keys() - before.keys():
        yield difference(f"{direction}-media-type-added", new.step("content", name).at, name=name)
    for name in before.keys() & after.keys():
        yield from values.compare(old.step("content", name, "schema"), new.step("content", name, "schema"), direction)


def _headers(values: Values, old: Part, new: Part) -> Iterator[Difference]:
    before = {name.lower(): part for name, part in values.old.members(old, "headers").items()}
    after = {name.lower(): part for name, part in values.new.members(new, "headers").items()}
    for name in before.keys() - after.keys():
        change = difference("response-header-removed", before[name].at, name=name)
        yield removal(change, [before[name].value], values.day)
    for name in after.keys() - before.keys():
        yield difference("response-header-added", after[name].at, name=name)
    for name in before.keys() & after.keys():
        was, now = bool(before[name].value.get("required")), bool(after[name].value.get("required"))
        if was != now:
            word = "required" if now else "optional"
            yield difference(f"response-header-became-{word}", after[name].at, name=name)
        yield from values.compare(before[name].step("schema"), after[name].step("schema"), Direction.RESPONSE)

"""Compares paths and operations, and with them whole documents."""

import re
from collections.abc import Iterator

from openapi.core.diff.bodies import compare_request_bodies, compare_responses
from openapi.core.diff.difference import Difference
from openapi.core.diff.document import Document, Json, Part
from openapi.core.diff.parameters import compare_parameters
from openapi.core.diff.rules import difference
from openapi.core.diff.security import compare_requirements
from openapi.core.diff.sunsets import removal
from openapi.core.diff.values import Values


def compare_paths(values: Values) -> Iterator[Difference]:
    """Yield the differences of the paths of two documents; the name of a path parameter does not make a path."""
    before, after = _paths(values.old), _paths(values.new)
    for key in before.keys() - after.keys():
        item = before[key]
        operations = [operation.value for operation in values.old.operations(item).values()]
        yield removal(difference("path-removed", item.at, name=_name(item)), operations, values.day)
    for key in after.keys() - before.keys():
        yield difference("path-added", after[key].at, name=_name(after[key]))
    for key in before.keys() & after.keys():
        yield from _compare_items(values, before[key], after[key])


def compare_servers(old: Document, new: Document) -> Iterator[Difference]:
    """Yield the servers that are gone."""
    remaining = {server["url"] for server in new.root.get("servers", [])}
    for number, server in enumerate(old.root.get("servers", [])):
        if server["url"] not in remaining:
            yield difference("server-removed", f"#/servers/{number}", name=server["url"])


def _paths(document: Document) -> dict[str, Part]:
    root = Part(document.root, "#")
    return {re.sub(r"\{[^}]*\}", "{}", path): root.step("paths", path) for path in document.root.get("paths", {})}


def _name(item: Part) -> str:
    return item.at.removeprefix("#/paths/").replace("~1", "/").replace("~0", "~")


def _compare_items(values: Values, old: Part, new: Part) -> Iterator[Difference]:
    before, after = values.old.operations(old), values.new.operations(new)
    for method in before.keys() - after.keys():
        change = difference("operation-removed", before[method].at, name=_title(old, method))
        yield removal(change, [before[method].value], values.day)
    for method in after.keys() - before.keys():
        yield difference("operation-added", after[method].at, name=_title(new, method))
    for method in before.keys() & after.keys():
        yield from _compare_names(before[method], after[method], _title(new, method))
        yield from compare_requirements(values.old.root, values.new.root, before[method], after[method])
        yield from compare_parameters(values, [old, before[method]], [new, after[method]])
        yield from compare_request_bodies(values, before[method], after[method])
        yield from compare_responses(values, before[method], after[method])


def _title(item: Part, method: str) -> str:
    return f"{method.upper()} {_name(item)}"


def _compare_names(old: Part, new: Part, title: str) -> Iterator[Difference]:
    before, after = old.value.get("operationId"), new.value.get("operationId")
    if before != after and before is not None:
        yield difference("operation-id-changed", new.at, old=before, new=after or "none")
    if _tag(old.value) != _tag(new.value):
        yield difference("operation-tag-changed", new.at, old=_tag(old.value), new=_tag(new.value))
    if new.value.get("deprecated") and not old.value.get("deprecated"):
        yield difference("operation-deprecated", new.at, name=title)


def _tag(operation: Json) -> str:
    tags = operation.get("tags")
    return str(tags[0]) if tags else "none"

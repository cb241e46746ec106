"""Finds in an OpenAPI document what applies to a request: the path, the operation, the response."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Json = dict[str, Any]


def pointer(*names: str) -> str:
    """Write a JSON pointer as a URI fragment (RFC 6901 section 6)."""
    return "#" + "".join("/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~") for name in names)


@dataclass(frozen=True)
class Part:
    """A part of the document and where it stands, so that a validator can be compiled from there."""

    value: Json
    at: str


@dataclass(frozen=True)
class Document:
    """An OpenAPI 3.1 document with all of its references inside."""

    root: Json

    def get(self, *names: str) -> Part:
        """Return a part by the names on the way to it, following references."""
        return self.follow(Part(self._value(names), pointer(*names)))

    def child(self, part: Part, *names: str) -> Part | None:
        """Return a part below a part, following references, or None where there is none."""
        value: Any = part.value
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            return None
        return self.follow(Part(value, part.at + pointer(*names)[1:]))

    def follow(self, part: Part) -> Part:
        """Replace a part that is nothing but a reference by what it refers to."""
        while isinstance(part.value, dict) and "$ref" in part.value:
            target: str = part.value["$ref"]
            names = [unquote(name).replace("~1", "/").replace("~0", "~") for name in target.split("/")[1:]]
            part = Part(self._value(names), target)
        return part

    def path(self, path: str) -> Part | None:
        """Return the path item that serves a path: the literal one, or else the first whose template fits."""
        if path in self.root.get("paths", {}):
            return self.get("paths", path)
        names = (name for pattern, name in self._templates if pattern.fullmatch(path))
        name = next(names, None)
        return self.get("paths", name) if name else None

    def methods(self, item: Part) -> dict[str, Part]:
        """Return a path's operations by method in capitals; HEAD is served wherever GET is."""
        found = {method.upper(): self.child(item, method) for method in METHODS if method in item.value}
        operations = {method: part for method, part in found.items() if part}
        return {"HEAD": operations["GET"], **operations} if "GET" in operations else operations

    def parameters(self, item: Part, operation: Part) -> list[Part]:
        """Return the parameters of an operation, those of its path included."""
        pairs = [(part, str(n)) for part in (item, operation) for n in range(len(part.value.get("parameters", [])))]
        return [
            self.follow(Part(part.value["parameters"][int(n)], part.at + pointer("parameters", n)[1:]))
            for part, n in pairs
        ]

    def response(self, operation: Part, status: int) -> Part | None:
        """Return the response documented for a status: its own, its class (`4XX`) or `default`."""
        documented = operation.value.get("responses", {})
        names = (str(status), f"{status // 100}XX", "default")
        name = next((name for name in names if name in documented), None)
        return self.child(operation, "responses", name) if name else None

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        names = [name for name in self.root.get("paths", {}) if "{" in name]
        names.sort(key=lambda name: (name.count("{"), name))
        return [(re.compile(_pattern(name)), name) for name in names]

    def _value(self, names: Any) -> Any:
        value: Any = self.root
        for name in names:
            value = value[int(name) if isinstance(value, list) else name]
        return value


def _pattern(template: str) -> str:
    """Write a path template as a pattern; a parameter fills part of one segment."""
    pieces = re.split(r"\{[^}]*\}", template)
    return "[^/]+".join(map(re.escape, pieces))

"""An OpenAPI document to be compared: read from YAML or JSON, its references inside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import yaml

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class DocumentError(Exception):
    """A document that cannot be compared, and why."""


class _Loader(yaml.CSafeLoader):
    """Reads YAML as JSON has it: a date is a text."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def loads(text: bytes) -> Any:
    """Read YAML as JSON has it: a date is a text.

    Raises:
        DocumentError: it is not YAML.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise DocumentError(f"Not YAML: {error}") from error


def read(path: Path) -> Json:
    """Read an OpenAPI 3.1 document; JSON is YAML.

    Raises:
        DocumentError: there is no such file, or it is not OpenAPI 3.1.
    """
    try:
        root = loads(path.read_bytes())
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error
    if not isinstance(root, dict) or not str(root.get("openapi")).startswith("3.1"):
        raise DocumentError(f"{path} is not an OpenAPI 3.1 document")
    return root


def escaped(name: object) -> str:
    """Write a name as a step of a JSON pointer in a URI fragment (RFC 6901 sections 3 and 6)."""
    return quote(str(name).replace("~", "~0").replace("/", "~1"), safe="~{}+$,:@")


@dataclass(frozen=True)
class Part:
    """A part of a document, and the JSON pointer to it."""

    value: Any
    at: str

    def step(self, *names: str | int) -> "Part":
        """Go down by names or indices, to a part that may be an empty object where there is none."""
        value = self.value
        for name in names:
            value = value.get(name, {}) if isinstance(value, dict) else value[name]
        return Part(value, self.at + "".join(f"/{escaped(name)}" for name in names))


@dataclass(frozen=True)
class Document:
    """A document and what its references refer to."""

    root: Json

    def resolve(self, target: str) -> Part:
        """Return what a reference refers to.

        Raises:
            DocumentError: it leads out of the document, or to nothing.
        """
        if not target.startswith("#/"):
            raise DocumentError(f"{target} leads out of the document: bundle it first")
        value: Any = self.root
        for step in target[2:].split("/"):
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            try:
                value = value[int(name) if isinstance(value, list) else name]
            except (KeyError, IndexError, ValueError, TypeError):
                raise DocumentError(f"{target} refers to nothing") from None
        return Part(value, target)

    def follow(self, part: Part) -> Part:
        """Replace a part that is a reference by what it refers to."""
        visited: set[str] = set()
        while isinstance(part.value, dict) and isinstance(part.value.get("$ref"), str):
            if part.value["$ref"] in visited:
                raise DocumentError(f"{part.at} refers to itself")
            visited.add(part.value["$ref"])
            part = self.resolve(part.value["$ref"])
        return part

    def members(self, part: Part, *names: str | int) -> dict[str, Part]:
        """Return the members of an object below a part, references followed."""
        below = part.step(*names)
        return {name: self.follow(below.step(name)) for name in below.value}

    def operations(self, item: Part) -> dict[str, Part]:
        """Return the operations of a path by method."""
        return {method: item.step(method) for method in METHODS if method in item.value}

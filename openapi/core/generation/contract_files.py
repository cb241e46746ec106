"""The two committed files: `openapi/schema.yaml`, the contract, and `openapi/routes.txt`, a line for each operation."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from openapi.core.generation import document

FOLDER = Path(__file__).parents[2]
SCHEMA, ROUTES = FOLDER / "schema.yaml", FOLDER / "routes.txt"
METHODS = ("get", "post", "put", "patch", "delete")
LONGEST_ON_ONE_LINE = 100

Json = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Writes small objects and lists on one line, texts of several lines as blocks, and nothing as a reference."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """Write an object."""
        return super().represent_mapping(tag, mapping, flow_style=_is_small(mapping))

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        """Write a list."""
        return super().represent_sequence(tag, sequence, flow_style=_is_small(sequence))


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and "\r" not in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _is_small(value: Any) -> bool:
    """Whether a value without texts of several lines fits on a line."""
    text = repr(value)
    return len(text) <= LONGEST_ON_ONE_LINE and "\\n" not in text


def as_yaml(contract: Json) -> str:
    """Write the contract; equal contracts give equal bytes, on every machine."""
    body: str = yaml.dump(contract, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return "# Made by `make schema` from the code. Do not edit.\n" + body


def as_routes(contract: Json) -> str:
    """Write a line for each operation: method, path, operation id, and who may call it."""
    rows = list(_routes(contract))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _routes(contract: Json) -> Iterator[tuple[str, str, str, str]]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                yield method.upper(), path, operation["operationId"], operation.get("x-who-may", "anyone")


def files() -> dict[Path, str]:
    """Make both files' contents from the code."""
    contract = document.generate()
    return {SCHEMA: as_yaml(contract), ROUTES: as_routes(contract)}


def difference(file: Path, text: str) -> str:
    """Return how a committed file differs from what the code makes, as a unified diff; empty where it does not."""
    committed = file.read_text(encoding="utf-8") if file.exists() else ""
    lines = difflib.unified_diff(
        committed.splitlines(), text.splitlines(), f"{file.name} (committed)", "made now", lineterm=""
    )
    return "\n".join(lines)

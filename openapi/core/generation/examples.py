"""Examples in the contract: one real row of each resource, kept in `openapi/examples/<resource>.json`.

All others follow from it: pages, bodies, lines of CSV and NDJSON. A resource without the file has no examples.
"""

import json
from pathlib import Path
from typing import Any

from serializers.core.json import encode
from serializers.core.read.tabular import Table

FOLDER = Path(__file__).parents[2] / "examples"


def row(view: Any, folder: Path = FOLDER) -> dict[str, Any] | None:
    """Return the example row of a resource, or None where none is kept that has all of its members."""
    file = folder / f"{view.plural()}.json"
    example = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    names = list(view.presentation().fields)
    return {name: example[name] for name in names} if example.keys() >= set(names) else None


def page(example: dict[str, Any]) -> dict[str, Any]:
    """Return a page with a row."""
    return {"next": None, "previous": None, "results": [example]}


def body(example: dict[str, Any], schema: dict[str, Any], *, partial: bool) -> dict[str, Any]:
    """Return the members of a row that a writer sends; of a patch, the first that is not the key."""
    members = {
        n: example[n] for n, member in schema["properties"].items() if n in example and not member.get("readOnly")
    }
    if not partial:
        return {n: value for n, value in members.items() if not _is_generated_key(n, schema)}
    return dict([next((item for item in members.items() if item[0] != "id"), ("id", None))] if members else [])


def _is_generated_key(name: str, schema: dict[str, Any]) -> bool:
    """Whether a member is a key that the server makes when it is left out."""
    return name == "id" and name not in schema.get("required", [])


def csv(view: Any, example: dict[str, Any]) -> str:
    """Return a CSV file with a row."""
    table = Table.of(view.presentation())
    return (table.header() + table.lines([example])).decode()


def ndjson(example: dict[str, Any]) -> str:
    """Return an NDJSON file with a row."""
    return encode(example).decode() + "\n"

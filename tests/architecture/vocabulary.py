"""The names of `core/` that a domain may import: a table in the guide on moving in, and what code imports of them."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.tree import ROOT

GUIDE = ROOT / "openapi/guides/11-moving-in.md"
ROW = re.compile(r"^\| `from (?P<module>[\w.]+) import (?P<names>[\w, ]+)` \| .+ \| `.+` \|$", re.MULTILINE)
LAYERS = ("api", "resources", "serializers")
CORES = tuple(f"{layer}.core" for layer in LAYERS)
ABOVE = ("asgi.py", "settings.py", "urls.py", "wsgi.py")
"""What of api/ stands above the domains, and knows everything."""


def vocabulary() -> set[str]:
    """Return the names that the guide lists, each with its module."""
    return {
        f"{row['module']}.{name.strip()}" for row in ROW.finditer(GUIDE.read_text()) for name in row["names"].split(",")
    }


def domains(root: Path) -> list[Path]:
    """Return the modules of a tree that are a domain's, migrations among them."""
    files = (file for layer in LAYERS for file in sorted((root / layer).rglob("*.py")))
    return [file for file in files if file.relative_to(root).parts[1] not in ("__init__.py", "core", *ABOVE)]


def imported(files: Iterable[Path]) -> dict[str, list[str]]:
    """Return what files use of any `core/`, by its full name, each with the files that do."""
    found: dict[str, list[str]] = {}
    for file in files:
        for name in names(ast.parse(file.read_text())):
            found.setdefault(name, []).append(str(file))
    return found


def names(module: ast.Module) -> Iterator[str]:
    """Yield what it uses of any `core/`: `from x.core.y import z`, and `x.core.y.z` after an `import x.core.y`."""
    whole = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    modules = {name for name in whole if _of_core(name)}
    used = {name for node in ast.walk(module) if (name := _dotted(node)) and name.rpartition(".")[0] in modules}
    yield from used
    yield from (name for name in modules if not any(each.startswith(f"{name}.") for each in used))
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (name for alias in node.names if _of_core(name := f"{node.module}.{alias.name}"))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    before = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{before}.{node.attr}" if before and isinstance(node, ast.Attribute) else ""


def _of_core(name: str) -> bool:
    return any(name == core or name.startswith(f"{core}.") for core in CORES)

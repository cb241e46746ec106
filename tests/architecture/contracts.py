"""A kind of import contract that import-linter does not have: forbid a part of an external package."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one module, as written in a file."""

    importer: str
    imported: str
    line: int


def imports_of(importer: str, source: str) -> Iterator[Import]:
    """Yield what a module's text imports, by absolute name: both `a.b` and `a.b.c` for `from a.b import c`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(importer, alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield Import(importer, node.module, node.lineno)
            yield from (Import(importer, f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


class ForbiddenSubmodules(Contract):
    """Forbids direct imports of `django.http` and its like, where `forbidden` can only forbid the whole of Django."""

    source_modules = fields.SetField(subfield=fields.StringField())
    forbidden_modules = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Read every module below the sources and compare what it imports with what is forbidden."""
        names = (name for name in graph.modules if _is_within(name, self.source_modules))
        found = [
            an_import
            for name in sorted(names)
            for an_import in imports_of(name, _path(name).read_text())
            if _is_within(an_import.imported, self.forbidden_modules)
        ]
        return ContractCheck(kept=not found, metadata={"imports": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each forbidden import."""
        for found in check.metadata["imports"]:
            output.print_error(
                f"{found.importer} is not allowed to import {found.imported} (l.{found.line})", bold=False
            )


def _is_within(module: str, packages: Any) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _path(module: str) -> Path:
    """Return the file of a module of the tree that lint-imports was started in."""
    place = Path(*module.split("."))
    package = place / "__init__.py"
    return package if package.exists() else place.with_suffix(".py")  # a folder of the same name may hold data

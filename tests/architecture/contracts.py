"""Kinds of import contracts that import-linter does not have: part of an external package, all domains."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.contracts.layers import Layer, LayerField, LayersContract

SETTINGS = Path("api/settings.py")
"""Where the tree that lint-imports was started in names its domains."""


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


def domains_of(settings: str) -> tuple[str, ...]:
    """Return the DOMAINS that the text of a settings module names; to import one would ask the environment.

    Raises:
        ValidationError: it names none, or not as a tuple of plain words.
    """
    for node in ast.parse(settings).body:
        match node:
            case ast.Assign(targets=[ast.Name("DOMAINS")], value=ast.Tuple(each)) if _are_words(each):
                return ast.literal_eval(node.value)
    raise fields.ValidationError(f'`*` stands for domains, but {SETTINGS} has no DOMAINS = ("bookings", ...).')


class DomainLayer(LayerField):
    """A layer in which `(*)` or `(api.*)` stands for every domain, none of which knows another."""

    def parse(self, raw_data: str | list[str]) -> Layer:
        """Write the domains in the place of the star."""
        domains = domains_of(SETTINGS.read_text())
        return super().parse(
            re.sub(
                r"\([\w.]*\*\)",
                lambda star: " | ".join(star[0].replace("*", domain) for domain in domains) or star[0],
                fields.StringField().parse(raw_data),
            )
        )


class DomainLayers(LayersContract):
    """`layers`, whose layers may name all domains: one that is added to DOMAINS is held to the law as it stands."""

    layers = fields.ListField(subfield=DomainLayer())


def _are_words(nodes: list[ast.expr]) -> bool:
    return all(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes)


def _is_within(module: str, packages: Any) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _path(module: str) -> Path:
    """Return the file of a module of the tree that lint-imports was started in."""
    place = Path(*module.split("."))
    package = place / "__init__.py"
    return package if package.exists() else place.with_suffix(".py")  # a folder of the same name may hold data

"""In serializers/, our own code has no parameter `request` and reads no `context["request"]`."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT

BAD = (
    "def shown(request): ...",
    "def shown(value, /, *, request=None): ...",
    "shown = lambda request: request.user",
    "def shown(self): return self.context['request'].user",
    "def shown(self): return self.context.get('request')",
    "def shown(serializer): return serializer.context.pop('request', None)",
    "def shown(self): return self._context['request']",
)
GOOD = (
    "def shown(actor): return actor.id",
    "def shown(self): return self.context['actor'].id",
    "HELP = {'request': 'What a client sends.'}",
    "def title(problem): return {'detail': 'The request is malformed.'}",
)


def faults(source: str) -> Iterator[int]:
    """Yield the lines of a module that take or reach for a request."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg) and node.arg == "request":
            yield node.lineno
        if isinstance(node, ast.Subscript) and _is_context(node.value) and _is_request(node.slice):
            yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_context(node.func.value):
            yield from (node.lineno for argument in node.args[:1] if _is_request(argument))


def _is_context(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.endswith("context")


def _is_request(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "request"


def test_no_serializer_knows_a_request():
    modules = sorted((ROOT / "serializers").rglob("*.py"))

    assert modules
    assert {str(module): lines for module in modules if (lines := list(faults(module.read_text())))} == {}


@pytest.mark.parametrize("source", BAD)
def test_a_module_that_knows_a_request_is_found(source: str):
    assert list(faults(source)) == [1]


@pytest.mark.parametrize("source", GOOD)
def test_a_module_that_does_not_is_not(source: str):
    assert list(faults(source)) == []

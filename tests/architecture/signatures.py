"""How many functions the type checker is kept from understanding, room by room: `make signatures` writes it down.

A function counts when its signature, or a variable in it, says `Any` or a bare `object`, or when it needs a `cast` or a
`type: ignore`. An alias that stands for `Any` counts like it, except those of `kinds`, which say why there is no other
choice.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.architecture.tree import ROOT

TABLE = ROOT / "tests/architecture/signatures.txt"
LAYERS = ("api/core", "serializers/core", "resources/core")
KINDS = "serializers.core.kinds"
"""The module whose aliases may stand for `Any`: the generic classes of DRF, whose parameters nobody knows."""
COMPARISONS = ("__eq__", "__ne__")
"""What Python gives any object to."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
type Name = tuple[str, str]
"""A module, and a name in it."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A function that keeps something from the type checker.

    Attributes:
        room: the folder of a layer that it stands in.
        place: its file and line.
        name: of the function.
        reasons: what it has of `Any`, `object`, `cast` and `type: ignore`.
    """

    room: str
    place: str
    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """One file of the code."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Its name, with dots."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")

    @property
    def room(self) -> str:
        """The folder of a layer that it stands in: `api/core/query`; `api/core` for a file beside those folders."""
        return "/".join(self.path.parts[: 3 if len(self.path.parts) > 3 else 2])

    @cached_property
    def tree(self) -> ast.Module:
        """What stands in it."""
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> Mapping[str, Name]:
        """Where the names come from that it imports."""
        statements = (node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.module)
        return {each.asname or each.name: (str(node.module), each.name) for node in statements for each in node.names}

    def aliases(self) -> Iterator[tuple[Name, ast.expr]]:
        """Yield what it defines as types: `type Json = ...`, and `Test = Callable[...]`."""
        for node in self.tree.body:
            if isinstance(node, ast.TypeAlias):
                yield (self.name, node.name.id), node.value
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp | ast.Name):
                yield from (((self.name, to.id), node.value) for to in node.targets if isinstance(to, ast.Name))


class Code:
    """The modules of some layers, below a folder."""

    def __init__(self, root: Path, layers: Iterable[str] = LAYERS) -> None:
        """Read them; what Django wrote is left out."""
        files = (file for layer in layers for file in sorted((root / layer).rglob("*.py")))
        self.modules = [
            Module(file.relative_to(root), file.read_text()) for file in files if "migrations" not in file.parts
        ]
        self._aliases = dict(alias for module in self.modules for alias in module.aliases() if module.name != KINDS)

    def opaque(self) -> Iterator[Opaque]:
        """Yield the functions that keep something from the type checker, in the order of their rooms."""
        for module in sorted(self.modules, key=lambda each: each.room):
            for function in _functions(module.tree):
                reasons = tuple(self._reasons(module, function))
                if reasons:
                    yield Opaque(module.room, f"{module.path}:{function.lineno}", function.name, reasons)

    def _reasons(self, module: Module, function: Function) -> Iterator[str]:
        inside = list(_inside(function))
        annotations = [*_signature(function), *(node.annotation for node in inside if isinstance(node, ast.AnnAssign))]
        if any(self._says_any(module.imports, module.name, each) for each in annotations):
            yield "Any"
        if function.name not in COMPARISONS and any(_is_object(each) for each in annotations):
            yield "object"
        if any(isinstance(node, ast.Call) and _name(node.func) == "cast" for node in inside):
            yield "cast"
        lines = module.text.splitlines()
        if any("# type: ignore" in lines[number] for number in _lines(function)):
            yield "type: ignore"

    def _says_any(self, imports: Mapping[str, Name], module: str, annotation: ast.expr) -> bool:
        """Whether an annotation of a module says `Any`, by itself or by what its names stand for."""
        met, waiting = set[Name](), [(imports.get(name, (module, name))) for name in _names(annotation)]
        while waiting:
            name = waiting.pop()
            if name[1] == "Any":
                return True
            if name in self._aliases and name not in met:
                met.add(name)
                of_alias = next(each for each in self.modules if each.name == name[0])
                waiting += [of_alias.imports.get(each, (name[0], each)) for each in _names(self._aliases[name])]
        return False


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _signature(function: Function) -> Iterator[ast.expr]:
    taken = function.args
    rest = (each for each in (taken.vararg, taken.kwarg) if each is not None and not _is_passed_over(each))
    arguments = (*taken.posonlyargs, *taken.args, *taken.kwonlyargs, *rest)
    yield from (each.annotation for each in arguments if each.annotation is not None)
    if function.returns is not None:
        yield function.returns


def _is_passed_over(rest: ast.arg) -> bool:
    """Whether the rest of the arguments is taken to be passed over, as in `**_: object`."""
    return rest.annotation is not None and set(rest.arg) == {"_"} and _name(rest.annotation) == "object"


def _names(annotation: ast.AST) -> Iterator[str]:
    """Yield every name of an annotation, also of one that is written as a text."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _names(_parsed(node.value))
        elif name := _name(node):
            yield name


def _parsed(text: str) -> ast.AST:
    try:
        return ast.parse(text, mode="eval")
    except SyntaxError:  # a text of Literal[...]
        return ast.Module([], [])


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_object(annotation: ast.expr) -> bool:
    """Whether an annotation is `object` itself, or a union with it; `list[object]` says what is never looked into."""
    if isinstance(annotation, ast.BinOp):
        return _is_object(annotation.left) or _is_object(annotation.right)
    return _name(annotation) == "object"


def _inside(function: Function) -> Iterator[ast.AST]:
    """Yield what stands in a function, and not in one inside it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function):
            waiting += ast.iter_child_nodes(node)


def _lines(function: Function) -> set[int]:
    """Return the lines of a function, from 0, without those of functions inside it."""
    inner = (node for node in ast.walk(function) if isinstance(node, Function) and node is not function)
    whole = range(function.lineno - 1, function.end_lineno or function.lineno)
    return set(whole).difference(*(range(each.lineno - 1, each.end_lineno or each.lineno) for each in inner))


def count(functions: Iterable[Opaque]) -> dict[str, int]:
    """Return how many functions of each room keep something from the type checker."""
    return dict(Counter(each.room for each in functions))


def read(table: Path = TABLE) -> dict[str, int]:
    """Read the numbers that rooms may have."""
    return {room: int(number) for room, number in map(str.split, table.read_text().splitlines())}


def text_of(numbers: Mapping[str, int]) -> str:
    """Write the numbers as a table."""
    return "".join(f"{room:<25} {number:>3}\n" for room, number in sorted(numbers.items()))


def main(root: Path = ROOT, table: Path = TABLE) -> int:
    """Print every such function and write the table, unless there are more of them than it says."""
    functions = list(Code(root).opaque())
    for each in functions:
        sys.stdout.write(f"{each.place} {each.name}: {', '.join(each.reasons)}\n")
    most = sum(read(table).values())
    sys.stdout.write(f"{len(functions)} functions; there were {most}.\n")
    if len(functions) > most:
        return 1
    table.write_text(text_of(count(functions)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

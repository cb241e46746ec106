"""`fields` and `expand`: names with dots become a Selection.

May refuse: unknown fields, relations that are not offered, more than three levels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.core.query.faults import Faults
from api.core.query.grammar import Grammar
from api.core.query.parameters.expansion import Rest
from api.core.query.visible_grammar import narrow
from api.core.resource.registry import REGISTRY
from serializers.core.read.selection import MOST_EXPANDED, MOST_INSIDE, MOST_OBJECTS, Expansion, Selection

DEEPEST = 3


@dataclass
class Branch:
    """What was asked of one resource so far; `fields` is None until one is named, or one of a relation's."""

    fields: set[str] | None = None
    expand: dict[str, "Branch"] = field(default_factory=dict)

    def named(self) -> set[str]:
        """Show named fields only, from now on."""
        self.fields = set() if self.fields is None else self.fields
        return self.fields


@dataclass(frozen=True, slots=True)
class SelectionReader:
    """Reads `fields` and `expand`.

    Attributes:
        grammar: of the resource that is read.
        parameters: of the request.
        faults: gathers what is wrong.
    """

    grammar: Grammar
    parameters: Mapping[str, str]
    faults: Faults

    def read(self) -> Selection:
        """Return the selection; what is wrong is noted and left out."""
        root = Branch()
        for parameter in ("expand", "fields"):
            for path in filter(None, self._names(parameter)):
                self._add(root, self.grammar, path.split("."), parameter)
        selection = self._selection(root, self.grammar, MOST_EXPANDED)
        if selection.objects > MOST_OBJECTS:
            parameter = "expand" if "expand" in self.parameters else "fields"
            most = f"One row would show up to {selection.objects} objects, and {MOST_OBJECTS} are the most."
            self.faults.add(parameter, "too_many", f"{most} Ask for fewer lists inside lists.")
        return selection

    def _names(self, parameter: str) -> list[str]:
        text = self.parameters.get(parameter)
        if text is None:
            return []
        names = text.split(",")
        if "" in names:
            self.faults.add(parameter, "invalid", "Expected names separated by commas.")
        return names

    def _add(self, branch: Branch, grammar: Grammar, path: list[str], parameter: str) -> None:
        """Follow a path relation by relation, down to its last name."""
        for depth, name in enumerate(path, start=1):
            if parameter == "fields" and depth == len(path):
                return self._add_field(branch, grammar, name)
            if name not in grammar.expandable:
                return self._unknown(parameter, "expansion", name, list(grammar.expandable))
            if depth > DEEPEST:
                return self.faults.add(parameter, "too_deep", f"Relations are expanded at most {DEEPEST} deep.")
            if parameter == "fields":
                branch.named()
            self._refuse_twice(branch, grammar, name, parameter)
            branch = branch.expand.setdefault(name, Branch())
            grammar = _grammar(grammar, name)
        return None

    def _refuse_twice(self, branch: Branch, grammar: Grammar, name: str, parameter: str) -> None:
        """Refuse to load the rows of one relation under two names of it, each with a selection of its own."""
        for other in branch.expand:
            if other != name and grammar.expandable[other].relation == grammar.expandable[name].relation:
                self.faults.add(parameter, "conflict", f"{other} and {name} are one relation: expand one of them.")

    def _add_field(self, branch: Branch, grammar: Grammar, name: str) -> None:
        branch.named().add(name)
        if name in grammar.fields or name in branch.expand:
            return
        if name in grammar.expandable:
            self.faults.add("fields", "unknown", f"{name} is shown when it is expanded: add it to expand.")
        else:
            self._unknown("fields", "field", name, [*grammar.fields, *grammar.expandable])

    def _unknown(self, parameter: str, what: str, name: str, names: list[str]) -> None:
        self.faults.add(parameter, "unknown", self.faults.unknown(what, name, lambda: names))

    def _selection(self, branch: Branch, grammar: Grammar, most: int) -> Selection:
        expansions = tuple(self._expansion(name, inner, grammar, most) for name, inner in branch.expand.items())
        return Selection(None if branch.fields is None else frozenset(branch.fields), expansions, grammar.without)

    def _expansion(self, name: str, branch: Branch, grammar: Grammar, most: int) -> Expansion:
        relation, related = grammar.expandable[name], _grammar(grammar, name)
        selection = self._selection(branch, related, MOST_INSIDE if relation.many else most)
        more = Rest(related, relation, parameters_of(selection)) if relation.many else None
        path = "" if relation.relation == name else relation.relation
        return Expansion(name, type(related.resource.serializer), selection, relation.many, most, path, more)


def _grammar(grammar: Grammar, name: str) -> Grammar:
    resource = REGISTRY.of(grammar.expandable[name].model)
    assert resource is not None  # noqa: S101
    return narrow(resource, grammar.hidden)


def parameters_of(selection: Selection) -> dict[str, str]:
    """Write a selection as the parameters that it would be read from."""
    names = {"fields": _fields(selection, ""), "expand": _expand(selection, "")}
    return {parameter: ",".join(paths) for parameter, paths in names.items() if paths}


def _fields(selection: Selection, before: str) -> list[str]:
    names = [before + name for name in sorted(selection.fields or ())]
    return names + [path for inner in selection.expand for path in _fields(inner.selection, f"{before}{inner.name}.")]


def _expand(selection: Selection, before: str) -> list[str]:
    names = [before + inner.name for inner in selection.expand]
    return names + [path for inner in selection.expand for path in _expand(inner.selection, f"{before}{inner.name}.")]

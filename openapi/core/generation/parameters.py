"""The parameters of every operation: what stands in the path, the query string and the headers.

Unknown parameters are refused, so every name that is accepted is here, negations included.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.core.query.order.ordering import OrderTerm
from api.core.query.parameters.selection import DEEPEST
from api.core.resource.registry import REGISTRY
from api.core.views.actions import SAFE
from api.core.views.explain_access import parameters_of
from openapi.core.generation import names
from openapi.core.generation.common_parameters import COMMON, query
from openapi.core.generation.deprecations import days_of, marked, marked_as_whole, sunsets
from openapi.core.generation.schemas import filters
from openapi.core.generation.schemas.columns import key_schema
from openapi.core.generation.schemas.registry import Components, Schema

IN_A_PATH = r"^[^/\x00-\x1f\x7f]+$"


class Parameters:
    """Describes the parameters of a resource's operations."""

    def __init__(self, components: Components, view: Any) -> None:
        """Take where components go, and the view of one operation."""
        self.components, self.view = components, view
        self.grammar = view.grammar()
        self.name = components.name(view)

    def all(self) -> list[Schema]:
        """Return the parameters of the view's action."""
        custom = self._custom(self.grammar.extra)
        by_action = {
            "list": [
                *self._paging(),
                *self._reading(),
                *self._selecting(),
                *self._explain(),
                *map(self._common, ("Since", "Ticket")),
                *self._filters(),
                *custom,
            ],
            "retrieve": [*self._selecting(), *self._explain(), *custom],
            "destroy": [],
            names.HISTORY: [self._common(name) for name in ("HistoryLimit", "HistoryCursor")],
        }
        parameters = by_action.get(self.view.action, self._selecting())
        return [*self._key(), *parameters, *self._headers()]

    def of_custom_action(self, declared: list[Schema], method: str) -> list[Schema]:
        """Return what a decorator says, completed with the key and with the parameters that the viewset declares."""
        parameters = [parameter for parameter in declared if parameter.get("in") != "path"]
        described = {parameter.get("name") for parameter in parameters}
        return [
            *self._key(),
            *parameters,
            *(each for each in self._custom(self.view.extra_parameters) if each["name"] not in described),
            *(self._common(name) for name in self._of_writing(method) if method not in SAFE),
        ]

    def _common(self, name: str) -> Schema:
        return self.components.parameter(name, COMMON[name])

    def _key(self) -> list[Schema]:
        if not self.view.detail:
            return []
        model, lookup = self.view.model(), self.view.lookup_field
        column = model._meta.pk if lookup == "pk" else model._meta.get_field(lookup)
        argument = self.view.lookup_url_kwarg or lookup
        name = "id" if argument == "pk" else argument
        about = str(column.help_text or f"The key of {names.with_article(names.singular(self.view))}.")
        schema = key_schema(column)
        if schema["type"] == "string" and "format" not in schema:
            schema["pattern"] = IN_A_PATH
        return [{"name": name, "in": "path", "required": True, "description": about, "schema": schema}]

    def _paging(self) -> list[Schema]:
        return [self._common(name) for name in ("Limit", "Cursor", "Page", "PageSize", "Count")]

    def _reading(self) -> list[Schema]:
        group = filters.group(self.components, f"{self.name}Filter", self.grammar)
        about = "Conditions joined by `and`, `or` and `not`, as JSON."
        groups = {"name": "filter", "in": "query", "description": about, "content": {"application/json": {
            "schema": group}}}  # fmt: skip
        search = [self._common("Search")] if self.grammar.search else []
        orderings = [self._ordering(name) for name in ("ordering", *self.grammar.ordered_by)]
        return [*([groups] if self.grammar.filters else []), *search, *orderings]

    def _ordering(self, name: str) -> Schema:
        order = ",".join(map(_direction, self.grammar.order))
        about = f"Columns to order by, `-` before one for the other direction. Without it: `{order}`."
        terms = [sign + name for name in self.grammar.orderings for sign in ("", "-")]
        items = {"type": "string", "enum": terms, **sunsets(days_of(self.grammar, terms))}
        return query(name, about, {"type": "array", "minItems": 1, "uniqueItems": True, "items": items})

    def _selecting(self) -> list[Schema]:
        parameters = [self.components.parameter(f"{self.name}Fields", self._fields)]
        if self.grammar.expandable:
            parameters.append(self.components.parameter(f"{self.name}Expand", self._expand))
        return parameters

    def _explain(self) -> list[Schema]:
        names_ = parameters_of(self.grammar)
        return [self._common(name) for name in ("Explain", "ExplainActor") if COMMON[name]["name"] in names_]

    def _fields(self) -> Schema:
        below = {path: view.grammar().fields for path, view in expansions(self.view)}
        items = {**listed(self.grammar.fields, below), **sunsets(dict(_days(self.view, members=True)))}
        about = "The members to show, and no others but those that `expand` adds."
        if below:
            about += " A dot leads to the members of a relation, which it expands: `relation.name`."
        return query("fields", about, {"type": "array", "minItems": 1, "items": items})

    def _expand(self) -> Schema:
        about = f"Relations to show as objects, {DEEPEST} levels deep at most; `a.b` implies `a`."
        paths = [path for path, _ in expansions(self.view)]
        items = {"type": "string", "enum": paths, **sunsets(dict(_days(self.view, members=False)))}
        return marked_as_whole(query("expand", about, {"type": "array", "minItems": 1, "items": items}), items)

    def _filters(self) -> list[Schema]:
        return [
            marked(
                self.grammar,
                name,
                query(
                    name,
                    filters.phrase(filter_, negated=negated),
                    filters.in_query(filters.value_schema(self.components, filter_)),
                ),
            )
            for name, filter_, negated in filters.named(self.grammar.filters)
        ]

    def _custom(self, names_: Iterable[str]) -> list[Schema]:
        about = "A parameter of this resource's own."
        return [marked(self.grammar, name, query(name, about, {"type": "string"})) for name in sorted(names_)]

    def _headers(self) -> list[Schema]:
        read = ("list", "retrieve", names.HISTORY)
        live = ("LastEventId",) if self.view.action == "list" else ()
        writing = (*(("Prefer",) if self.view.action != "destroy" else ()), *self._of_writing("PUT"))
        return [self._common(name) for name in (("IfNoneMatch", *live) if self.view.action in read else writing)]

    def _of_writing(self, method: str) -> tuple[str, ...]:
        """Name what every write takes."""
        rehearsed = self.view.action in names.VERBS or self.view.rehearsable
        return (*(("DryRun",) if rehearsed else ()), *self._conditions(method), "IdempotencyKey")

    def _conditions(self, method: str) -> tuple[str, ...]:
        """Name the headers by which a row is changed under a condition."""
        if not self.view.detail or method in SAFE:
            return ()
        return ("RequiredIfMatch",) if self.view.require_if_match else ("IfMatch",)


def listed(names_: Sequence[str], below: Mapping[str, Sequence[str]]) -> Schema:
    """Return the schema of a name: one of these, or one of those below a path, after a dot.

    Paths with the same names below them share a pattern, which `contract-diff` reads as the list of names that it is.
    """
    own: Schema = {"type": "string", "enum": list(names_)}
    deeper: dict[str, list[str]] = {}
    for path, members in below.items():
        deeper.setdefault("|".join(map(re.escape, members)), []).append(re.escape(path))
    patterns = [f"^({'|'.join(paths)})\\.({members})$" for members, paths in deeper.items()]
    return {"anyOf": [own, *({"type": "string", "pattern": each} for each in patterns)]} if patterns else own


def expansions(view: Any, before: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield every path that `expand` takes, `country` before `country.currency`, and the resource it leads to."""
    for name, relation in view.grammar().expandable.items():
        related = REGISTRY.of(relation.model)
        assert related is not None  # noqa: S101 - the grammar makes sure of it
        yield before + name, related.source()
        if depth < DEEPEST:
            yield from expansions(related.source(), f"{before}{name}.", depth + 1)


def _days(view: Any, *, members: bool, before: str = "", relations: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the paths that are going to go, and their last days; of members, too, or of relations alone."""
    grammar = view.grammar()
    expandable = grammar.expandable if relations < DEEPEST else {}
    names_ = dict.fromkeys((*(grammar.fields if members else ()), *expandable))
    for name, day in days_of(grammar, names_).items():
        yield before + name, day
    for name, relation in expandable.items():
        related = REGISTRY.of(relation.model)
        assert related is not None  # noqa: S101 - as above
        yield from _days(related.source(), members=members, before=f"{before}{name}.", relations=relations + 1)


def _direction(term: OrderTerm) -> str:
    return f"{'-' if term.descending else ''}{term.name}"

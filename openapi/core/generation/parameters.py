"""The parameters of every operation: what stands in the path, the query string and the headers.

Unknown parameters are refused, so every name that is accepted is here, negations included.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from api.core.changes.parameters import DEFAULT_LIMIT_OF_ROW, LIMIT_OF_ROW
from api.core.query.order.ordering import OrderTerm
from api.core.query.parameters.reader import DEFAULT_LIMIT, MOST_NUMBERED, MOST_ROWS, MOST_WORDS
from api.core.query.parameters.selection import DEEPEST
from api.core.query.shape import Count
from api.core.resource.registry import REGISTRY
from api.core.views.actions import SAFE
from api.core.views.explain_access import ACCESS, PLAN, parameters_of
from openapi.core.generation import names
from openapi.core.generation.deprecations import days_of, marked, marked_as_whole, sunsets
from openapi.core.generation.schemas import filters
from openapi.core.generation.schemas.columns import key_schema
from openapi.core.generation.schemas.registry import Components, Schema

WORDS = rf"^\s*[^\s\x00]+(\s+[^\s\x00]+){{0,{MOST_WORDS - 1}}}\s*$"
IN_A_PATH = r"^[^/\x00-\x1f\x7f]+$"
# No `default`: generated clients send defaults along, and `limit` does not go with `page`.
ROWS = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}


def query(name: str, about: str, schema: Schema, **more: Any) -> Schema:
    """Describe a query parameter; lists are separated by commas."""
    style = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "description": about, **style, "schema": schema, **more}


def header(name: str, about: str, example: str) -> Schema:
    """Describe a header of requests."""
    return {"name": name, "in": "header", "description": about, "schema": {"type": "string"}, "example": example}


CURSOR: Schema = {"type": "string", "pattern": "^(0|[1-9][0-9]{0,18})-[0-9a-f]{1,16}$"}
"""A place in the log of changes."""

COMMON: Mapping[str, Schema] = {
    "Limit": query("limit", f"How many rows a page has at most; {DEFAULT_LIMIT} if not given.", ROWS),
    "Cursor": query(
        "cursor",
        "Where to go on: a cursor from `next` or `previous`, with the same filters, search and ordering.",
        {"type": "string", "minLength": 1},
    ),
    "HistoryLimit": query(
        "limit",
        f"How many changes are looked at, at most; {DEFAULT_LIMIT_OF_ROW} if not given.",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_OF_ROW.most},
    ),
    "HistoryCursor": query(
        "cursor",
        "Where to go on: a cursor from `next`, or the `id` of an event, before which the page begins.",
        {"type": "string", "minLength": 1},
    ),
    "Page": query(
        "page",
        f"The number of a classic page, for tools that want them. They end at row {MOST_NUMBERED:,}. Does not go with "
        "`limit` and `cursor`.",
        {"type": "integer", "minimum": 1, "maximum": MOST_NUMBERED},
    ),
    "PageSize": query(
        "page_size",
        f"How many rows a classic page has; {DEFAULT_LIMIT} if not given. Does not go with `limit` and `cursor`.",
        ROWS,
    ),
    "Count": query(
        "count",
        "Also count the rows in all: `exact`, or `estimated`, which is quick on large tables. What takes too long to "
        "count has `count_exact`: false beside it.",
        {"type": "string", "enum": list(get_args(Count))},
    ),
    "Search": query(
        "search", f"Up to {MOST_WORDS} words, all of which must be found.", {"type": "string", "pattern": WORDS}
    ),
    "Explain": query(
        "explain",
        "In the place of rows, `access`: what the actor may do here and which rules decide it; for staff, and for keys "
        "with the scope `explain`. `plan`: how the database goes about this very request; for staff. For others there "
        "is no such parameter.",
        {"type": "string", "enum": [ACCESS, PLAN]},
    ),
    "ExplainActor": query(
        "actor",
        "With `explain=access`: about the person with this address instead. Staff ask about anybody, a key about its "
        "owner.",
        {"type": "string", "format": "email"},
    ),
    "Since": query(
        "since",
        "With `Accept: text/event-stream`: where to go on, the `id` of the last event that you have.",
        CURSOR,
    ),
    "Ticket": query(
        "ticket",
        "With `Accept: text/event-stream`, and for WebSockets: who asks, where no header says it (`POST /v1/tickets`).",
        {"type": "string", "minLength": 1},
    ),
    "LastEventId": header(
        "Last-Event-ID", "As `since`; `EventSource` sends it by itself when it was cut off.", "41007-5a1c0f2e9b7d4c36"
    ),
    "IfNoneMatch": header(
        "If-None-Match", "ETags the client has; 304 when one is still right.", '"1-0123456789abcdef"'
    ),
    "DryRun": query(
        "dry_run",
        "`true`: answer as if it were done, and keep nothing. Ids and times are examples.",
        {"type": "boolean"},
    ),
    "IfMatch": header(
        "If-Match",
        "ETags of the row, of any representation of it: 412 when none is of the version that is stored.",
        '"1-0123456789abcdef"',
    ),
    "RequiredIfMatch": {
        **header(
            "If-Match", "The ETag of the row: 412 when it has changed since, 428 without.", '"1-0123456789abcdef"'
        ),
        "required": True,
    },
    "Prefer": header("Prefer", "`return=minimal`: send no body back.", "return=minimal"),
    "IdempotencyKey": {
        **header(
            "Idempotency-Key",
            "A text of the client's own, best a UUID: a request that is sent again with it within 24 hours is done "
            "once, and answered as the first time. Not for the anonymous.",
            "5e3a6d0c-0d59-4d3c-8a4c-2f1f0a8d6e11",
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 257, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    },
}


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

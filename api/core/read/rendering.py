"""How rows are shown: by the database, from the compiled serializer, or by the serializer itself, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from api.core.query.filters.conditions import blind_order
from api.core.query.order.ordering import put_in_order
from api.core.query.parameters.expansion import load
from api.core.query.visible_grammar import narrow
from api.core.read.pipeline import Pipeline
from api.core.resource.readable import Readable
from api.core.resource.registry import REGISTRY
from resources.core.access.hidden_fields import Hidden
from resources.core.database import budget
from serializers.core.json import encode
from serializers.core.kinds import Serializer
from serializers.core.read.compiled.compile import CompiledRow, compile_row
from serializers.core.read.compiled.compiler import Listing, Sources
from serializers.core.read.compiled.holes import Fill
from serializers.core.read.compiled.pages import page_first

type Row = tuple[Any, ...]
"""A row's JSON, as text, and what was loaded beside it."""


class Showing(Protocol):
    """One way to show the rows of a pipeline."""

    @property
    def fills(self) -> Sequence[Fill]:
        """What fills the holes of their JSON."""
        ...

    def load(self, rows: QuerySet[Model], beside: Mapping[str, object]) -> QuerySet[Model, object]:
        """Make rows load what is needed to show them, and expressions beside it."""
        ...

    def show(self, rows: Sequence[Any]) -> Sequence[Row]:
        """Show what was loaded."""
        ...


@dataclass
class Interpreted:
    """DRF's own way: the reference, and for whatever only Python can show."""

    pipeline: Pipeline
    beside: Sequence[str] = ()
    fills: Sequence[Fill] = ()

    @cached_property
    def serializer(self) -> Serializer:
        """Return what shows a row."""
        return self.pipeline.source.presentation(self.pipeline.shape.selection)

    def load(self, rows: QuerySet[Model], beside: Mapping[str, object]) -> QuerySet[Model]:
        """Load whole rows, and those of the relations shown."""
        self.beside = tuple(beside)
        rows = rows.annotate(**beside)
        pipeline = self.pipeline
        return load(rows, self.serializer, pipeline.shape.selection, pipeline.readable, pipeline.grammar.hidden)

    def show(self, rows: Sequence[Any]) -> Sequence[Row]:
        """Let the serializer show them, within the budget."""
        show, shown = self.serializer.to_representation, list[Row]()
        for row in rows:
            budget.check()
            shown.append((encode(show(row)).decode(), *(getattr(row, name) for name in self.beside)))
        return shown


@dataclass
class Compiled:
    """The database's way: every row comes as JSON, with all that is shown of other rows."""

    pipeline: Pipeline
    fills: Sequence[Fill] = field(default=())

    def load(self, rows: QuerySet[Model], beside: Mapping[str, object]) -> QuerySet[Model, Row]:
        """Load their JSON.

        Raises:
            NotCompiled: the serializer cannot be compiled.
        """
        row = self._compiled(rows, page=self._is_page(rows))
        shown = self._page_first(rows, row) if row.referred else rows.annotate(_json=row.json)
        loaded: QuerySet[Model, Row] = shown.annotate(**beside).values_list("_json", *beside)
        return loaded

    def _is_page(self, rows: QuerySet[Model]) -> bool:
        """Whether rows refer to some that are shown, are in an order, and hold nothing but what is in their table."""
        query: Any = rows.query  # of which the stubs leave _filtered_relations out
        more = query.distinct or query.combinator or query.extra or query.extra_tables or query._filtered_relations
        refer = not all(expansion.many for expansion in self.pipeline.shape.selection.expand)
        return refer and bool(query.order_by) and not more and not query.annotations

    def _page_first(self, rows: QuerySet[Model], row: CompiledRow) -> QuerySet[Model]:
        """Find the rows before they are shown, unless what is shown of one counts others, which would be gone."""
        shown: QuerySet[Model] = page_first(rows, row.referred).annotate(_json=row.json)
        json = shown.query.annotations["_json"]
        counts = json.contains_aggregate or json.contains_over_clause
        return rows.annotate(_json=self._compiled(rows).json) if counts else shown

    def _compiled(self, rows: QuerySet[Model], *, page: bool = False) -> CompiledRow:
        presentation = self.pipeline.source.presentation(self.pipeline.shape.selection)
        sources = sources_for(self.pipeline.readable, self.pipeline.grammar.hidden)
        row = compile_row(presentation, rows, sources, page=page)
        self.fills = row.fills
        return row

    def show(self, rows: Sequence[Any]) -> Sequence[Row]:
        """Take them as they came."""
        return rows


def sources_for(readable: Readable, hidden: Hidden) -> Sources:
    """Return where the rows of expanded relations come from, for an actor from whom some members are hidden."""

    def listed(model: type[Model]) -> Listing:
        resource = REGISTRY.of(model)
        assert resource is not None, f"{model.__name__} is no resource"  # noqa: S101 - the grammar has asked before
        order = blind_order(readable, model, narrow(resource, hidden).order)
        return Listing(put_in_order(readable.rows(model), order), [term.value for term in order])

    return Sources(readable.narrower, listed)

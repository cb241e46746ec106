"""What `manage.py explain` tells of a resource: how it is read, why not better, and what the database makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connections, transaction
from django.db.models import Model, QuerySet

from api.core.http.synthetic_request import somebody
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.grammar import grammar_of
from api.core.query.parameters.reader import understand
from api.core.read.pipeline import Pipeline
from api.core.read.rendering import Compiled, Interpreted
from api.core.read.strategies import Level, Reading, Traces, page
from api.core.resource.resource_type import ResourceType
from resources.core.actor import Actor
from serializers.core.json import encode
from serializers.core.read.compiled.refusals import NotCompiled

SAMPLE = 50

HINTS = {
    "postgresql": "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off"
}
"""A small table is quickest read whole: the planner is asked what it would do with a large one."""
INDEXES = {
    "sqlite": re.compile(r"USING (?:COVERING )?(?:INTEGER PRIMARY KEY|INDEX (\S+))"),
    "postgresql": re.compile(r"Index (?:Only )?Scan(?: Backward)? using (\S+)|Bitmap Index Scan on (\S+)"),
}
READS_ALL = {"sqlite": re.compile(r"SCAN (?!.*USING)\S+"), "postgresql": re.compile(r"Seq Scan on \S+")}
SORTS = {"sqlite": re.compile(r"USE TEMP B-TREE FOR .*ORDER BY"), "postgresql": re.compile(r"(?<!Incremental )Sort  ")}


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the rows of a request are read.

    Attributes:
        level: traced, compiled or interpreted.
        reason: why not better; empty for what is traced.
        sql: the statement of a page, with its values.
        plan: how the database goes about it.
        indexes: those it uses.
    """

    level: Level
    reason: str
    sql: str
    plan: str
    indexes: tuple[str, ...]


def explain(resource: ResourceType, **parameters: str) -> Explanation:
    """Explain a page of a resource."""
    pipeline = pipeline_of(resource, parameters)
    verdict = Reading(pipeline, page(backwards=False, position=()), "").traced()
    level, reason = (Level.TRACED, "") if isinstance(verdict, Traces) else (verdict.level, verdict.reason)
    rows, refusal = rows_of(pipeline)
    if refusal is not None:
        level, reason = Level.INTERPRETED, str(refusal)
    plan = plan_of(rows)
    matches = INDEXES[connections[rows.db].vendor].findall(plan)
    names = (name for match in matches for name in ([match] if isinstance(match, str) else match) if name)
    return Explanation(level, reason, str(rows.query), plan, tuple(dict.fromkeys(names)))


def missing_indexes(resource: ResourceType) -> Iterator[str]:
    """Find the filters for equality and the orderings that no index serves."""
    grammar, vendor = grammar_of(resource), connections[resource.model._default_manager.db].vendor
    for name, filter_ in grammar.filters.items():
        value = (
            sample(resource, filter_) if isinstance(filter_, LookupFilter) and filter_.lookup_expr == "exact" else None
        )
        if value is not None:
            first = READS_ALL[vendor].search(plan_of(pipeline_of(resource, {name: value}).rows.order_by()))
            if first:
                yield f"the filter {name} has no index: {first[0]}"
    for name in grammar.orderings:
        [rows] = pipeline_of(resource, {"ordering": name}).page(keys, backwards=False, position=())
        sort = SORTS[vendor].search(plan_of(rows[: SAMPLE + 1]))
        if sort:
            yield f"the ordering {name} has no index: {sort[0].strip()}"


def pipeline_of(resource: ResourceType, parameters: dict[str, str]) -> Pipeline:
    """Make the pipeline of a request that somebody might send: a person who is no staff."""
    grammar = grammar_of(resource)
    query = understand(grammar, parameters)
    source = resource.source_for(somebody())
    return Pipeline(source, grammar, query.shape, actor_of(), query.values.filters, query.values.words)


def actor_of() -> Actor:
    """Return somebody as an actor."""
    return Actor(id=somebody().pk, scopes=frozenset("*"))


def keys(rows: QuerySet[Model], beside: Mapping[str, object]) -> QuerySet[Model, dict[str, object]]:
    """Show nothing of rows but their keys."""
    return rows.values("pk")


def rows_of(pipeline: Pipeline) -> tuple[QuerySet[Model], NotCompiled | None]:
    """Return the rows of a first page, as they are read, and why they are not compiled."""
    rendering: Compiled | Interpreted = Compiled(pipeline)
    refusal = None
    try:
        [rows] = pipeline.page(rendering.load, backwards=False, position=())
    except NotCompiled as reason:
        refusal, rendering = reason, Interpreted(pipeline)
        [rows] = pipeline.page(rendering.load, backwards=False, position=())
    return rows[: SAMPLE + 1], refusal


def plan_of(rows: QuerySet[Model]) -> str:
    """Ask the database how it would read some rows, if its tables were large."""
    with transaction.atomic(using=rows.db):
        with connections[rows.db].cursor() as cursor:
            if hint := HINTS.get(connections[rows.db].vendor):
                cursor.execute(hint)
        plan = rows.explain()
        transaction.set_rollback(True, using=rows.db)
    return plan


def sample(resource: ResourceType, filter_: LookupFilter) -> str | None:
    """Return a value that a filter would find, as a client would write it; None where there is none."""
    path = str(filter_.field_name)
    row = resource.model._default_manager.filter(**{f"{path}__isnull": False}).values_list(path, flat=True).first()
    return None if row is None or row == "" else encode(row).decode().strip('"')

"""The three levels at which rows are read. All three give the same JSON.

Traced: the statement is kept, and only its values are bound. Compiled: it is built for each request. Interpreted: the
serializer shows every row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import F, QuerySet
from prometheus_client import Counter, Gauge

from api.core.query.filters.filter_sets import LookupFilter
from api.core.read.pipeline import Pipeline, Show, Way
from api.core.read.rendering import Compiled, Interpreted, Row, Showing
from api.core.tracing.actors import ACTOR_ID, ask
from api.core.tracing.cache import Cache
from api.core.tracing.slots import Slot, Untraceable, typed
from api.core.tracing.statements import Trace, trace
from resources.core.actor import Actor
from resources.core.database import budget
from resources.core.database.drivers import Returning
from resources.core.database.membership import one_of
from resources.core.policy import Verb
from resources.core.setting import setting
from serializers.core.read.compiled.holes import Fill, filled
from serializers.core.read.compiled.refusals import NotCompiled

Values = Mapping[str, Any]


class Level(StrEnum):
    """How rows are read."""

    TRACED = "traced"
    COMPILED = "compiled"
    INTERPRETED = "interpreted"


class Part(NamedTuple):
    """What of the rows of a shape is read.

    Attributes:
        form: tells apart what is different SQL.
        values: by name; those that are None belong to the form.
        rows: of a pipeline, with a way to show rows and with values, makes the querysets to be read in turn.
        shown: whether it is rows, which are shown, and not what is said of them.
    """

    form: tuple[Any, ...]
    values: Values
    rows: Callable[[Pipeline, Show, Values], list[QuerySet[Any]]]
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a shape is not traced.

    Attributes:
        level: how its rows are read.
        reason: in words.
    """

    level: Level
    reason: str


@dataclass(frozen=True, slots=True)
class Traces:
    """What is kept of a traced shape.

    Attributes:
        traces: one for every group of actors who would answer its questions alike.
        fills: what fills the holes of its rows.
    """

    traces: tuple[Trace, ...]
    fills: Sequence[Fill]

    def good_for(self, actor: Actor) -> Trace | None:
        """Return the trace that may be used for an actor."""
        for one in self.traces:
            for question, answer in one.answers.items():
                if ask(actor, question) != answer:
                    break
            else:
                return one
        return None


PLANS: Cache[Traces | Verdict] = Cache()
_READS = Counter("headwater_reads", "Reads, by level.", ("level",))
READS = {level: _READS.labels(level.value) for level in Level}
KEPT = Gauge("headwater_plans", "Shapes whose plan, or why there is none, is kept.")
KEPT.set_function(lambda: len(PLANS.entries))
MOST_GROUPS = 16
"""Groups of actors that one shape keeps traces for."""


class Reading(NamedTuple):
    """Reads a part of the rows of a pipeline, at the best level there is.

    Attributes:
        pipeline: with the values and the actor of a request.
        part: what is read.
        origin: scheme and host of the request, for links.
    """

    pipeline: Pipeline
    part: Part
    origin: str

    def rows(self, most: int, start: int = 0) -> tuple[Level, Sequence[Row]]:
        """Read up to a number of rows, and say at which level."""
        level = Level(setting("READ_LEVEL"))
        if level is Level.TRACED:
            plan = self._kept()
            rows = self._replayed(plan, most, start)
            if rows is not None:
                return level, rows
            level = plan.level if isinstance(plan, Verdict) else Level.COMPILED
        level, rows = self._untraced(most, start, level)
        READS[level].inc()
        return level, rows

    def returning(self) -> tuple[Returning, Sequence[Fill]] | None:
        """Return what a statement that writes a row is asked for, to have it as this part shows it.

        Beside it stands what fills the holes of the row that it gives. None where no statement is kept, or where what
        is shown is of more than the row.
        """
        if setting("READ_LEVEL") != Level.TRACED:
            return None
        plan, actor = self._kept(), self.pipeline.actor
        trace = plan.good_for(actor) if isinstance(plan, Traces) else None
        if trace is None or not isinstance(plan, Traces):
            return None
        [statement] = trace.statements
        sql = statement.of_row(self.pipeline.grammar.model)
        params = statement.bind({ACTOR_ID: actor.id}, connections[statement.database])
        return None if sql is None else (Returning(statement.database, sql, tuple(params)), plan.fills)

    def _kept(self) -> Traces | Verdict | None:
        """Return what is kept of the shape, for this actor, too; and keep it, if it comes again."""
        key = self._key()
        plan = PLANS.get(key)
        known = isinstance(plan, Verdict) or (plan is not None and plan.good_for(self.pipeline.actor))
        if not known and PLANS.worth(key):
            plan = self.traced(plan if isinstance(plan, Traces) else None)
            PLANS.keep(key, plan)
        return plan

    def traced_rows(self, most: int) -> Sequence[Row] | None:
        """Read up to a number of rows by a statement that is kept; None where there is none."""
        return self._replayed(PLANS.get(self._key()), most, 0) if setting("READ_LEVEL") == Level.TRACED else None

    def _key(self) -> Hashable:
        grammar = self.pipeline.grammar
        return (grammar.resource, self.pipeline.shape, self.part.form, grammar.hidden)

    def _replayed(self, plan: Traces | Verdict | None, most: int, start: int) -> Sequence[Row] | None:
        """Run the statements that are kept for the actor; None where there are none."""
        trace = plan.good_for(self.pipeline.actor) if isinstance(plan, Traces) else None
        if trace is None or not isinstance(plan, Traces):
            return None
        values = {**self.values(), ACTOR_ID: self.pipeline.actor.id}
        rows: Sequence[Row] = ()
        for statement in trace.statements:
            if len(rows) < most:
                found = statement.fetch(values, most - len(rows), start)
                rows = [*rows, *found] if rows else found
        READS[Level.TRACED].inc()
        return self._filled(plan.fills, rows) if plan.fills else rows

    def _untraced(self, most: int, start: int, level: Level) -> tuple[Level, Sequence[Row]]:
        if level is Level.COMPILED or not self.part.shown:
            try:
                return level, self._shown(Compiled(self.pipeline), most, start)
            except NotCompiled:
                pass
        return Level.INTERPRETED, self._shown(Interpreted(self.pipeline), most, start)

    def _shown(self, showing: Showing, most: int, start: int) -> Sequence[Row]:
        rows: list[Any] = []
        for stretch in self.part.rows(self.pipeline, showing.load, self.part.values):
            if len(rows) < most:
                rows += stretch[start : start + most - len(rows)]
        shown = showing.show(rows)
        return self._filled(showing.fills, shown) if showing.fills else shown

    def _filled(self, fills: Sequence[Fill], rows: Sequence[Row]) -> Sequence[Row]:
        budget.check()
        return [(filled(row[0], fills, self.origin), *row[1:]) for row in rows]

    def values(self) -> dict[str, Any]:
        """Return the values that slots stand for, by their names."""
        named = {f"filter.{place}": value for place, value in enumerate(self.pipeline.filters)}
        named |= {f"word.{place}": word for place, word in enumerate(self.pipeline.words)}
        return named | {name: value for name, value in self.part.values.items() if value is not None}

    def traced(self, plan: Traces | None = None) -> Traces | Verdict:
        """Trace the shape for its actor, beside those it has been traced for."""
        fills: list[Fill] = []

        def build(actor: Any, values: Values) -> list[QuerySet[Any]]:
            showing = Compiled(self._with(actor, values))
            found = self.part.rows(showing.pipeline, showing.load, {**self.part.values, **values})
            fills[:] = showing.fills
            return found

        try:
            refuse_own_code(self.pipeline)
            found = trace(build, self.pipeline.actor, self.values())
        except NotCompiled as reason:
            return Verdict(Level.INTERPRETED, str(reason))
        except Untraceable as reason:
            return Verdict(Level.COMPILED, str(reason))
        return Traces((*(plan.traces[1 - MOST_GROUPS :] if plan else ()), found), tuple(fills))

    def _with(self, actor: Any, values: Values) -> Pipeline:
        """Return the pipeline with an actor and values, and without a request."""
        filters = [values[f"filter.{place}"] for place in range(len(self.pipeline.filters))]
        words = [values[f"word.{place}"] for place in range(len(self.pipeline.words))]
        source = self.pipeline.resource.source()
        return replace(self.pipeline, source=source, actor=actor, filters=filters, words=words)


def refuse_own_code(pipeline: Pipeline) -> None:
    """Refuse what may look at the request, or at the clock, each time anew.

    Raises:
        Untraceable: says what.
    """
    own = pipeline.resource.custom_code
    if own is not None:
        raise Untraceable(f"{own} is code of the viewset's own")
    for name in pipeline.shape.filters():
        filter_ = pipeline.grammar.filters[name]
        if type(filter_) is not LookupFilter or not filter_.traceable:
            raise Untraceable(f"the filter {name} is asked each time anew")


def page(*, backwards: bool, position: Sequence[Any], way: Way = Way.PLANNED) -> Part:
    """Return the rows beyond a position, in a direction, as they are found one way."""
    named = {f"position.{place}": value for place, value in enumerate(position)}

    def rows(pipeline: Pipeline, show: Show, values: Values) -> list[QuerySet[Any]]:
        return pipeline.page(show, backwards=backwards, position=[values[name] for name in named], way=way)

    return Part(("page", way, backwards, *[value is None for value in position]), named, rows)


def total(most: int | None, way: Way = Way.EVERY) -> Part:
    """Return how many rows there are, or how many up to a number, as they are found one way."""
    return Part(("total", most, way), {}, lambda pipeline, *_: [pipeline.total(most, way)], shown=False)


def sighted(most: int) -> Part:
    """Return how many rows are met where all are found, up to a number: see `Pipeline.sighted`."""
    return Part(("sighted", most), {}, lambda pipeline, *_: [pipeline.sighted(most)], shown=False)


def item(column: str, key: Any, verb: Verb | None = None) -> Part:
    """Return the row with a key; with a verb, whether the actor may do that with it stands beside it."""

    def rows(pipeline: Pipeline, show: Show, values: Values) -> list[QuerySet[Any]]:
        stored: Any = pipeline.grammar.model._meta.get_field(column)
        return pipeline.item(show, column=column, key=typed(values["key"], stored), verb=verb)

    return Part(("item", column, verb), {"key": key}, rows)


def written(verb: Verb) -> Part:
    """Return any row, as the statement that writes it gives it: see `Pipeline.written`."""

    def rows(pipeline: Pipeline, show: Show, values: Values) -> list[QuerySet[Any]]:
        return pipeline.written(show, verb=verb)

    return Part(("written", verb), {}, rows)


def among(keys: Sequence[Any]) -> Part:
    """Return the rows with some keys, each with its key beside it.

    It is compiled each time: how many keys there are is part of the statement.
    """

    def rows(pipeline: Pipeline, show: Show, values: Values) -> list[QuerySet[Any]]:
        if isinstance(values["keys"], Slot):
            raise Untraceable("the keys are as many as rows were sent")
        held = one_of(pipeline.single_rows.model._meta.pk, values["keys"])
        return [show(pipeline.single_rows.filter(held), {"_key": F("pk")})]

    return Part(("among",), {"keys": keys}, rows)

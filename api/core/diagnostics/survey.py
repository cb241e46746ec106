"""Every filter and ordering that resources offer: which have no index, and which read many rows for each they return.

The first is told by what is declared, whatever a table holds today. The second is tried by EXPLAIN, where a table has
so many rows that the estimates of the database mean something.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, transaction
from django.db.models import Field, Model, QuerySet
from django_filters.utils import get_model_field

from api.core.diagnostics.explain import SAMPLE, pipeline_of
from api.core.diagnostics.proposed_indexes import Proposal, proposal, proposal_for_search
from api.core.diagnostics.rows_read import By, Reading, rows_in, rows_read
from api.core.diagnostics.trial_values import TrialValue, trial_values, words_to_try
from api.core.diagnostics.trials import ALL, Trial
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.lookups import COMPARISONS, PATTERNS
from api.core.query.filters.search import column_of
from api.core.query.grammar import grammar_of
from api.core.resource.resource_type import ResourceType
from serializers.core.problems import Refusal

TOO_MANY = 100
"""Rows that are read for each that is returned."""
MANY = 10_000
"""Rows of a table by which the estimates of the database mean something: fewer are quickest read whole."""
FINE = 50_000
"""Rows that a list may read however few it returns: a database takes some hundredths of a second for them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A list that has no index, or reads too many rows.

    Attributes:
        trial: which.
        value: of the filter, with which it reads most for each row that it returns.
        reading: what it reads; None where that is little today.
        size: about how many rows the table has.
        proposal: the index that would serve it.
        indexed: whether an index serves it.
    """

    trial: Trial
    value: str
    reading: Reading | None
    size: int
    proposal: Proposal | None
    indexed: bool

    @property
    def each(self) -> float:
        """Return how many rows are read for each that is returned."""
        return self.reading.each if self.reading else 0.0

    def __str__(self) -> str:
        """Say it in a line."""
        asked = [f"{self.trial.filtered}={self.value}"] if self.trial.filtered else []
        asked += [f"ordering={self.trial.ordered}"] if self.trial.ordered else []
        what = f"{self.trial.resource.plural}?{'&'.join(asked)}"
        if self.reading is None:
            return f"{what} has no index (about {self.size:,} rows today)"
        numbers = f"{self.reading.rows:,.0f} rows for {max(1.0, self.reading.returned):,.0f}"
        return f"{what} reads {numbers}: {self.reading.because}"


@dataclass
class Survey:
    """What was tried, found, and left out.

    Attributes:
        tried: how many statements were explained.
        findings: what reads too much, worst first when all is done.
        known: how many more there are of each resource whose viewset says so (`unindexed`).
        needless: what viewsets say to have no index, and has one, or is not offered.
        left_out: what was not tried, with the reason.
        late: how many trials of each resource had no time left.
    """

    tried: int = 0
    findings: list[Finding] = field(default_factory=list)
    known: Counter[str] = field(default_factory=Counter)
    needless: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    late: Counter[str] = field(default_factory=Counter)

    @property
    def failing(self) -> list[Finding]:
        """Return what a check does not let pass: a filter or an ordering by itself."""
        return [each for each in self.findings if each.trial.alone]

    @property
    def lines(self) -> Iterator[str]:
        """Yield a line for each filter that reads too much in some order, and for each ordering that does by itself."""
        by_filter: dict[tuple[ResourceType, str, str], list[Finding]] = {}
        for each in self.findings:
            trial = each.trial
            key = (trial.resource, trial.filtered, "" if trial.filtered else trial.ordered)
            by_filter.setdefault(key, []).append(each)
        for found in by_filter.values():
            first = next((each for each in found if each.trial.alone), found[0])
            others = [each for each in found if each is not first]
            orders = ", ".join(each.trial.ordered for each in others)
            yield f"{first}{f'; likewise in the order of {orders}' if others else ''}"

    @property
    def proposals(self) -> dict[type[Model], list[tuple[Proposal, int]]]:
        """Return the proposed indexes of each model, with how many findings each would serve, the most useful first."""
        counted = Counter(each.proposal for each in self.findings if each.proposal is not None).most_common()
        by_model: dict[type[Model], list[tuple[Proposal, int]]] = {}
        for each, served in counted:
            by_model.setdefault(each.model, []).append((each, served))
        return by_model


def survey(resources: Iterable[ResourceType], *, seconds: float) -> Survey:
    """Try what resources offer, until the time is over: what is asked alone first, since most is asked so."""
    until, done = time.monotonic() + seconds, Survey()
    trials = [each for resource in resources for each in _offered(resource, done)]
    done.needless += _needless(trials)
    known: dict[tuple[ResourceType, str], list[TrialValue]] = {}
    for trial in sorted(trials, key=lambda trial: not trial.alone):
        name = trial.resource.plural
        if time.monotonic() > until:
            done.late[name] += 1
            continue
        try:
            with transaction.atomic(using=trial.resource.model._default_manager.db):
                values = known.get((trial.resource, trial.filtered))
                if values is None:
                    values = known[trial.resource, trial.filtered] = list(_values(trial))
                _try(trial, values, done)
        except (Refusal, DatabaseError) as fault:
            done.left_out[f"{name}?{trial.filtered or 'ordering'}"] = str(fault).partition("\n")[0]
        except Exception as fault:  # whatever custom code of the viewset may raise, the others are tried
            done.left_out[name] = f"its own code fails in a plain request: {fault!r}"
    done.findings.sort(key=lambda each: each.each, reverse=True)
    return done


def _needless(trials: Iterable[Trial]) -> Iterator[str]:
    """Yield what viewsets say to have no index, and has one, or is not offered."""
    lacking = {(each.resource, each.name) for each in trials if each.lacks is not None}
    for resource in dict.fromkeys(each.resource for each in trials):
        declared = resource.options.unindexed
        names = () if declared == ALL else declared
        yield from (f"{resource.declared_by}: {name}" for name in names if (resource, name) not in lacking)


def _offered(resource: ResourceType, done: Survey) -> Iterator[Trial]:
    """Yield what a resource offers; of a small table, no filter with an ordering: that has no index of its own.

    An ordering is tried in one direction: an index is read in either.
    """
    grammar, size = grammar_of(resource), _size(resource)
    filters = [name for name, each in grammar.filters.items() if isinstance(each, LookupFilter)]
    for name in (name for name in grammar.filters if name not in filters):
        done.left_out[f"{resource.plural}?{name}"] = "it is a filter of your own, whose values are not known"
    filters += ["search"] if grammar.search else []
    orderings = list(grammar.orderings)
    pairs = ((filter_, name) for filter_ in filters for name in orderings) if size >= MANY else ()
    yield from (
        Trial(resource, filter_, name)
        for filter_, name in chain(((each, "") for each in filters), (("", each) for each in orderings), pairs)
    )


def _values(trial: Trial) -> Iterator[TrialValue]:
    grammar, using = grammar_of(trial.resource), trial.resource.model._default_manager.db
    if not trial.filtered:
        yield TrialValue("", 1.0)
    elif trial.filtered == "search":
        fields = [field for field in grammar.search if column_of(trial.resource.model, field)[1]]
        for path in [field for field in fields if field[0] not in "=^@"][:1] or fields[:1]:
            column = get_model_field(trial.resource.model, path.lstrip("=^@"))
            yield from words_to_try(column, using)
    else:
        filter_ = grammar.filters[trial.filtered]
        assert isinstance(filter_, LookupFilter)  # noqa: S101 - others are not offered to be tried
        yield from trial_values(filter_, using)


def _try(trial: Trial, values: Iterable[TrialValue], done: Survey) -> None:
    """Explain it with each value, and keep the worst, if it reads too much, or has no index."""
    size, worst, indexed = _size(trial.resource), None, trial.lacks is None
    for value in values if size >= MANY else ():
        asked = {trial.filtered: value.text} if trial.filtered else {}
        asked |= {"ordering": trial.ordered} if trial.ordered else {}
        done.tried += 1
        try:
            reading = _read(trial, asked, value.share)
        except EmptyResultSet:
            continue  # Django sees that it finds nothing, and asks no database
        if reading is not None and (worst is None or reading.each > worst[0].each):
            worst = reading, value.text
    if worst is None and indexed:
        return
    if trial.known:
        done.known[trial.resource.plural] += 1
        return
    reading, text = worst or (None, next((value.text for value in values), ""))
    done.findings.append(Finding(trial, text, reading, size, _proposal(trial), indexed))


def _read(trial: Trial, asked: Mapping[str, str], share: float) -> Reading | None:
    """Estimate what a list reads of a large table; None where that is little for each row that it returns."""
    [rows] = pipeline_of(trial.resource, dict(asked)).page(_columns, backwards=False, position=())
    filter_ = grammar_of(trial.resource).filters.get(trial.filtered)
    by, guessed = By(), trial.filtered == "search"
    if isinstance(filter_, LookupFilter):
        guessed = filter_.lookup_expr in PATTERNS
        if isinstance(filter_.column, Field) and filter_.column.column:
            table = filter_.column.model._meta.db_table
            by = By(table, filter_.column.column, compared=filter_.lookup_expr in COMPARISONS)
    reading = rows_read(rows, share=share, guessed=guessed, by=by, page=SAMPLE + 1)
    return reading if reading.each > TOO_MANY and reading.rows > FINE else None


def _columns(rows: QuerySet[Model], beside: Mapping[str, object]) -> QuerySet[Model, dict[str, object]]:
    """Show the columns of rows: an index that happens to hold their keys does not hold what a page shows."""
    return rows.values(*(column.attname for column in rows.model._meta.concrete_fields))


def _proposal(trial: Trial) -> Proposal | None:
    grammar = grammar_of(trial.resource)
    if trial.filtered == "search":
        return proposal_for_search(grammar.model, grammar.search)
    filter_ = grammar.filters.get(trial.filtered)
    term = grammar.orderings[trial.ordered] if trial.ordered else None
    if term is None and filter_ is not None and len(grammar.order) <= 2:
        term = grammar.order[0]
    return proposal(grammar.model, filter_ if isinstance(filter_, LookupFilter) else None, term)


def _size(resource: ResourceType) -> int:
    model = resource.model
    return rows_in(model._meta.db_table, model._default_manager.db)

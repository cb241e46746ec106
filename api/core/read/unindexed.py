"""Lists for which a large table would be read whole are refused, before the database is asked.

May refuse: a filter, a search or an order that no index serves, on a table of more rows than `UNINDEXED_ROWS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.grammar import Grammar
from api.core.query.missing_indexes import ORDER, filter_lacks, missing, missing_anywhere
from api.core.query.parameters.templates import Parameters
from api.core.query.shape import Missing, Shape
from api.core.resource.deprecation import deprecation_of
from resources.core.actor import Actor
from resources.core.database.table_size import table_size
from resources.core.setting import setting
from serializers.core.problems import Fault, refuse

NAMED = 8
"""Filters that are named as those that would do."""


def refuse_unindexed(grammar: Grammar, shape: Shape, actor: Actor, parameters: Parameters) -> None:
    """Refuse what no index serves, unless the tables are small, or nobody knows.

    Nobody knows of code of the viewset's own, which may choose few rows. Who is left rows of their own by the policy
    has those looked at, and no others.

    Args:
        grammar: what the actor may ask for, and so may be told of.
        shape: what they ask for.
        actor: who asks.
        parameters: as they were sent.

    Raises:
        Refusal: `invalid-parameters`, with the code `no_index`.
    """
    resource = grammar.resource
    most: int | None = setting("UNINDEXED_ROWS")
    if most is None or not missing_anywhere(resource, shape) or resource.custom_code is not None:
        return
    if resource.policy.own("read", resource.in_scope("read", actor)) is not None:
        return
    lacking = missing(resource, shape, lambda model: table_size(model, model._default_manager.db) > most)
    if lacking:
        sent = {name for name, _ in parameters}
        faults = [Fault("no_index", _told(grammar, each, most), parameter=_parameter(each, sent)) for each in lacking]
        raise refuse("invalid-parameters", faults[0].detail, faults)


def _parameter(lacking: Missing, sent: set[str]) -> str:
    """Return the parameter that asks for it: one of its name, or a group of filters."""
    return lacking.name if lacking.name in sent or lacking.name == ORDER else "filter"


def _told(grammar: Grammar, lacking: Missing, most: int) -> str:
    """Say what is missing, and what would do; but not how many rows there are, of which somebody may read few."""
    others = ", ".join(islice(_served(grammar), NAMED))
    return (
        f"No index serves {lacking.name}, and {lacking.model._meta.verbose_name_plural} have more rows than "
        f"UNINDEXED_ROWS ({most:,}). "
        + (f"Add a filter that has one, such as {others}." if others else "No filter here has one.")
    )


def _served(grammar: Grammar) -> Iterator[str]:
    """Name filters that an index serves, those by equality, but none that is going to go."""
    plain = ((name, each) for name, each in grammar.filters.items() if isinstance(each, LookupFilter))
    stay = ((name, each) for name, each in plain if deprecation_of(grammar.deprecated, name) is None)
    equal = ((name, each) for name, each in stay if each.lookup_expr == "exact")
    return (name for name, each in equal if filter_lacks(grammar.model, each) is None)

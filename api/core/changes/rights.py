"""Whether what somebody may read of a resource became more or less otherwise than by changes of its own rows.

Who is added to a trip may read its stops from then on, of which none was changed. No event tells that: they are told to
read the list again. Asked are the places where a policy says that people are named (`Policy.own`); where it does not
say, every change of a table that it asks counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import ForeignKey, Model, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from api.core.changes.facts import UNKNOWN, tables_asked
from api.core.changes.images import POSITION, TRANSACTION, Beside, Images, Side
from api.core.changes.images import in_place as put_in_place
from api.core.changes.visibility import Visibility, span_of
from resources.core.actor import Actor
from resources.core.api_keys.models import ApiKey
from resources.core.database import raw_forms
from resources.core.database.related import LOOKUP_SEPARATOR, end_of, relation
from resources.core.journal.log import Entry
from resources.core.journal.tables import is_journaled
from resources.core.keys import Key
from resources.core.policy import ALL, Own


class PolicyPlace(NamedTuple):
    """Where a policy says that somebody is named.

    Attributes:
        named: the place.
        model: whose rows name them.
        link: the column by which those refer to what is shown because of them; None where that refers to them.
        shown: what they refer to.
        between: the tables in between, whose references lead there.
        rows: those that are shown because of it.
        path: from them to what the place is about; empty where they are that.
    """

    named: Own
    model: type[Model]
    link: ForeignKey[Model, Model] | None
    shown: type[Model] | None
    between: frozenset[str]
    rows: type[Model]
    path: str


class Facts(NamedTuple):
    """What decides, beside its own rows, who may read what of a resource.

    Attributes:
        places: where the actor is named.
        tables: those whose changes are looked at, by the names of tables.
        any_change: whether all of them count; else those only of rows that name the actor.
    """

    places: Sequence[PolicyPlace]
    tables: frozenset[str]
    any_change: bool


def facts_of(visibility: Visibility) -> Facts:
    """Find out what decides who may read what of a resource."""
    pipeline = visibility.pipeline
    resource, actor = pipeline.resource, pipeline.actor
    asked = tables_asked(pipeline.single_rows.query) - {UNKNOWN}
    if not visibility.is_exact:  # a row that it does not show as it stands now is told about in another way
        asked -= {resource.model._meta.db_table}
    if not asked:
        return Facts((), asked, any_change=False)
    own = None if resource.chooses_rows else resource.policy.own("read", resource.in_scope("read", actor))
    if own is None or any(each.also is not ALL for each in own):
        return Facts((), asked, any_change=True)
    places = [_place(resource.model, each) for each in own if each.path]
    return Facts(places, frozenset().union(*({e.model._meta.db_table} | e.between for e in places)), any_change=False)


def _place(model: type[Model], own: Own) -> PolicyPlace:
    before, _, name = own.path.rpartition(LOOKUP_SEPARATOR)
    shown, end = end_of(model, before), end_of(model, own.path)
    step = relation(shown, name)
    names = own.path.split(LOOKUP_SEPARATOR)
    if isinstance(step, ForeignObjectRel) and isinstance(step.field, ForeignKey):
        link, passed = step.field, names[:-2]
    else:
        link, passed = None, names[:-1]
    models = (end_of(model, LOOKUP_SEPARATOR.join(names[:place])) for place in range(1, len(passed) + 1))
    between = frozenset(each._meta.db_table for each in models) - {end._meta.db_table}
    return PolicyPlace(own, end, link, shown if link else None, between, model, before if link else own.path)


def has_changed(facts: Facts, entries: Mapping[str, Sequence[Entry]], using: str) -> bool:
    """Whether something that decides changed, so that rows were gained or lost of which there is no change.

    Args:
        facts: what decides.
        entries: changes between two positions, by the names of their tables.
        using: the alias of the database.
    """
    if facts.any_change:
        return any(entries.get(table) for table in facts.tables)
    moved = (table for place in facts.places for table in place.between)
    if any(entry.operation == "U" for table in moved for entry in entries.get(table, ())):
        return True
    changes = ((place, entries.get(place.model._meta.db_table, ())) for place in facts.places)
    return any(_names_otherwise(place, own, using) or _was_left_before(place, own, using) for place, own in changes)


def _names_otherwise(place: PolicyPlace, entries: Sequence[Entry], using: str) -> bool:
    """Whether a change made the place name the actor, or name them no more; with the row it is about, that is told."""
    if (
        place.link is None
    ):  # a row that came or went did so with those that refer to it, which have changes of their own
        entries = [entry for entry in entries if entry.operation == "U"]
    if not entries:
        return False
    before, after = (_naming(place, entries, side, using) for side in ("before", "after"))
    for entry in entries:
        told = [side[entry.position] for side in (before, after) if entry.position in side]
        if len(told) == 1 and not (place.link and _came_or_went(place, entry, told[0], using)):
            return True
        if len(told) == 2 and told[0] != told[1]:
            return True
    return False


def _naming(place: PolicyPlace, entries: Sequence[Entry], side: Side, using: str) -> Mapping[int, Key | None]:
    """Return the positions of changes whose row names the actor on a side, with what it refers to."""
    rows = QuerySet[Model](place.model, using=using).filter(place.named.named)
    link = "pk" if place.link is None else place.link.attname
    asked = rows.annotate(**{POSITION: Beside(POSITION)}).values_list(POSITION, link)
    span = span_of({"first": entries[0].position - 1, "last": entries[-1].position}, "IUD")
    named = put_in_place(asked, lambda alias: Images(place.model, alias, side, span))
    return dict(named)


def _was_left_before(place: PolicyPlace, entries: Sequence[Entry], using: str) -> bool:
    """Whether what names the actor was deleted after rows had left it, by transactions before.

    A stop is deleted, and its trip later. Who reads on after both is told of what went with the trip; whether they
    could read the stop, nothing tells any more, be it in this page or in an earlier one that was read after that.
    """
    deleted = [entry for entry in entries if entry.operation == "D"]
    if not deleted or not place.path:
        return False
    named = _naming(place, deleted, "before", using)
    return any(_had_left(place, entry, named[entry.position], using) for entry in deleted if entry.position in named)


def _had_left(place: PolicyPlace, entry: Entry, value: Key | None, using: str) -> bool:
    """Whether a row that referred to something was deleted or came to refer to another, by another transaction."""
    if value is None or LOOKUP_SEPARATOR in place.path:
        return value is not None  # what stands in between may be gone, too

    def changes(model: type[Model], column: str, side: Side, first: int, operations: str) -> set[tuple[int, object]]:
        rows = QuerySet[Model](model, using=using).filter(**{column: value})
        asked = rows.annotate(**{name: Beside(name) for name in (POSITION, TRANSACTION)})
        span = span_of({"first": first, "last": entry.position}, operations)
        return {*put_in_place(asked.values_list(POSITION, TRANSACTION), partial(Images, model, side=side, span=span))}

    made = max((position for position, _ in changes(place.shown or place.model, "pk", "after", -1, "I")), default=-1)
    before, after = (changes(place.rows, place.path, side, made, "UD") for side in SIDES)
    return any(str(transaction) != str(entry.transaction) for _, transaction in before - after)


SIDES: Sequence[Side] = ("before", "after")


def _came_or_went(place: PolicyPlace, entry: Entry, value: Key | None, using: str) -> bool:
    """Whether what a row refers to was made, or was deleted, by the very transaction that made or deleted the row."""
    assert place.link is not None and place.shown is not None  # noqa: S101, PT018 - as the caller has seen
    if value is None or entry.transaction is None or entry.operation == "U" or not place.link.target_field.primary_key:
        return False
    connection = connections[using]
    key = raw_forms.key_text(place.link.target_field, value, connection)
    with connection.cursor() as cursor:
        cursor.execute(SAME, [place.shown._meta.db_table, key, entry.operation, str(entry.transaction)])
        return cursor.fetchone() is not None


SAME = (
    "SELECT 1 FROM headwater_change WHERE table_name = %s AND key = %s AND operation = %s"
    ' AND CAST("transaction" AS text) = %s'
)


def own_rows(actor: Actor, using: str) -> Mapping[str, str]:
    """Return the raw keys of the rows that say who somebody is, and what their key may do, by the names of tables."""
    people, rows = get_user_model(), dict[str, str]()
    for model, key in ((people, actor.id), (ApiKey, actor.key)):
        if key is not None and is_journaled(model):
            rows[model._meta.db_table] = raw_forms.key_text(model._meta.pk, key, connections[using])
    return rows

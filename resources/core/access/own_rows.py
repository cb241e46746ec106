"""Which rows are one's own, gathered from where one is named: bounded by their number, whatever the table holds.

A policy is a condition, and "a member, or the owner" is one that no index answers: who has three trips would walk those
of everybody. Who has few rows has them gathered by their keys, `id IN (... UNION ALL ...)`. Who has many meets one of
them every few rows, and goes on walking. Both give the same rows, so the choice decides nothing but the time it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.core.exceptions import FieldError
from django.db import connections
from django.db.models import ForeignKey, ForeignObjectRel, Model, Q, QuerySet, Subquery

from resources.core.actor import Actor
from resources.core.database.related import (
    LOOKUP_SEPARATOR,
    Relation,
    end_of,
    probing,
    referred_column,
    referred_name,
    relation,
    split_at_many,
)
from resources.core.database.remembered import Remembered
from resources.core.database.table_size import PAGE, few_among, table_size
from resources.core.policy import ALL, Own, Policy, Verb

SMALL = 5_000
"""Rows of a table in which nobody's are worth counting."""


type Values = QuerySet[Model, Mapping[str, object]]
"""Rows of one column."""


class Gathered(NamedTuple):
    """Rows that are found by what a column of theirs holds.

    Attributes:
        column: the path to it.
        values: what it holds.
        model: whose rows the values name, several of the rows each; None where it is one each.
        are_keys: whether each value is the key of a row that there is: the database sees to it, or it was looked for.
    """

    column: str
    values: Values
    model: type[Model] | None = None
    are_keys: bool = False

    def condition(self) -> Q:
        """Return the condition of the rows."""
        return Q(**{f"{self.column}__gathered": self.values})

    def among_others(self) -> Q:
        """Return the same condition, for rows that other conditions have found."""
        return Q(**{f"{self.column}__inside": self.values})


@dataclass(frozen=True, eq=False)
class OwnRows:
    """The rows of a model that a policy leaves to somebody.

    Attributes:
        policy: says which.
        verb: what they would do with them.
        model: whose rows.
    """

    policy: Policy
    verb: Verb
    model: type[Model]

    def condition(self, actor: Actor, *, whole: bool = False) -> Q:
        """Return the condition of the rows, as a page of them is found quickest for the actor.

        Args:
            actor: who asks.
            whole: whether no filter leaves out some of them.
        """
        gathered = self._gathered(actor)
        rows = self.policy.rows(self.verb, actor)
        if gathered is None:
            return rows
        few = actor.has_few(self) or (whole and actor.has_few(self.at_ends))
        return gathered.condition() if few else probing(rows)

    def few(self, actor: Actor) -> Q | None:
        """Return the condition by which few rows are gathered; None where they are many, or no index needs that."""
        gathered = self._gathered(actor)
        return gathered.condition() if gathered is not None and actor.has_few(self) else None

    def keys(self, actor: Actor) -> Values | None:
        """Return the keys of all of them, each once; None where that takes a look at the rows."""
        gathered = self._gathered(actor)
        if gathered is None or not gathered.are_keys:
            return None
        values = gathered.values
        return values.distinct() if values.query.combinator is None else _distinct(values)

    @cached_property
    def at_ends(self) -> OwnRowsAtEnds:
        """Return those of them that stand at the ends of the table."""
        return OwnRowsAtEnds(self)

    def every(self, actor: Actor, *, whole: bool = False) -> Q:
        """Return the condition of the rows, as all of them are found quickest.

        Args:
            actor: who asks.
            whole: whether no filter leaves out some of them.
        """
        gathered, rows = self._gathered(actor), self.policy.rows(self.verb, actor)
        if gathered is None:
            return rows
        if whole or actor.has_few(self):
            return gathered.condition()
        # Those that a filter finds are looked for among the many. PostgreSQL chooses by itself whether to do so.
        return gathered.among_others() if connections[gathered.values.db].vendor == "sqlite" else rows

    def are_few(self, actor: Actor) -> bool:
        """Whether the actor has so few rows that gathering them costs less than to walk until a page is full."""
        return _remembered(self, actor, self.size, self._count)

    @property
    def size(self) -> int:
        """Return about how many rows everybody has."""
        return table_size(self.model, self.model._base_manager.db)

    @property
    def most(self) -> int:
        """Return how many of them are few."""
        return few_among(self.size)

    def _count(self, actor: Actor) -> bool:
        gathered = self._gathered(actor)
        if gathered is None:
            return False
        using, share = gathered.values.db, self.most
        if gathered.model is not None:  # each of whose rows has several of these
            share = max(1, share * table_size(gathered.model, using) // max(1, self.size))
        return gathered.values[: share + 1].count() <= share

    def _gathered(self, actor: Actor) -> Gathered | None:
        """Gather the rows; None where they cannot be, or an index answers the policy as it is."""
        places = self.policy.own(self.verb, actor)
        if not places or (len(places) == 1 and not places[0].path):
            return None
        try:
            return gather(self.model, places)
        except FieldError:  # a rule names an annotation, which only the rows of a viewset have
            return None


@dataclass(frozen=True, eq=False)
class OwnRowsAtEnds:
    """One's own rows at both ends of a table: few where they do not lie among those of others.

    Who came when the table was half full has none in its first half, and a page is far away, however many they have.
    """

    own: OwnRows

    def are_few(self, actor: Actor) -> bool:
        """Whether there is no page of them at either end, among so many rows as may be gathered."""
        return _remembered(self, actor, self.own.size, self._look)

    def _look(self, actor: Actor) -> bool:
        rows = QuerySet[Model](self.own.model)
        allowed = rows.filter(probing(self.own.policy.rows(self.own.verb, actor)))
        for order, side in (("pk", "lt"), ("-pk", "gt")):
            end = Subquery(rows.order_by(order).values("pk")[self.own.most : self.own.most + 1])
            if allowed.filter(**{f"pk__{side}": end}).order_by()[:PAGE].count() < PAGE:
                return True
        return False


def gather(model: type[Model], places: Sequence[Own]) -> Gathered | None:
    """Gather rows of a model from some places; None where nothing leads back from one of them."""
    plain: dict[str, list[Gathered]] = {}
    keys: list[Values] = []
    for place in places:
        part = _gather_from(model, place)
        if part is None:
            return None
        if place.also is ALL:
            plain.setdefault(part.column, []).append(part)
        else:
            keys.append(_keys_of(model, part.condition(), place.also))
    united = [
        each[0]._replace(values=_union([part.values for part in each]), are_keys=all(part.are_keys for part in each))
        for each in plain.values()
    ]
    if len(united) == 1 and not keys:
        return united[0]
    keys += [each.values if each.column == "pk" else _keys_of(model, each.condition()) for each in united]
    return Gathered("pk", _union(keys), are_keys=all(each.are_keys or each.column != "pk" for each in united))


def _keys_of(model: type[Model], *conditions: Q) -> Values:
    """Return the keys of the rows that meet some conditions, in no order: none may stand inside a union."""
    return QuerySet(model).filter(*conditions).order_by().values("pk")


def _union(parts: Sequence[Values]) -> Values:
    return parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True).order_by()


def _distinct(union: Values) -> Values:
    """Return each value of a union once."""
    distinct = union.all()
    distinct.query.combinator_all = False
    return distinct


def _gather_from(model: type[Model], place: Own) -> Gathered | None:
    """Return what the rows hold that are named at a place, by the last relation on the way to it."""
    if not place.path:
        return Gathered("pk", _keys_of(model, place.named), are_keys=True)
    before, _, name = place.path.rpartition(LOOKUP_SEPARATOR)
    if split_at_many(model, before)[1]:
        return None
    owner = end_of(model, before)
    step = relation(owner, name)
    if step is None:
        return None
    if isinstance(step, ForeignKey):
        named = QuerySet[Model](step.related_model).filter(
            place.named
        )  # as a join meets them, whatever a manager hides
        return Gathered(place.path, named.order_by().values(step.target_field.attname), step.related_model)
    if not isinstance(step, ForeignObjectRel) or not isinstance(step.field, ForeignKey):
        return None
    # As `Some` meets them, or for a one-to-one relation a join.
    related = QuerySet(step.related_model) if step.one_to_one else step.related_model._base_manager.all()
    values = related.filter(place.named, **{f"{step.field.name}__isnull": False}).order_by().values(step.field.attname)
    column = _column(model, before, owner, step)
    # A reference to a table that this one inherits from may name a row that is in that one only.
    same = not before and step.field.related_model._meta.concrete_model is model._meta.concrete_model
    are_keys = same and column == "pk" and bool(getattr(step.field, "db_constraint", True))
    return Gathered(column, values, owner if before else None, are_keys)


def _column(model: type[Model], before: str, owner: type[Model], step: Relation) -> str:
    """Name the column that what is behind a relation refers to: a reference to it, where the rows hold one."""
    referred = referred_column(step)
    if not before:
        return referred_name(owner, referred)
    path, _, name = before.rpartition(LOOKUP_SEPARATOR)
    reference = relation(end_of(model, path), name)
    if isinstance(reference, ForeignKey) and reference.target_field == referred:
        return before
    return f"{before}{LOOKUP_SEPARATOR}{referred_name(owner, referred)}"


def _remembered(rows: Hashable, actor: Actor, size: int, count: Callable[[Actor], bool]) -> bool:
    """Return whether the actor has few of some rows, counted a minute ago at most."""
    if size <= SMALL:
        return True
    question = rows, actor.id, actor.is_staff, actor.scopes
    few = _answers.get(question)
    if few is None:
        few = count(actor)
        _answers.keep(question, few)
    return few


def forget() -> None:
    """Ask again from now on."""
    _answers.answers.clear()


_answers: Remembered[bool] = Remembered()
"""Who has few rows. What is out of date costs time, and shows nobody other rows."""

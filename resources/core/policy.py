"""Who may do what: a policy turns a verb and an actor into a condition on rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from django.db.models import Q

from resources.core.actor import EVERYTHING, SCOPE, Actor
from resources.core.database.person_columns import is_person
from resources.core.database.related import LOOKUP_SEPARATOR, Some

Verb = Literal["read", "create", "update", "delete"]

# An empty Q() disappears when it is or-ed with another; these two keep their meaning in any company,
# and cost nothing: Django leaves the first out of the SQL and answers the second without a query.
NONE = Q(pk__in=[])
ALL = ~NONE


def both(one: Q, other: Q) -> Q:
    """Combine two conditions with "and", keeping `ALL` and `NONE` recognisable by identity."""
    if one is NONE or other is NONE:
        return NONE
    return other if one is ALL else one if other is ALL else one & other


def either(one: Q, other: Q) -> Q:
    """Combine two conditions with "or", keeping `ALL` and `NONE` recognisable by identity."""
    if one is ALL or other is ALL:
        return ALL
    return other if one is NONE else one if other is NONE else one | other


def opposite(condition: Q) -> Q:
    """Negate a condition, keeping `ALL` and `NONE` recognisable by identity."""
    return NONE if condition is ALL else ALL if condition is NONE else ~condition


@dataclass(frozen=True, slots=True)
class Own:
    """Some rows of one's own, told by where one is named: they can be gathered from there.

    Attributes:
        path: of relations from the rows to those that name somebody; empty for the rows themselves.
        named: the condition of the rows there, which an index answers.
        also: what the rows must meet beside that.
    """

    path: str
    named: Q
    also: Q = ALL


class Policy:
    """A rule. `rows` says which rows an actor may read, create, update or delete.

    Policies compose with `&`, `|` and `~`. Write your own by subclassing and defining `rows`.
    """

    def __init_subclass__(cls) -> None:
        """Let go of an `own` that was written for other `rows`: it would show what they hide."""
        super().__init_subclass__()
        first = next(each for each in cls.__mro__ if "rows" in vars(each) or "own" in vars(each))
        if "own" not in vars(first):
            type.__setattr__(cls, "own", Policy.own)

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the condition that a row must meet; `ALL` and `NONE` for all and for none."""
        raise NotImplementedError(f"{type(self).__name__} does not define rows(verb, actor)")

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...] | None:
        """Return where the rows are named that `rows` gives, each of them at one place at least.

        An index must find them there: lists of whoever has few of them are read from these places.

        Returns:
            None where the rows are not found from anywhere.
        """
        return () if self.rows(verb, actor) is NONE else None

    def parts(self) -> "tuple[Policy, ...]":
        """Return the rules that this one is made of."""
        return ()

    def __and__(self, other: "Policy") -> "Policy":
        """Allow what both allow."""
        return Both(self, other)

    def __or__(self, other: "Policy") -> "Policy":
        """Allow what either allows."""
        return Either(self, other)

    def __invert__(self) -> "Policy":
        """Allow what this one does not."""
        return Opposite(self)


@dataclass(frozen=True, slots=True)
class Both(Policy):
    """`a & b`."""

    one: Policy
    other: Policy

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows of both."""
        return both(self.one.rows(verb, actor), self.other.rows(verb, actor))

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...] | None:
        """Return the places of one side, with the other as a condition beside."""
        for one, other in ((self.one, self.other), (self.other, self.one)):
            places = one.own(verb, actor)
            if places is not None:
                rows = other.rows(verb, actor)
                return () if rows is NONE else tuple(replace(each, also=both(each.also, rows)) for each in places)
        return None

    def parts(self) -> tuple[Policy, ...]:
        """Return both sides."""
        return self.one, self.other


@dataclass(frozen=True, slots=True)
class Either(Policy):
    """`a | b`."""

    one: Policy
    other: Policy

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows of either."""
        return either(self.one.rows(verb, actor), self.other.rows(verb, actor))

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...] | None:
        """Return the places of both sides."""
        one, other = self.one.own(verb, actor), self.other.own(verb, actor)
        return None if one is None or other is None else (*one, *other)

    def parts(self) -> tuple[Policy, ...]:
        """Return both sides."""
        return self.one, self.other


@dataclass(frozen=True, slots=True)
class Opposite(Policy):
    """`~a`."""

    rule: Policy

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows outside the rule."""
        return opposite(self.rule.rows(verb, actor))

    def parts(self) -> tuple[Policy, ...]:
        """Return the rule that is turned round."""
        return (self.rule,)


class ActorRule(Protocol):
    """A question about the actor alone."""

    def __call__(self, actor: Actor) -> bool:
        """Answer it."""
        ...


@dataclass(frozen=True, slots=True)
class Asks(Policy):
    """All rows when the actor answers a question with yes, none otherwise."""

    question: ActorRule

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return all or none."""
        return ALL if self.question(actor) else NONE


@dataclass(frozen=True, slots=True)
class Scope(Policy):
    """All rows for a key with a scope, and for people, who have every scope; none for others."""

    name: str

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return all or none."""
        return ALL if actor.has_scope(self.name) else NONE


anyone = Asks(lambda actor: True)
authenticated = Asks(lambda actor: not actor.anonymous)
staff = Asks(lambda actor: actor.is_staff)


@dataclass(frozen=True, slots=True)
class When(Policy):
    """A rule that counts for some verbs only."""

    verbs: frozenset[Verb]
    rule: Policy

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rule's rows for these verbs, none for the others."""
        return self.rule.rows(verb, actor) if verb in self.verbs else NONE

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...] | None:
        """Return the rule's places for these verbs, none for the others."""
        return self.rule.own(verb, actor) if verb in self.verbs else ()

    def parts(self) -> tuple[Policy, ...]:
        """Return the rule that is limited."""
        return (self.rule,)


def within(rule: Policy) -> Iterator[Policy]:
    """Yield a rule and all that it is made of."""
    yield rule
    for part in rule.parts():
        yield from within(part)


def read(rule: Policy) -> Policy:
    """Allow reading as the rule says, and nothing else."""
    return When(frozenset(("read",)), rule)


def write(rule: Policy) -> Policy:
    """Allow creating, updating and deleting as the rule says, and nothing else."""
    return When(frozenset(("create", "update", "delete")), rule)


def delete(rule: Policy) -> Policy:
    """Allow deleting as the rule says, and nothing else."""
    return When(frozenset(("delete",)), rule)


@dataclass(frozen=True, slots=True)
class Owner(Policy):
    """The rows whose person, at the end of a path of to-one relations, is the actor."""

    path: str

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the actor's rows."""
        return NONE if actor.anonymous else is_person(self.path, actor.id)

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...]:
        """Return the place before the path's last name."""
        path, _, person = self.path.rpartition(LOOKUP_SEPARATOR)
        return () if actor.anonymous else (Own(path, is_person(person, actor.id)),)


@dataclass(frozen=True, slots=True)
class MemberOf(Policy):
    """The rows with a membership, at the end of a path, that names the actor."""

    path: str
    person: str
    roles: tuple[str, ...] | None

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows that the actor is a member of."""
        return NONE if actor.anonymous else Q(Some(self.path, self._membership(actor)))

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...]:
        """Return the memberships."""
        return () if actor.anonymous else (Own(self.path, self._membership(actor)),)

    def _membership(self, actor: Actor) -> Q:
        membership = is_person(self.person, actor.id)
        return membership if self.roles is None else membership & Q(role__in=self.roles)


def scope(name: str) -> Policy:
    """Allow keys that were given a scope, such as `scope("trips:costs")`, and people, whom no scope narrows.

    Whoever makes a key may give it any scope they have: to keep something from people, say `staff & scope(...)`.

    Raises:
        ValueError: it is no scope that a key can be given.
    """
    if not SCOPE.fullmatch(name) or name == EVERYTHING:
        raise ValueError(f"{name!r} is no scope; write one as `trips:costs`")
    return Scope(name)


def owner(path: str) -> Policy:
    """Allow the person at the end of a path: `owner("owner")`, `owner("trip__owner")`."""
    return Owner(path)


def member(path: str, *, roles: Iterable[str] | None = None, person: str = "person") -> Policy:
    """Allow the members at the end of a path: `member("trip__members", roles=["editor"])`."""
    return MemberOf(path, person, None if roles is None else tuple(roles))

"""Why an actor gets in or not: a policy's answer as the tree of the rules that it is made of, each with its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q

from resources.core import policy
from resources.core.actor import Actor
from resources.core.policy import ALL, NONE, Policy, Verb

Reach = Literal["all", "some", "none"]
"""How many rows a rule leaves to an actor, before any row is looked at."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says to an actor.

    Attributes:
        rule: as a developer writes it: `member("members", roles=["editor"])`.
        kind: of the rule: `and`, `or`, `not`, `only` (for some verbs), or `rule` for one that asks by itself.
        rows: how many rows it leaves to the actor.
        matches: whether it leaves them the row that is asked about; None where none is.
        parts: what the rules that it is made of say. One that does not count for the verb is not asked.
    """

    rule: str
    kind: str
    rows: Reach
    matches: bool | None
    parts: tuple[Decision, ...] = ()

    @property
    def lets_in(self) -> bool:
        """Whether the actor gets in: to the row, or else to any row there may be."""
        return self.rows != "none" if self.matches is None else self.matches

    @property
    def because(self) -> tuple[str, ...]:
        """Return the single rules that decide: those that let in, or those that keep out."""
        return tuple(dict.fromkeys(self._deciding()))

    def _deciding(self) -> Iterator[str]:
        if self.kind in ("rule", "not") or not self.parts:
            yield self.rule
            return
        for part in self.parts:
            if part.lets_in == self.lets_in:
                yield from part.because


def decide(rule: Policy, verb: Verb, actor: Actor, holds: Callable[[Q], bool] | None = None) -> Decision:
    """Ask a policy, and each rule in it.

    Args:
        rule: the policy.
        verb: what the actor would do.
        actor: who.
        holds: whether a condition holds of the row that is asked about.
    """
    rows = rule.rows(verb, actor)
    reach: Reach = "all" if rows is ALL else "none" if rows is NONE else "some"
    matches = None if holds is None else reach == "all" or (reach == "some" and holds(rows))
    parts = () if isinstance(rule, policy.When) and verb not in rule.verbs else rule.parts()
    kind = next((name for kind, name in KINDS if isinstance(rule, kind)), "rule")
    return Decision(text_of(rule), kind, reach, matches, tuple(decide(part, verb, actor, holds) for part in parts))


KINDS: tuple[tuple[type[Policy], str], ...] = (
    (policy.Both, "and"),
    (policy.Either, "or"),
    (policy.Opposite, "not"),
    (policy.When, "only"),
)


def text_of(rule: Policy) -> str:
    """Write a rule as it is declared; one of somebody's own as it writes itself, or by the name of its class."""
    words = next((words for write in WORDS if (words := write(rule)) is not None), None)
    if words is not None:
        return words
    custom = type(rule).__repr__ is not object.__repr__
    return repr(rule) if custom else f"{type(rule).__name__}()"


def _asks(rule: policy.Asks) -> str:
    names = {question.question: name for name, question in QUESTIONS.items()}
    return names.get(rule.question) or f"Asks({getattr(rule.question, '__name__', rule.question)})"


QUESTIONS = {"anyone": policy.anyone, "authenticated": policy.authenticated, "staff": policy.staff}


def _quoted(text: str) -> str:
    return f'"{text}"'


def _member(rule: policy.MemberOf) -> str:
    roles = "" if rule.roles is None else f", roles=[{', '.join(map(_quoted, rule.roles))}]"
    person = "" if rule.person == "person" else f", person={_quoted(rule.person)}"
    return f"member({_quoted(rule.path)}{roles}{person})"


def _when(rule: policy.When) -> str:
    names = {frozenset(("read",)): "read", frozenset(("create", "update", "delete")): "write"}
    name = names.get(frozenset(map(str, rule.verbs)))
    return f"{name}({text_of(rule.rule)})" if name else f"When({sorted(rule.verbs)}, {text_of(rule.rule)})"


def _inside(rule: Policy, *looser: type[Policy]) -> str:
    return f"({text_of(rule)})" if isinstance(rule, looser) else text_of(rule)


def _of[Rule: Policy](kind: type[Rule], write: Callable[[Rule], str]) -> Callable[[Policy], str | None]:
    """Write rules of a kind, and no others."""
    return lambda rule: write(rule) if isinstance(rule, kind) else None


WORDS: tuple[Callable[[Policy], str | None], ...] = (
    _of(policy.Asks, _asks),
    _of(policy.Scope, lambda rule: f"scope({_quoted(rule.name)})"),
    _of(policy.Owner, lambda rule: f"owner({_quoted(rule.path)})"),
    _of(policy.MemberOf, _member),
    _of(policy.When, _when),
    _of(policy.Either, lambda rule: f"{text_of(rule.one)} | {text_of(rule.other)}"),
    _of(policy.Both, lambda rule: f"{_inside(rule.one, policy.Either)} & {_inside(rule.other, policy.Either)}"),
    _of(policy.Opposite, lambda rule: f"~{_inside(rule.rule, policy.Either, policy.Both)}"),
)
"""How each kind of rule is written."""

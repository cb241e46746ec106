"""The symbolic actor: a policy learns nothing of who asks but the answers to its questions, and these are written down.

A plan that answers one person with another's rows would be the worst fault there is. So whatever a policy could tell
one actor from another by is a question, a slot, or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NoReturn

from django.contrib.auth import get_user_model

from api.core.tracing.slots import Slot, Untraceable
from resources.core.actor import Actor, Countable
from resources.core.database.columns import Column

type Question = tuple[str, *tuple[Hashable, ...]]
"""The name of what was asked, and the arguments."""
ACTOR_ID = "actor.id"


def _refusal(what: str) -> Callable[..., NoReturn]:
    def refuse(*_: object) -> NoReturn:
        raise Untraceable(f"a policy {what}")

    return refuse


class ActorSlot(Slot):
    """The place of the actor's key: it goes into conditions, and says nothing about itself."""

    def __eq__(self, other: object) -> bool:
        """Be none but itself to Django, which compares expressions; refuse to be compared with what may be a key."""
        if hasattr(other, "resolve_expression") or other in ("", None):
            return self is other
        raise Untraceable("a policy compares actor.id in Python")

    __hash__ = _refusal("hashes actor.id")  # which finds it in a set
    __str__ = __format__ = _refusal("makes a text of actor.id")
    __lt__ = __le__ = __gt__ = __ge__ = _refusal("compares actor.id in Python")


class SymbolicActor:
    """An actor who answers as another would, except for their key, and remembers every question."""

    def __init__(self, actor: Actor) -> None:
        """Take the one who asks for real."""
        self._actor = actor
        self.answers: dict[Question, bool] = {}

    def _answer(self, name: str, *arguments: Hashable) -> bool:
        question: Question = (name, *arguments)
        self.answers[question] = answer = ask(self._actor, question)
        return answer

    @property
    def id(self) -> Slot | None:
        """Give the place of the key; None for the anonymous, which is remembered."""
        return None if self.anonymous else ActorSlot(ACTOR_ID, person_key())

    @property
    def anonymous(self) -> bool:
        """Answer as the real actor would."""
        return self._answer("anonymous")

    @property
    def is_staff(self) -> bool:
        """Answer as the real actor would."""
        return self._answer("is_staff")

    def has_scope(self, scope: str) -> bool:
        """Answer as the real actor would."""
        return self._answer("has_scope", scope)

    def has_few(self, rows: Countable) -> bool:
        """Answer as the real actor would, whose rows were counted for the statement that is built with real values."""
        return self._answer("has_few", rows)

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse every other question: its answer might tell one actor from another."""
        raise Untraceable(f"a policy reads actor.{name}")

    __eq__ = _refusal("compares the actor with another")
    __hash__ = _refusal("hashes the actor")


def ask(actor: Actor, question: Question) -> bool:
    """Put a question that a policy asked to an actor."""
    name, *arguments = question
    answer = getattr(actor, name)
    return bool(answer(*arguments) if arguments else answer)


def person_key() -> Column:
    """Return the column that holds the keys of people."""
    key: Column = get_user_model()._meta.pk
    return key

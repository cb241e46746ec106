"""Who may do what, in words: a policy as a reader of the contract sees it."""

from collections.abc import Callable
from typing import Any

from api.core.query.field_rule_checks import for_everybody
from api.core.views.actions import verb_of
from resources.core import policy
from resources.core.actor import ANONYMOUS
from resources.core.policy import NONE, Policy, Verb

VERBS: dict[str, Verb] = {
    "list": "read",
    "retrieve": "read",
    "create": "create",
    "update": "update",
    "partial_update": "update",
    "destroy": "delete",
}
"""The policy's verb that stands behind each standard action of a viewset."""

NOBODY = "nobody"
QUESTIONS = {policy.anyone: "anyone", policy.authenticated: "anyone with a key", policy.staff: "staff"}


def verb(view: Any, method: str) -> Verb:
    """Return what an operation is to the policy."""
    return VERBS.get(view.action) or verb_of(view, method)


def is_public(view: Any, method: str) -> bool:
    """Whether an operation may be called without a key."""
    verb_ = verb(view, method)
    if "policy" in vars(view):  # an action's own
        return view.policy.rows(verb_, ANONYMOUS) is not NONE
    return view.allowed(verb_, ANONYMOUS) is not NONE


def who(rule: Policy, verb: Verb) -> str:
    """Say who may do something: `staff`, `its owner or its members with the role editor`."""
    describe = next((words for kind, words in KINDS if isinstance(rule, kind)), _custom)
    return describe(rule, verb)


def restrictions(rule: Policy) -> str:
    """Say who may see and write a member, where that is not everybody: `Shown to staff only. ...`."""
    alike = who(rule, "create") == who(rule, "update")
    sentences = [SHOWN, WRITTEN] if alike else [SHOWN, SET, CHANGED]
    limits = ((does, who(rule, verb)) for verb, does in sentences if not for_everybody(rule, verb))
    return " ".join(f"{does} {words}." if words == NOBODY else f"{does} {words} only." for does, words in limits)


SHOWN: tuple[Verb, str] = ("read", "Shown to")
WRITTEN: tuple[Verb, str] = ("update", "Written by")
SET: tuple[Verb, str] = ("create", "Set in a new row by")
CHANGED: tuple[Verb, str] = ("update", "Changed by")


def _custom(rule: Policy, verb: Verb) -> str:
    """Say what a custom policy says of itself in `who`, or name it by its class."""
    return str(getattr(rule, "who", f"those whom {type(rule).__name__} allows"))


def _asks(rule: Any, verb: Verb) -> str:
    words_of = {question.question: words for question, words in QUESTIONS.items()}
    return words_of.get(rule.question) or f"those who pass {rule.question.__name__}"


def _scope(rule: Any, verb: Verb) -> str:
    return f"anyone with the scope {rule.name}"


def _when(rule: Any, verb: Verb) -> str:
    return who(rule.rule, verb) if verb in rule.verbs else NOBODY


def _either(rule: Any, verb: Verb) -> str:
    sides = [who(side, verb) for side in (rule.one, rule.other)]
    return " or ".join(dict.fromkeys(side for side in sides if side != NOBODY)) or NOBODY


def _both(rule: Any, verb: Verb) -> str:
    sides = [who(side, verb) for side in (rule.one, rule.other)]
    if NOBODY in sides:
        return NOBODY
    if isinstance(rule.other, policy.Scope):
        return f"{sides[0]} with the scope {rule.other.name}"
    return " who are also ".join(sides)


def _opposite(rule: Any, verb: Verb) -> str:
    return f"anyone but {who(rule.rule, verb)}"


def _owner(rule: Any, verb: Verb) -> str:
    return _at(rule.path)


def _member(rule: Any, verb: Verb) -> str:
    roles = f" with the role {' or '.join(map(str, rule.roles))}" if rule.roles else ""
    return _at(rule.path) + roles


def _at(path: str) -> str:
    """Write `trip__members` as `the members of its trip`."""
    *through, last = path.split("__")
    words = " of its ".join([last.replace("_", " "), *(step.replace("_", " ") for step in reversed(through))])
    return f"the {words}" if through else f"its {words}"


KINDS: tuple[tuple[type[Policy], Callable[[Any, Verb], str]], ...] = (
    (policy.Asks, _asks),
    (policy.Scope, _scope),
    (policy.When, _when),
    (policy.Either, _either),
    (policy.Both, _both),
    (policy.Opposite, _opposite),
    (policy.Owner, _owner),
    (policy.MemberOf, _member),
)
"""How each kind of policy is said."""

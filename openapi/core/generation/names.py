"""The names in the contract: operation ids, summaries, tags and components, after models and serializers."""

import re
from typing import Any

from drf_spectacular.drainage import get_override
from rest_framework.parsers import FileUploadParser, MultiPartParser

from api.core.resource.naming import camel

VERBS = {
    "list": "list",
    "retrieve": "get",
    "create": "create",
    "update": "replace",
    "partial_update": "update",
    "destroy": "delete",
}
"""What each standard action of a viewset is called, the same for every resource."""
HISTORY = "row_history"
"""The action that shows the changes of a row; every resource that is read has it."""


def singular(view: Any) -> str:
    """Return the name of one row: `city`."""
    return str(view.model()._meta.verbose_name)


def plural(view: Any) -> str:
    """Return the name of several rows: `cities`."""
    return str(view.model()._meta.verbose_name_plural)


def tag(view: Any) -> str:
    """Return the tag of a resource: `Cities`."""
    return capital(plural(view))


def operation_id(view: Any, method: str, word: str = "") -> str:
    """Return a stable id: `listCities`, `getCity`; of a custom action `acceptInvitation`, `getAppointmentStatistics`.

    An action of POST is named by a verb; by another method, what is read or set is named, unless it begins with one.

    Args:
        view: of the operation.
        method: of HTTP.
        word: what one row is called, where another resource goes by the name of its model.
    """
    word = word or _word(view)
    verb = VERBS.get(view.action)
    if verb is not None:
        return camel(verb, view.plural() if verb == "list" else word)
    if view.action == HISTORY:
        return camel("get", word, "history")
    # A viewset that has been asked adds HEAD to its map.
    several = len([name for name, action in view.action_map.items() if action == view.action and name != "head"]) > 1
    begins_with_verb = str(view.action).partition("_")[0] in VERBS_OF_ACTIONS
    if not begins_with_verb and (several or method.upper() != "POST" or _takes_files(view)):
        return camel(_verb_of(view, method.upper()), word, view.action)
    words = (view.action, word if view.detail else view.plural())
    return camel(method.lower(), *words) if several else camel(*words)


VERB_OF_METHODS = {"GET": "get", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
VERBS_OF_ACTIONS = frozenset((
    "accept", "activate", "add", "apply", "approve", "archive", "assign", "attach", "block", "book", "cancel",
    "change", "check", "claim", "clear", "clone", "close", "complete", "compute", "confirm", "convert", "copy",
    "count", "create", "deactivate", "decline", "delete", "deny", "detach", "disable", "discard", "dismiss",
    "download", "duplicate", "edit", "enable", "end", "estimate", "expire", "export", "fetch", "filter", "find",
    "finish", "fix", "flag", "follow", "generate", "get", "grant", "hide", "import", "invite", "issue", "join",
    "leave", "like", "link", "list", "load", "lock", "login", "logout", "lookup", "make", "mark", "merge", "move",
    "mute", "name", "notify", "open", "order", "pause", "pay", "pin", "ping", "poll", "preview", "print",
    "publish", "purge", "push", "read", "rebuild", "recalculate", "receive", "redeem", "refresh", "refund",
    "register", "reject", "release", "reload", "remove", "rename", "reopen", "reorder", "replace", "reply",
    "report", "request", "reschedule", "resend", "reset", "resolve", "restart", "restore", "resume", "retry",
    "return", "review", "revoke", "rotate", "run", "save", "schedule", "search", "select", "send", "set", "share",
    "show", "sign", "skip", "snooze", "sort", "split", "star", "start", "stop", "submit", "subscribe", "suggest",
    "suspend", "swap", "sync", "test", "toggle", "track", "transfer", "trigger", "unarchive", "unassign",
    "unblock", "undo", "unfollow", "unlike", "unlink", "unlock", "unmute", "unname", "unpin", "unpublish",
    "unshare", "unsubscribe", "update", "upgrade", "upload", "use", "validate", "verify", "view", "vote",
    "withdraw"
))  # fmt: skip
"""Words that an action begins with if it says what is done, and not what is read or set."""


def _verb_of(view: Any, method: str) -> str:
    return "upload" if method != "GET" and method != "DELETE" and _takes_files(view) else VERB_OF_METHODS[method]


def _takes_files(view: Any) -> bool:
    return any(issubclass(parser, MultiPartParser | FileUploadParser) for parser in view.parser_classes)


def _word(view: Any) -> str:
    """Return the name of one row for an id, in Latin letters whatever the language of the model's names."""
    name = singular(view)
    return name if name.isascii() else str(view.model()._meta.object_name)


def summary(view: Any) -> str:
    """Say in a few words what an operation does: `List cities`, `Get a city`."""
    verb = VERBS.get(view.action)
    if verb == "list":
        return f"List {plural(view)}"
    if verb == "create":
        return f"Create {with_article(singular(view))}, or many"
    if view.action == HISTORY:
        return f"Get the history of {with_article(singular(view))}"
    what = with_article(singular(view)) if verb or view.detail else plural(view)
    return f"{capital(verb)} {what}" if verb else f"{capital(view.action.replace('_', ' '))} ({what})"


def component(serializer: Any) -> str:
    """Return the name of what a serializer shows: `City` of a `CitySerializer`, unless a decorator names it."""
    kind: Any = serializer if isinstance(serializer, type) else type(serializer)
    name = get_override(kind, "component_name")
    if name:
        return str(name)
    if is_made_by_depth(kind):
        return pascal("nested", kind.Meta.model.__name__, str(kind.Meta.depth or ""))
    return str(kind.__name__.removesuffix("Serializer") or kind.__name__)


def is_made_by_depth(kind: Any) -> bool:
    """Whether DRF has made a serializer class for a relation, since `Meta.depth` says so: each time another."""
    return bool(kind.__module__ == "rest_framework.serializers" and kind.__name__ == "NestedSerializer")


def pascal(*words: str) -> str:
    """Write `("expanded", "stop overs")` as `ExpandedStopOvers`."""
    return "".join(capital(part) for word in words for part in re.split(r"[^A-Za-z0-9]+", word))


def with_article(noun: str) -> str:
    """Put `a` or `an` before a noun."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def capital(words: str) -> str:
    """Begin with a capital letter, and leave the others as they are."""
    return words[:1].upper() + words[1:]

"""The names in the contract: operation ids, summaries, tags and components, after models and serializers."""

import re
from typing import Any

from drf_spectacular.drainage import get_override

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


def operation_id(view: Any, method: str) -> str:
    """Return a stable id: `listCities`, `getCity`; of a custom action `biggestCountry`."""
    verb = VERBS.get(view.action)
    if verb is not None:
        return camel(verb, view.plural() if verb == "list" else _word(view))
    if view.action == HISTORY:
        return camel("get", _word(view), "history")
    # A viewset that has been asked adds HEAD to its map.
    several = len([name for name, action in view.action_map.items() if action == view.action and name != "head"]) > 1
    words = (view.action, _word(view) if view.detail else view.plural())
    return camel(method.lower(), *words) if several else camel(*words)


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

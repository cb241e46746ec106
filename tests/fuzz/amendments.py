"""What JSON Schema cannot say of a valid request, said to schemathesis: each amendment has its reason.

Only requests that are meant to be valid are amended; what is meant to be refused goes out as it was made up.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import schemathesis

Amendment = Callable[[Any], None]
DEEPEST, MOST_CONDITIONS, MOST_SEARCHING, LONGEST_QUERY = 8, 100, 20, 50_000
DEFAULT_LIMIT, MOST_NUMBERED = 50, 100_000
SEARCHING = {"contains", "icontains", "endswith", "iendswith"}


def without_cursor(case: Any) -> None:
    """A cursor belongs to one list, or to one history of changes: one that is made up is refused, as it should be."""
    for name in ("cursor", "since"):
        case.query.pop(name, None)


def without_stream(case: Any) -> None:
    """A ticket is good once, for half a minute; lists are watched in streams, which never end, and in nothing else."""
    for name in ("ticket", "watch"):
        case.query.pop(name, None)


def with_key_of_its_own(case: Any) -> None:
    """An `Idempotency-Key` is one request's: the same with another request is refused."""
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


def without_conditions(case: Any) -> None:
    """An `If-Match` names the version that a row has: what is made up is that of none."""
    if case.headers:
        case.headers.pop("If-Match", None)


def one_kind_of_page(case: Any) -> None:
    """`page` and `page_size` do not go with `limit`, and always count exactly."""
    numbered = {"page", "page_size"} & set(case.query)
    for name in numbered if "limit" in case.query else {"count"} if numbered else ():
        case.query.pop(name, None)


def near_page(case: Any) -> None:
    """Numbered pages end at a row, whatever their size."""
    size, page = case.query.get("page_size", DEFAULT_LIMIT), case.query.get("page")
    if str(page).isdecimal() and str(size).isdecimal() and int(page) * int(size) > MOST_NUMBERED:
        case.query["page"] = max(1, MOST_NUMBERED // int(size))


def one_direction(case: Any) -> None:
    """A column is ordered by once: `name,-name` contradicts itself."""
    if "ordering" in case.query:
        columns: dict[str, str] = {}
        for name in listed(case.query["ordering"]):
            columns.setdefault(name.removeprefix("-"), name)
        case.query["ordering"] = ",".join(columns.values())


def listed(value: str | list[str]) -> list[str]:
    """Return the entries of a list, which one phase of schemathesis holds as such, and another as it is sent."""
    return value.split(",") if isinstance(value, str) else value


def few_conditions(case: Any) -> None:
    """A filter has a bounded number of conditions, on a bounded number of levels, all groups together."""
    tree = case.query.get("filter")
    tree = json.loads(tree) if isinstance(tree, str) else tree
    if conditions(tree) > MOST_CONDITIONS or searching(tree) > MOST_SEARCHING or levels(tree) > DEEPEST:
        case.query.pop("filter")


def conditions(tree: Any) -> int:
    """Count the conditions of a filter."""
    return sum(counted(name, value) for name, value in tree.items()) if isinstance(tree, dict) else 0


def counted(name: str, value: Any) -> int:
    inner = {"and": value, "or": value, "not": [value]}.get(name)
    return 1 if inner is None else sum(map(conditions, inner))


def searching(tree: Any) -> int:
    """Count the conditions of a filter on what is somewhere in a text."""
    if isinstance(tree, list):
        return sum(map(searching, tree))
    members = tree.items() if isinstance(tree, dict) else ()
    return sum(searching(inner) or not SEARCHING.isdisjoint(name.split("__")) for name, inner in members)


def levels(tree: Any) -> int:
    """Count how deep the groups of a filter are nested."""
    if isinstance(tree, list):
        return max(map(levels, tree), default=0)
    groups = [tree[name] for name in ("and", "or", "not") if name in tree] if isinstance(tree, dict) else []
    return 1 + max(map(levels, groups), default=0)


def short_address(case: Any) -> None:
    """A request line and its headers have at most 64 KB together: of long lists the beginning will do."""
    if length(case.query) > LONGEST_QUERY:
        for name, value in case.query.items():
            case.query[name] = value[:10] if isinstance(value, list) else value
    if length(case.query) > LONGEST_QUERY:
        case.query.pop("filter", None)


def length(query: dict[str, Any]) -> int:
    """Return how many bytes a query string takes."""
    return len(urlencode(query, doseq=True))


def with_its_body(case: Any) -> None:
    """A 201 has a body, or none when asked for none: OpenAPI has no words for a body that may be missing."""
    if case.method == "POST" and "return=minimal" in str((case.headers or {}).get("Prefer")):
        case.headers.pop("Prefer")


def nobody_explained(case: Any) -> None:
    """Who may do what is explained to some actors only, and `actor` is somebody's address."""
    for name in ("explain", "actor"):
        case.query.pop(name, None)


AMENDMENTS: tuple[Amendment, ...] = (
    without_cursor,
    without_stream,
    with_key_of_its_own,
    without_conditions,
    one_kind_of_page,
    near_page,
    one_direction,
    few_conditions,
    short_address,
    nobody_explained,
)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Amend a request that is meant to be valid; what is wrong in another may be lost on the way, as blanks are."""
    with_its_body(case)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    case.query = case.query or {}
    for amend in AMENDMENTS:
        amend(case)

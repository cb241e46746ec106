"""A sample of the contract: all operations, and a few of the filters and the names that they take by the hundred.

Schemathesis' phase `coverage` tries every value of every parameter, and a list has a hundred parameters of a few forms.
A seed draws the few; another seed, others.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

FILTERS, NAMES = 2, 2
"""The most filters of one list, and names in one enumeration of a parameter, that are kept."""
GROUPS = ("and", "or", "not")


def sample(contract: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return a contract that accepts a part of what the given one does, and promises the same answers."""
    smaller, dice = copy.deepcopy(dict(contract)), Random(seed)
    seen: set[str] = set()
    for operation, conditions in lists(smaller):
        kept = draw({name: conditions[name] for name in conditions if name not in GROUPS}, seen, dice)
        dropped = {name for name in conditions if name not in GROUPS} - kept
        operation["parameters"] = [each for each in operation["parameters"] if each.get("name") not in dropped]
        for name in dropped:
            del conditions[name]
    for names in enumerations(smaller):
        names[:] = dice.sample(names, min(NAMES, len(names)))
    return smaller


def lists(contract: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Find the lists, and the conditions that each takes: as parameters, and in `filter`."""
    for path in contract["paths"].values():
        for operation in path.values():
            for each in operation.get("parameters", ()):
                if each.get("name") == "filter":
                    reference = each["content"]["application/json"]["schema"]["$ref"]
                    yield operation, contract["components"]["schemas"][reference.rpartition("/")[2]]["properties"]


def draw(conditions: Mapping[str, Any], seen: set[str], dice: Random) -> set[str]:
    """Draw some conditions: those first whose form, which is lookup and type, no list before had."""
    names = dice.sample(sorted(conditions), len(conditions))
    forms = {name.rpartition("__")[2] + json.dumps(conditions[name], sort_keys=True): name for name in names}
    new = [name for form, name in forms.items() if form not in seen]
    kept = set(list(dict.fromkeys([*new, *names]))[:FILTERS])
    seen.update(form for form, name in forms.items() if name in kept)
    return kept


def enumerations(contract: Mapping[str, Any]) -> Iterator[list[str]]:
    """Find the enumerations of parameters that take several names: `fields`, `expand`, `ordering`."""
    own = [each for path in contract["paths"].values() for op in path.values() for each in op.get("parameters", ())]
    for parameter in (*own, *contract["components"]["parameters"].values()):
        items = parameter.get("schema", {}).get("items", {})
        for form in (items, *items.get("anyOf", ())):
            if "enum" in form:
                yield form["enum"]

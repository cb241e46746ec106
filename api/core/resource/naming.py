"""Names in the words of each place: kebab-case in URLs, camelCase in operation ids."""

import re


def kebab(name: str) -> str:
    """Write `stopOvers` and `stop overs` as `stop-overs`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")


def camel(*words: str) -> str:
    """Write `("list", "stop-overs")` as `listStopOvers`."""
    first, *rest = [part for word in words for part in re.split(r"[^A-Za-z0-9]+", word) if part]
    return first.lower() + "".join(part[:1].upper() + part[1:] for part in rest)

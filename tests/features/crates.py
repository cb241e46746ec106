"""What the tests of field rules share: the members of a crate, and what a refusal says of those that are hidden."""

import json
import re

from tests.client import Answer

HIDDEN = {"shelf", "cost", "remark", "note"}
"""The members and columns that only staff may see."""
SHOWN = ["id", "name", "budget", "verified", "colour"]
SUGGESTION = re.compile(r" Did you mean '([^']*)'\?")


def said(answer: Answer) -> str:
    """Return a problem without its suggestions, which name something else for every name; no hidden one, though."""
    assert not HIDDEN & set(re.split(r"__|[^a-z]", " ".join(SUGGESTION.findall(answer.text))))
    return SUGGESTION.sub("", json.dumps({name: text for name, text in answer.json.items() if name != "instance"}))

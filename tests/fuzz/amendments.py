"""What JSON Schema cannot say of a valid request, said to schemathesis: each amendment has its reason.

Only requests that are meant to be valid are amended; what is meant to be refused goes out as it was made up.
"""

from collections.abc import Callable
from typing import Any

import schemathesis

Amendment = Callable[[Any], None]


def without_cursor(case: Any) -> None:
    """A cursor is signed and belongs to one list: one that is made up is refused, as it should be."""
    case.query.pop("cursor", None)


def one_kind_of_page(case: Any) -> None:
    """`page` and `page_size` do not go with `limit`."""
    if "limit" in case.query:
        case.query.pop("page", None)
        case.query.pop("page_size", None)


def with_its_body(case: Any) -> None:
    """A 201 has a body, or none when asked for none: OpenAPI has no words for a body that may be missing."""
    if case.method == "POST" and "return=minimal" in str((case.headers or {}).get("Prefer")):
        case.headers.pop("Prefer")


AMENDMENTS: tuple[Amendment, ...] = (without_cursor, one_kind_of_page, with_its_body)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Amend a request that is meant to be valid."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    case.query = case.query or {}
    for amend in AMENDMENTS:
        amend(case)

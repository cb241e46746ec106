"""Compares two OpenAPI 3.1 documents and tells which differences break the clients of the first.

**What is published.** `openapi/schema.yaml` is what the code serves now; `openapi/published.yaml` is the contract
that clients were last given. Both are committed. `make contract-diff` compares the two and fails on a breaking
difference; `make publish-contract` makes the first the second, at a release, and refuses when that breaks clients
(`manage.py contractdiff --publish --force-major` does it all the same: for a new major version of the API).

**What breaks.** A request may not be asked for more: what was accepted stays accepted. An answer may not hold less
or something else: what was there stays there, with values that clients know. Members that are new in an answer, or
may be left out of a request, break nothing, since a client ignores what it does not know; `/v1` only grows. Names that
generated clients carry (`operationId`, first tag, schema components, values of enums) stay.

**What was announced.** An operation, parameter, property, header, status or media type that the old document calls
`deprecated: true`, with a date in `x-sunset` that is past, may go: the removal is listed and breaks nothing. So may
names of a list that has their dates in `x-sunsets`; and a body may then need the member that the one which went names
in `x-replaced-by`, since it needed either.

**How schemas are compared.** References and `allOf` are unfolded into all the rules for one value; `oneOf`, `anyOf` and
lists of types into alternatives of one JSON type each, of which the most alike are paired. So
`oneOf: [A, {type: "null"}]` and `type: [..., "null"]` are the same thing, and that the branches of `oneOf` exclude one
another is not looked at. What is said by `not`, `if`, `contains`, `patternProperties`, `dependentSchemas` and the
like is compared as a text: any change of it breaks. Where it cannot tell, it says that it breaks. Webhooks, callbacks
and links are not compared.
"""

from datetime import date

from openapi.core.diff.components import compare_components
from openapi.core.diff.difference import Difference
from openapi.core.diff.document import Document, DocumentError, Json, loads, read
from openapi.core.diff.operations import compare_paths, compare_servers
from openapi.core.diff.report import report
from openapi.core.diff.security import compare_schemes
from openapi.core.diff.sunsets import today
from openapi.core.diff.values import Values

__all__ = ["Difference", "DocumentError", "compare", "loads", "read", "report"]


def compare(old: Json, new: Json, *, day: date | None = None) -> list[Difference]:
    """Return the differences between two documents, in a stable order.

    Args:
        old: the contract that clients have.
        new: the contract that they would get.
        day: the day by which announced removals are judged; today, if not given.

    Raises:
        DocumentError: a reference leads nowhere, or a sunset is no date.
    """
    before, after, day = Document(old), Document(new), day or today()
    differences = [
        *compare_servers(before, after),
        *compare_schemes(before, after),
        *compare_components(before, after, day),
        *compare_paths(Values(before, after, day)),
    ]
    return sorted(set(differences))

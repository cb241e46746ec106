"""How bodies are read. May refuse: what is not JSON, and JSON that no database could keep."""

from typing import IO, Any

from rest_framework.parsers import BaseParser

from serializers.core.json import Unfit, decode
from serializers.core.problems import Fault, refuse


class JSONParser(BaseParser):
    """`application/json` (RFC 8259)."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read a body.

        Raises:
            Refusal: `malformed-request`, with a pointer where the place is known.
        """
        try:
            return decode(stream.read())
        except Unfit as error:
            raise refuse("malformed-request", error.detail, [Fault("invalid", error.detail, error.pointer)]) from None
        except ValueError as error:
            raise refuse("malformed-request", f"The body is not JSON: {error}") from None


class MergePatchParser(JSONParser):
    """`application/merge-patch+json` (RFC 7396): a PATCH that merges JSON columns, too."""

    media_type = "application/merge-patch+json"

"""How bodies are read. May refuse: what is not JSON in UTF-8, and JSON that no database could keep."""

from collections.abc import Iterable, Mapping
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.parsers import JSONParser as LenientJSONParser
from rest_framework.request import Request

from serializers.core.json import Json, Unfit, decode
from serializers.core.problems import Fault, refuse

UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")


class JSONParser(BaseParser):
    """`application/json` (RFC 8259)."""

    media_type = "application/json"

    def parse(  # type: ignore[override]  # a list is a body, too
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, object] | None = None
    ) -> Json:
        """Read a body.

        Raises:
            Refusal: `malformed-request`, with a pointer where the place is known; `unsupported-media-type` for a body
                that is encoded otherwise.
            UnsupportedMediaType: its type is a range of types.
            RequestDataTooBig: it is over the limit.
        """
        if "*" in (media_type or ""):  # which DRF takes for a range
            raise UnsupportedMediaType(str(media_type))
        request = (parser_context or {})["request"]
        assert isinstance(request, Request)  # noqa: S101 - DRF puts itself there
        _refuse_encoded(request)
        try:
            return decode(_bytes_of(stream))
        except Unfit as error:
            raise refuse("malformed-request", error.detail, [Fault("invalid", error.detail, error.pointer)]) from None
        except ValueError as error:
            raise refuse("malformed-request", f"The body is not JSON: {error}") from None


class MergePatchParser(JSONParser):
    """`application/merge-patch+json` (RFC 7396): a PATCH that merges JSON columns, too."""

    media_type = "application/merge-patch+json"


def strict(parsers: Iterable[BaseParser]) -> list[BaseParser]:
    """Return parsers with Headwater's in the place of DRF's for JSON, which takes NaN, and anything of any depth."""
    ours: list[BaseParser] = []
    for parser in parsers:
        ours += [JSONParser(), MergePatchParser()] if type(parser) is LenientJSONParser else [parser]
    return ours


def _refuse_encoded(request: Request) -> None:
    """Refuse a body that is compressed, or in another charset than JSON's only one (RFC 8259, section 8.1)."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding != "identity":
        detail = f"Bodies are read as they are; Content-Encoding: {coding[:100]!a} is not understood."
        raise refuse("unsupported-media-type", detail, [Fault("invalid", detail, header="Content-Encoding")])
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    if charset.lower() not in UTF_8:
        detail = f"JSON is read as UTF-8, and not as {charset[:100]!a}."
        raise refuse("unsupported-media-type", detail, [Fault("invalid", detail, header="Content-Type")])


def _bytes_of(stream: IO[bytes]) -> bytes:
    """Read a body, and no more of it than may be sent."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if most is None:
        return stream.read()
    body = stream.read(most + 1)
    if len(body) > most:
        raise RequestDataTooBig
    return body

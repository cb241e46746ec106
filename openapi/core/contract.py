"""The contract as it is served: the committed file, as YAML and as JSON, with an ETag, compressed once for all."""

import json
from functools import cache, lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from api.core.http.compression import CODINGS, coding_for
from api.core.http.responses import body_digest, with_cache_headers
from openapi.core import views
from openapi.core.yaml_text import parse_yaml

CONTRACT = Path(__file__).parent.parent / "schema.yaml"


@cache
def as_yaml(file: Path = CONTRACT) -> bytes:
    """Return the contract as it is committed, read once in a process."""
    return file.read_bytes()


@cache
def as_json(file: Path = CONTRACT) -> bytes:
    """Return the contract as JSON, made once in a process, when it is first asked for."""
    return json.dumps(parse_yaml(as_yaml(file)), ensure_ascii=False, separators=(",", ":")).encode()


FORMS = {"application/json": as_json, "application/yaml": as_yaml}


@lru_cache(maxsize=len(FORMS) * (len(CODINGS) + 1))
def coded(media_type: str, coding: str | None) -> tuple[bytes, str]:
    """Return the contract in one form and coding, with the ETag of that representation."""
    body = FORMS[media_type]()
    if coding is None:
        return body, f'"{body_digest(body)}"'
    compress, _ = CODINGS[coding]
    return compress(body), f'"{body_digest(body)}-{coding}"'


class ContractView(views.PageView):
    """`/openapi.json` and `/openapi.yaml`."""

    media_type = "application/json"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer with the contract, or with 304 to who has it."""
        coding = coding_for(request.headers.get("Accept-Encoding", ""))
        body, etag = coded(self.media_type, coding)
        response = HttpResponse(body, content_type=self.media_type, headers={"ETag": etag})
        if coding:
            response["Content-Encoding"] = coding
        with_cache_headers(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        return views.versioned(response)

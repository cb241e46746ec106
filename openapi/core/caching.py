"""Conditional answers of the pages: 304 instead of what the client has already."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response, or a 304 in its place when the request has it (RFC 9110, section 13.1.2).

    The response's `ETag` is made from its content where it has none.
    """
    response.setdefault("ETag", f'"{hashlib.sha256(response.content).hexdigest()[:32]}"')
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer if isinstance(answer, HttpResponse) else response

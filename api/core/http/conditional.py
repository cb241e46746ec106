"""Conditional requests (RFC 9110, section 13): 304 for who already has what would be sent."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags

OF_THE_BODY = ("Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition")


def has_it(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the client has this very representation, in this content coding (RFC 9110, section 13.1.2)."""
    readable = request.method in ("GET", "HEAD") and response.status_code == 200 and response.has_header("ETag")
    return readable and matches(request, response["ETag"])


def matches(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names an ETag, as strong or as weak, or everything."""
    tags = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    return "*" in tags or etag.removeprefix("W/") in tags


def not_modified(response: HttpResponseBase) -> HttpResponseNotModified:
    """Return the 304 that stands for an answer: its headers, except those that describe a body."""
    headers = {name: text for name, text in response.items() if name not in OF_THE_BODY}
    return HttpResponseNotModified(headers=headers)

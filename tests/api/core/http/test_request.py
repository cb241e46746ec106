"""What a Content-Type says of the body changes nothing about the address, whatever it says."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from api.core.http.request import Request


def request(content_type: str, query: str = "name=%C3%A9&plus=%2BAAA-") -> Request:
    environ: dict[str, Any] = RequestFactory().get("/").environ
    told = {"CONTENT_TYPE": content_type, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
    return Request(environ | told)


@pytest.mark.parametrize(
    "content_type",
    [
        *(
            "application/json; charset=utf-8",
            "application/json; charset=latin-1",
            "text/plain; charset=utf-7",
            "a; charset=idna",
        ),
        *("a; charset=unicode_escape", "a; charset=utf-16", "a; charset=nothing", "a; charset=hex", "", ";", "\xff"),
    ],
)
def test_the_query_string_is_utf_8(content_type: str) -> None:
    read = request(content_type)
    assert read.GET.dict() == {"name": "é", "plus": "+AAA-"}


def test_the_type_of_the_body_is_known() -> None:
    read = request("Application/JSON; charset=latin-1")
    assert (read.content_type, read.content_params) == ("application/json", {"charset": "latin-1"})


@pytest.mark.parametrize(
    "content_type", ["x" * 10_001, "a; charset*=idna''%41", "a; charset*=nothing''%41", "a; charset*=a\x00''b"]
)
def test_one_that_cannot_be_read_is_none(content_type: str) -> None:
    read = request(content_type)
    assert (read.content_type, read.content_params, read.META["CONTENT_TYPE"]) == ("", {}, "")
    assert read.GET["name"] == "é"

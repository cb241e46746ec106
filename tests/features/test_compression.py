"""Compression: zstd or gzip on request, for bodies over 1 KB."""

import pytest

from tests.client import Client

pytestmark = pytest.mark.usefixtures("world")

LARGE, SMALL = "/v1/cities", "/v1/cities/2988507"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_it_works(api: Client, coding: str) -> None:
    plain, packed = api.get(LARGE), api.get(LARGE, headers={"Accept-Encoding": coding})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert packed.content == plain.content
    sent = packed.response.getvalue()
    assert len(sent) < len(plain.content) / 2
    assert packed.headers["Content-Length"] == str(len(sent))


CHOICES = [
    ("gzip, deflate, br, zstd", "zstd"),  # browsers
    ("gzip, deflate, br", "gzip"),
    ("zstd, gzip", "zstd"),
    ("gzip, zstd", "zstd"),
    ("GZIP", "gzip"),
    ("*", "zstd"),
    ("gzip;q=1.0, zstd;q=0.5", "gzip"),
    ("gzip; q=0.5 , zstd;q=0.5", "zstd"),
    ("zstd;q=0, *", "gzip"),
    ("*;q=0.1, zstd;q=0", "gzip"),
    ("gzip, identity", "gzip"),
    ("gzip;q=0.5, identity;q=0.1", "gzip"),
    ("gzip;q=0.5, identity", None),
    ("identity;q=0.5, *;q=0.1", None),
    ("", None),
    ("identity", None),
    ("br, deflate", None),
    ("gzip;q=0", None),
    ("gzip;q=0.000, zstd;q=0", None),
    ("*;q=0", None),
    ("gzip;q=banana", None),
    (",,;", None),
]


@pytest.mark.parametrize(("accepted", "chosen"), CHOICES)
def test_the_coding_that_the_client_likes_best(api: Client, accepted: str, chosen: str | None) -> None:
    answer = api.get(LARGE, headers={"Accept-Encoding": accepted})
    assert answer.status == 200
    assert answer.headers.get("Content-Encoding") == chosen
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_small_bodies_are_sent_as_they_are(api: Client) -> None:
    answer = api.get(SMALL, headers={"Accept-Encoding": "gzip, zstd"})
    assert "Content-Encoding" not in answer.headers
    assert len(answer.content) < 1024
    assert answer.json["name"] == "Paris"


def test_the_threshold_is_a_kilobyte(api: Client) -> None:
    sizes = {len(api.get(LARGE, limit=limit, fields="id,name,population").content): limit for limit in range(1, 12)}
    for size, limit in sizes.items():
        query = {"limit": limit, "fields": "id,name,population"}
        answer = api.get(LARGE, headers={"Accept-Encoding": "gzip"}, **query)
        assert ("Content-Encoding" in answer.headers) == (size >= 1024)
    wide = [len(api.get(LARGE, limit=limit).content) for limit in (1, 11)]
    assert wide[0] < 1024 < wide[1]


def test_an_empty_answer_is_not_compressed(api: Client) -> None:
    answer = api.options(LARGE, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_a_problem_may_be_large(api: Client) -> None:
    query = "&".join(f"unknown{number}=1" for number in range(40))
    answer = api.get(f"{LARGE}?{query}", headers={"Accept-Encoding": "gzip"})
    assert (answer.status, answer.headers["Content-Encoding"]) == (400, "gzip")
    assert b"unknown39" in answer.content


@pytest.mark.parametrize("url", ["/openapi.json", "/openapi.yaml", "/docs", "/problems"])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_the_contract_and_its_pages_too(api: Client, url: str, coding: str) -> None:
    plain, packed = api.get(url), api.get(url, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert packed.content == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson"])
def test_streams(api: Client, coding: str, accept: str) -> None:
    plain = api.get(LARGE, accept=accept)
    packed = api.get(LARGE, accept=accept, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert "Content-Length" not in packed.headers
    assert packed.content == plain.content

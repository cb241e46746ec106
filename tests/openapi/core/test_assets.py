"""Static files: typed, compressed, kept for ever under their digest, refused when they are not there."""

import gzip
import hashlib
import re

import pytest
import zstandard
from django.test import Client

from openapi.core import assets

NAMES = ["frame.css", "docs.css", "docs.js", "reference.js", "icon.svg", "scalar/standalone.js"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_kept_for_ever_under_its_digest(client: Client, name: str):
    answer = client.get(assets.url(name))

    assert answer.status_code == 200
    assert answer.content == (assets.FOLDER / name).read_bytes()
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == assets.TYPES["." + name.rpartition(".")[2]]


@pytest.mark.parametrize(
    ("coding", "decode"),
    [("gzip", gzip.decompress), ("zstd", lambda body: zstandard.ZstdDecompressor().decompress(body))],
)
def test_a_file_is_compressed_on_request(client: Client, coding: str, decode):
    answer = client.get(assets.url("scalar/standalone.js"), headers={"Accept-Encoding": coding})

    assert answer["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer["Vary"]
    assert len(answer.content) < 1_400_000
    assert decode(answer.content) == (assets.FOLDER / "scalar/standalone.js").read_bytes()


@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity"])
def test_who_has_a_file_is_not_sent_it_again(client: Client, coding: str):
    url = assets.url("docs.css")
    etag = client.get(url, headers={"Accept-Encoding": coding})["ETag"]
    again = client.get(url, headers={"Accept-Encoding": coding, "If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == etag
    assert "immutable" in again["Cache-Control"]


def test_another_digest_is_answered_but_not_kept(client: Client):
    answer = client.get("/docs/static/0123456789abcdef/docs.css")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["nothing.js", "scalar/LICENSE", "scalar", "../docs.py", "..%2fdocs.py", "/etc/passwd", "docs.css/"]
)
def test_nothing_else_is_served(client: Client, name: str):
    answer = client.get(f"/docs/static/0123456789abcdef/{name}")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_writing_to_a_file_is_refused(client: Client):
    answer = client.post(assets.url("docs.css"))

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_the_note_beside_the_bundle_tells_what_it_is():
    note = (assets.FOLDER / "scalar/README.md").read_text()
    bundle = (assets.FOLDER / "scalar/standalone.js").read_bytes()

    assert hashlib.sha256(bundle).hexdigest() == re.search(r"^- sha256: (\w+)$", note, re.MULTILINE)[1]
    assert re.search(r"^- version: (.+)$", note, re.MULTILINE)[1].encode() in bundle

"""Cursors as text."""

import pytest

from resources.core.journal.cursor import Cursor


@pytest.mark.parametrize("cursor", [Cursor(0, "1f"), Cursor(12345678901, "0"), Cursor(2**63 - 1, "f" * 16)])
def test_what_was_written_is_read(cursor):
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "-1",
        "1-",
        "-1-a",
        "01-a",
        "1-A",
        "1-g",
        "1-a-b",
        " 1-a",
        "1-a\n",
        "1-" + "a" * 17,
        "1" * 20 + "-a",
        f"{2**63}-a",
        "9" * 19 + "-a",
        "\uff11-a",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="No cursor"):
        Cursor.parse(text)

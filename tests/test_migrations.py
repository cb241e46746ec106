"""The migrations say what the models say: a change of rooms or names makes no table another."""

import pytest
from django.core.management import call_command


def test_nothing_is_missing(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", "--check", "--dry-run")
    assert "No changes detected" in capsys.readouterr().out

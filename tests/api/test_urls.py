"""`api/urls.py` serves the VIEWSETS of each domain that has a module in `api/`, and passes over no fault of one."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import api
from api.urls import viewsets

MODULE = "newcomers"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Write the module of a domain."""
    monkeypatch.setattr(api, "__path__", [*api.__path__, str(tmp_path)])
    yield (tmp_path / f"{MODULE}.py").write_text
    sys.modules.pop(f"api.{MODULE}", None)
    vars(api).pop(MODULE, None)


def test_it_works(write: Callable[[str], None]):
    write("VIEWSETS = ('one', 'two')")

    assert list(viewsets([MODULE])) == ["one", "two"]


def test_a_domain_may_be_a_model_only():
    assert list(viewsets([MODULE])) == []


def test_a_folder_without_modules_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / MODULE / "__pycache__").mkdir(parents=True)
    monkeypatch.setattr(api, "__path__", [*api.__path__, str(tmp_path)])

    assert list(viewsets([MODULE])) == []


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("import api.nowhere", ModuleNotFoundError, "api.nowhere"),
        ("from api.core import nothing", ImportError, "nothing"),
        ("VIEWSET = ()", AttributeError, "'api.newcomers' has no attribute 'VIEWSETS'"),
    ],
)
def test_a_broken_module_stops_the_start(write: Callable[[str], None], text: str, error: type[Exception], says: str):
    write(text)

    with pytest.raises(error, match=says):
        list(viewsets([MODULE]))

"""What a request took is what it took, however long its thread has been at work before."""

import time

import pytest

from api.core.limits.work import meter
from resources.core.database.budget import Budget

BEFORE = 0.5
"""Seconds of a processor that the thread has taken when the request comes."""


@pytest.fixture(autouse=True)
def _old_thread() -> None:
    while time.thread_time() < BEFORE:
        pass


@pytest.mark.parametrize("work", [None, 60.0])
def test_nothing_is_spent_at_the_beginning(work: float | None) -> None:
    assert Budget.of(60, work).spent < BEFORE / 2


def test_an_export_counts_for_its_own_work_and_not_for_that_of_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.core.limits.work.TENTH", 0.1)
    counted: list[int] = []
    with Budget.of(60, 60.0):
        assert list(meter(iter([b"a", b"b"]), counted.append)) == [b"a", b"b"]
    assert counted == []

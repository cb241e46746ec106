"""Two lists with the same values in the opposite order: one is kept, the other is a conflict, and neither fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, get_ident
from typing import Any

import pytest

from api.core.write import plan
from api.places import CountryViewSet
from resources.places.models import Country
from tests.client import Client
from tests.features.bodies import COUNTRY
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def countries(*codes: str) -> list[dict[str, Any]]:
    return [COUNTRY | {"id": code, "alpha_3": f"{code}X"} for code in codes]


def post(staff: Client, *codes: str) -> Any:
    return lambda: staff.post("/v1/countries", countries(*codes))


def hold(answers: list[Any]) -> None:
    kept, refused = sorted(answers, key=lambda answer: answer.status)
    assert (kept.status, refused.status) == (201, 409), refused.text
    assert {fault["code"] for fault in refused.json["errors"]} == {"unique"}
    assert Country.objects.filter(id__startswith="Q").count() == len(kept.json)


def test_it_works(staff: Client, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row: each has the other's second row when both want it."""
    barrier, met = Barrier(2), set[int]()

    def perform_create(self: Any, serializer: Any) -> None:
        serializer.save()
        if vendor == "postgresql" and get_ident() not in met:  # SQLite has one writer at a time
            met.add(get_ident())
            barrier.wait(10)

    monkeypatch.setattr(CountryViewSet, "perform_create", perform_create)
    hold(together(post(staff, "QA", "QB"), post(staff, "QB", "QA")))
    assert len(met) == (2 if vendor == "postgresql" else 0)


def test_long_lists(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one statement each, begun at the same moment."""
    barrier, saving, met = Barrier(2), plan.saving, set[int]()

    @contextmanager
    def after_both(*args: Any) -> Iterator[None]:
        if get_ident() not in met:
            met.add(get_ident())
            barrier.wait(10)
        with saving(*args):
            yield

    monkeypatch.setattr(plan, "saving", after_both)
    codes = [f"Q{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    hold(together(post(staff, *codes), post(staff, *reversed(codes))))

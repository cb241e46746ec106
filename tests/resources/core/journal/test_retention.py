"""What the journal has kept for long enough goes, from its beginning on; what is younger stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from api.core.settings import configuration
from resources.core.journal import log, retention
from resources.core.journal.cursor import CursorGone
from resources.places.models import Language
from tests.resources.core.journal.log import changes_after, latest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def age(vendor: str) -> Callable[[int, int], None]:
    """Return what makes changes older, by their numbers."""

    def make_older(number: int, days: int) -> None:
        moment = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE headwater_change SET changed_at = %s WHERE id = %s", [f"{moment}+00:00"
                if vendor == "postgresql" else f"{moment}", number])  # fmt: skip

    return make_older


@pytest.fixture
def numbers(vendor: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Write five changes into an empty journal, and return their numbers; two are pruned at once."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM headwater_change")
        cursor.execute("DELETE FROM headwater_position")
    made = []
    for letter in "abcde":
        Language.objects.create(id=f"q{letter}", alpha_3=f"qq{letter}", name=letter)
        made.append(latest())
    log.catch_up()
    return made


def keys() -> list[str]:
    return [change.key for change in changes_after(0)]


def test_old_changes_go_in_steps(numbers: list[int], age: Callable[[int, int], None]) -> None:
    start = log.latest()
    assert not retention.prune_step()
    for number in numbers[:3]:
        age(number, 8)
    assert retention.prune_step()
    assert keys() == ["qc", "qd", "qe"]
    retention.prune()
    assert keys() == ["qd", "qe"]
    assert log.page_after(start, None, 10).entries == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pruned FROM headwater_journal")
        [pruned] = cursor.fetchone()
    assert pruned == start.position - 2


def test_pruning_stops_at_what_is_young(numbers: list[int], age: Callable[[int, int], None]) -> None:
    for number in (numbers[0], numbers[2], numbers[3]):
        age(number, 100)
    retention.prune()
    assert keys() == ["qb", "qc", "qd", "qe"]


def test_everything_may_go(numbers: list[int], age: Callable[[int, int], None]) -> None:
    start = log.latest()
    for number in numbers:
        age(number, 8)
    retention.prune()
    assert keys() == []
    Language.objects.create(id="qf", alpha_3="qqf", name="f")
    log.catch_up()
    assert log.latest().position > start.position
    with pytest.raises(CursorGone):
        log.page_after(start._replace(position=start.position - 1), None, 10)


def test_the_setting() -> None:
    assert configuration.number("JOURNAL_RETENTION", "30", 7, 36_500) == 30
    with pytest.raises(ImproperlyConfigured, match="from 7 to"):
        configuration.number("JOURNAL_RETENTION", "6", 7, 36_500)

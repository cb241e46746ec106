"""Each change once, transactions whole, in an order that could have been: with eight writers, and kills at random.

A tenth of the changes in the ordinary run; 100,000 of them by `make thorough`.
"""

import hypothesis
import pytest

from tests.journal.company import READERS
from tests.journal.order import faults
from tests.journal.run import Run, company

THOROUGH = hypothesis.settings.get_current_profile_name() == "thorough"
CHANGES = 100_400 if THOROUGH else 10_040
"""That are committed; those that are rolled back come beside them."""
WRITERS = 8
SECONDS = 3600


@pytest.fixture(scope="module")
def run(new_database, tmp_path_factory) -> Run:
    url, folder = new_database(), tmp_path_factory.mktemp("company")
    with company(url, folder, WRITERS, CHANGES) as process:
        assert process.wait(SECONDS) == 0
    return Run.of(url, folder)


def test_every_reader_has_read_every_change_in_an_order_that_could_have_been(run):
    assert len(run.stored) >= CHANGES
    assert run.kills > 2  # one each tenth of a second; a quick machine is soon done
    assert run.failed == 0
    assert len(run.read) == READERS
    for read in run.read:
        assert faults([run.stored[number][1] for _, number in read[1:]]) == []
        assert len(read) == len(run.stored) + 1


def test_what_was_committed_is_there(run):
    assert run.committed <= {change.transaction for _, change in run.stored.values()}


def test_positions_are_dense_and_the_same_for_all(run):
    for read in run.read:
        assert [position for position, _ in read] == list(range(read[0][0], read[0][0] + len(read)))
        assert read[1:] == run.read[0][1:]


def test_orders_that_would_have_cost_less_are_wrong(run, vendor):
    """The numbers that writers draw are no order on PostgreSQL, nor are those of transactions; the rules find out."""
    if vendor == "sqlite":
        pytest.skip("one writer at a time: its numbers are the order")
    by_transaction = sorted(run.stored.values(), key=lambda stored: (stored[0], stored[1].id))
    by_number = sorted(run.stored.values(), key=lambda stored: stored[1].id)
    assert any(fault.startswith("reversed") for fault in faults([change for _, change in by_transaction]))
    assert any(fault.startswith("torn") for fault in faults([change for _, change in by_number]))


def test_a_fault_of_each_kind_is_found(run):
    right = [run.stored[number][1] for _, number in run.read[0][1:]]
    n = next(n for n in range(500, len(right)) if right[n].transaction != right[n - 1].transaction)
    inner = next(n for n in range(500, len(right)) if right[n].transaction == right[n - 1].transaction)
    for wrong, word in (
        ([*right, right[-1]], "repeated"),
        ([*right[:n], *right[n + 1 :]], "reversed, or skipped"),
        ([*right[1:], right[0]], "reversed"),
        ([right[inner], *right[:inner], *right[inner + 1 :]], "torn"),
        (right[n:], "early"),
    ):
        assert any(fault.startswith(word) for fault in faults(wrong))

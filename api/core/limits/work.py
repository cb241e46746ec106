"""The work of a request: what it may take, and what it counts for beside the one request that it is.

A request counts once, and once more for every further megabyte of its answer or tenth of a second that it keeps a
processor busy, whichever is more: so that few dear requests are held to the same limit as many cheap ones.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from api.core.limits.admission import refusal
from api.core.limits.rates import Admission
from resources.core.database import budget
from resources.core.database.budget import ENDLESS, Budget
from resources.core.setting import setting
from serializers.core.problems import Refusal

MEGABYTE, TENTH = 2**20, 0.1
"""Bytes of an answer, and seconds of a processor, that one request pays for."""

Count = Callable[[int], Admission | None]
"""Counts so many requests for whoever asks."""


def budgeted() -> AbstractContextManager[Budget | None]:
    """Spend one budget on all of a request: whoever begins later goes on with what is left.

    Until somebody is known to ask, it is what nobody may take.
    """
    return _GOING_ON if budget.current() else Budget.of(setting("TIME_BUDGET"), setting("WORK_BUDGET"))


_GOING_ON = nullcontext()


def recognize() -> None:
    """Take note that somebody is known to ask: only the clock bounds what they may take."""
    spent = budget.current()
    if spent is not None:
        spent.work = ENDLESS


def meter(chunks: Iterator[bytes], count: Count) -> Iterator[bytes]:
    """Count a stream as it goes, each chunk within a budget of its own, until what may be asked for is used up.

    Args:
        chunks: what is sent.
        count: counts for whoever asks; the request itself has been counted.

    Raises:
        Refusal: it is used up. Before the first chunk that is an answer; afterwards the stream has no proper end.
    """
    cost, charged, outer = 0.0, 0, budget.current()
    while True:
        with Budget.of(setting("TIME_BUDGET")) as spent:
            spent.work = ENDLESS if outer is None else outer.work
            chunk = next(chunks, None)
        if chunk is None:
            return
        cost += requests(spent.spent, len(chunk))
        decision = count(int(cost) - charged) if int(cost) > charged else None
        charged = int(cost)
        if decision is not None and not decision.allowed:
            raise Refusal(refusal(decision))
        yield chunk


def requests(spent: float, size: int) -> float:
    """Return how many requests some work counts for.

    Args:
        spent: seconds of a processor.
        size: bytes.
    """
    return max(spent / TENTH, size / MEGABYTE)


def further(size: int) -> int:
    """Return how many requests the one that is being answered counts for beside the one that it is.

    Args:
        size: bytes of its answer.
    """
    spent = budget.current()
    if spent is None or (size < MEGABYTE and spent.elapsed < TENTH):
        return 0
    return int(requests(spent.spent, size))

"""Where requests are counted: alike in memory and in Valkey, exactly under load, and without Valkey as it is set."""

import threading
import time
import uuid
from typing import Any

import pytest

from api.core.limits import counting, memory
from api.core.limits import shared as shared_counting
from api.core.limits.memory import Memory
from api.core.limits.rates import Rate
from api.core.limits.shared import SharedCounter
from api.core.limits.valkey import PREFIX, Valkey
from serializers.core.problems import Refusal
from tests.servers.processes import free_port

TEN = Rate("some", 10, 3600)
STORES = ["memory", "valkey"]


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Any:
    return Memory() if request.param == "memory" else Valkey(request.getfixturevalue("valkey"))


@pytest.fixture
def who() -> str:
    return f"key:{uuid.uuid4()}"


@pytest.fixture
def nowhere() -> str:
    return f"redis://127.0.0.1:{free_port()}/0"


def let_pass(store: Memory | Valkey, who: str, seconds: float) -> None:
    """Put what is kept of somebody back, as if so much time had gone by."""
    if isinstance(store, Memory):
        store._full_at[who] -= seconds
    else:
        store._script.registered_client.incrbyfloat(PREFIX + who, -seconds * 1e6)


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_it_works(store: Any, who: str) -> None:
    found = [store.check(who, TEN) for _ in range(12)]
    assert [(one.allowed, one.remaining) for one in found] == [(True, left) for left in range(9, -1, -1)] + [
        (False, 0)
    ] * 2
    assert found[0].reset == pytest.approx(360, abs=2)
    assert found[-1].wait == pytest.approx(360, abs=2)
    assert found[-1].reset == pytest.approx(3600, abs=2)
    assert store.check(f"{who}-other", TEN).remaining == 9


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_asking_without_counting(store: Any, who: str) -> None:
    assert [store.check(who, TEN, charge=False).allowed for _ in range(20)] == [True] * 20
    for _ in range(10):
        store.check(who, TEN)
    assert not store.check(who, TEN, charge=False).allowed


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_the_quota_refills(store: Any, who: str) -> None:
    five = Rate("some", 5, 3600)
    assert [store.check(who, five).allowed for _ in range(6)] == [True] * 5 + [False]
    let_pass(store, who, 3600 / 5)
    assert [store.check(who, five).allowed for _ in range(2)] == [True, False]
    let_pass(store, who, 3600)
    assert store.check(who, five).remaining == 4


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_threads_count_exactly(store: Any, who: str) -> None:
    hundred, allowed = Rate("some", 100, 86400), []

    def ask() -> None:
        allowed.extend(store.check(who, hundred).allowed for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 100


def test_memory_is_bounded_and_those_who_matter_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 100)
    store = Memory()
    for number in range(50):
        store.check(f"gone {number}", Rate("some", 10**8, 1))
    for _ in range(10):
        store.check("stays", TEN)
    for number in range(60):
        store.check(f"other {number}", TEN)
    assert not store.check("stays", TEN).allowed
    for number in range(1000):
        store.check(f"flood {number}", TEN)
    assert len(store._full_at) <= 100


def test_valkey_forgets_by_itself(valkey: str, who: str) -> None:
    store = Valkey(valkey)
    store.check(who, Rate("some", 5, 3600))
    assert 0 < store._script.registered_client.ttl(PREFIX + who) <= 3600 / 5


def test_without_valkey_each_process_counts_by_itself(nowhere: str, who: str, settings: Any) -> None:
    settings.VALKEY_URL, settings.LIMIT_WITHOUT_VALKEY = nowhere, "open"
    assert [counting.check(who, TEN).allowed for _ in range(11)] == [True] * 10 + [False]


def test_without_valkey_everything_is_refused_where_that_is_asked_for(nowhere: str, who: str, settings: Any) -> None:
    settings.VALKEY_URL, settings.LIMIT_WITHOUT_VALKEY = nowhere, "closed"
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            counting.check(who, TEN)
        assert refused.value.problem.kind.status == 503
        assert dict(refused.value.problem.headers)["Retry-After"] == "1"


def test_an_absent_valkey_is_not_waited_for_again_and_again(nowhere: str, who: str, caplog: Any) -> None:
    shared = SharedCounter(nowhere)
    for _ in range(1000):
        assert shared.check(who, TEN, charge=True) is None
    assert caplog.text.count("valkey is away") == 1


def test_one_that_does_not_answer_is_waited_for_shortly(who: str) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.perf_counter()
        assert SharedCounter(f"redis://127.0.0.1:{silent.getsockname()[1]}/0").check(who, TEN, charge=True) is None
        assert time.perf_counter() - began < 10


def test_it_is_used_again_when_it_is_back(valkey: str, who: str, caplog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_counting, "PAUSE", 0.0)
    monkeypatch.setattr("logging.root.level", 0)
    shared = SharedCounter(valkey)
    shared._away = True
    decision = shared.check(who, TEN, charge=True)
    assert decision is not None
    assert decision.remaining == 9
    assert "valkey is back" in caplog.text

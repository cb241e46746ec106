"""The cache of plans is bounded, and a client that invents shapes pushes out nothing that others use."""

import weakref
from typing import NamedTuple

from api.core.tracing.cache import Cache


def ask(cache: Cache[int], key: int) -> bool:
    """Ask for a key as a reader does; return whether it was there."""
    if cache.get(key) is not None:
        return True
    if cache.worth(key):
        cache.keep(key, key)
    return False


def test_what_is_asked_for_twice_is_kept() -> None:
    cache: Cache[int] = Cache()
    assert [ask(cache, 1), ask(cache, 1), ask(cache, 1)] == [False, False, True]


def test_it_is_bounded() -> None:
    cache: Cache[int] = Cache(most=8)
    for key in range(100):
        for _ in range(3):
            ask(cache, key)
    assert len(cache.entries) == 8
    assert len(cache.sketch.counts) <= cache.sketch.most


class Key(NamedTuple):
    """A key, which a weak reference tells from one that is gone."""

    number: int
    large: frozenset[int]


def test_keys_that_are_only_counted_are_not_held() -> None:
    cache: Cache[int] = Cache(most=8)
    large = frozenset({1, 2})
    watched = weakref.ref(large)
    cache.worth(Key(1, large))
    assert cache.sketch.count_of(Key(1, large)) == 1
    del large
    assert watched() is None


def test_invented_shapes_push_out_nothing_in_use() -> None:
    cache: Cache[int] = Cache(most=8)
    for _ in range(50):
        for key in range(8):
            ask(cache, key)
    for invented in range(1000, 3000):
        ask(cache, invented)
        ask(cache, invented)
        ask(cache, invented % 8)
    assert {key for key in cache.entries if key < 8} == set(range(8))


def test_what_is_out_of_use_makes_room() -> None:
    cache: Cache[int] = Cache(most=4)
    cache.sketch.most = 64
    for _ in range(10):
        for key in range(4):
            ask(cache, key)
    for _ in range(100):
        for key in range(10, 14):
            ask(cache, key)
    assert {key for key in cache.entries if key >= 10} == {10, 11, 12, 13}

"""Long answers are held in memory while there is room, and otherwise in files; either is given back."""

import pytest

from api.core.server.memory import Memory, MemoryFile


@pytest.fixture
def memory(settings) -> Memory:
    settings.MAX_ANSWERS = 10
    return Memory()


def test_it_works(memory: Memory) -> None:
    with memory.keep(b"abcde") as file:
        assert (file.read(), memory.used) == (b"abcde", 5)
    assert memory.used == 0


def test_what_has_no_room_is_a_file(memory: Memory) -> None:
    with memory.keep(b"abcdefgh") as first, memory.keep(b"ijk") as second:
        assert (isinstance(first, MemoryFile), isinstance(second, MemoryFile)) == (True, False)
        assert (second.read(), memory.used) == (b"ijk", 8)
    assert memory.used == 0


def test_what_is_closed_twice_is_given_back_once(memory: Memory) -> None:
    file = memory.keep(b"abc")
    file.close()
    file.close()
    assert memory.used == 0

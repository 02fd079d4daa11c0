"""Answers in memory, bounded by bytes."""

from dataclasses import replace

from cache import Lifetime
from cache.entry import Entry
from cache.memory import Memory, Remembered
from tests.cache.fakes import key

KEY = key(1)


def remembered(size: int = 100, *, stamps: int = 0) -> Remembered:
    entry = Entry(
        KEY.sha256,
        KEY.scope,
        {},
        created_ms=0,
        lifetime=Lifetime(1, 1, 1),
        cost_ms=0,
        rows=0,
        body=b"x" * size,
    )
    return Remembered(entry, {str(number): "t" for number in range(stamps)}, born=0.0)


def test_packed_rows_are_counted_beside_the_body() -> None:
    plain = remembered(100_000)
    packed = replace(plain, entry=plain.entry.packed())

    assert packed.entry.packed_rows
    assert packed.size - plain.size == len(packed.entry.packed_rows)


def test_what_is_kept_is_found() -> None:
    memory = Memory(10_000)
    kept = remembered()

    memory.keep("a", kept)

    assert memory.find("a") is kept
    assert memory.find("b") is None


def test_it_never_holds_more_bytes_than_it_may() -> None:
    size = remembered(1000).size
    memory = Memory(6 * size + size // 2)

    for number in range(100):
        memory.keep(str(number), remembered(1000))

        assert memory.bytes <= 6 * size
    assert memory.entries == 6
    assert memory.evictions == 94


def test_what_was_used_least_lately_goes_first() -> None:
    memory = Memory(4 * remembered(1000).size)
    for name in "abcd":
        memory.keep(name, remembered(1000))

    memory.find("a")
    memory.keep("e", remembered(1000))

    assert memory.find("a") is not None
    assert memory.find("b") is None


def test_what_is_larger_than_a_quarter_is_not_kept_and_leaves_nothing_older() -> None:
    memory = Memory(10_000)
    memory.keep("a", remembered(100))

    memory.keep("a", remembered(2500))

    assert memory.find("a") is None
    assert memory.evictions == 0


def test_without_any_bytes_nothing_is_kept() -> None:
    memory = Memory(0)

    memory.keep("a", remembered(0))

    assert memory.entries == 0


def test_stamps_take_memory_too() -> None:
    assert remembered(stamps=100).size > remembered().size + 100 * 50


def test_what_replaces_another_takes_its_place() -> None:
    memory = Memory(10_000)
    memory.keep("a", remembered(1000))

    memory.keep("a", remembered(100))

    assert (memory.entries, memory.bytes) == (1, remembered(100).size)

import pytest

from cache import EventName, Loaded, MissReason
from tests.cache.fakes import key
from tests.cache.room import TTL, Room

pytestmark = pytest.mark.anyio


async def test_a_fresh_cache_has_a_hit_rate_of_zero() -> None:
    assert (await Room().cache.stats()).hit_rate == 0.0


async def test_the_hit_rate_counts_our_own_looks() -> None:
    room = Room()
    for _ in range(4):
        await room.answer()

    stats = await room.cache.stats()

    assert (stats.hits, stats.misses, stats.hit_rate) == (3, 1, 0.75)
    assert stats.misses_by_reason[MissReason.ABSENT] == 1
    assert stats.status == "up"


async def test_saved_time_is_what_the_load_had_cost() -> None:
    room = Room()

    async def quarter_second() -> Loaded:
        room.clock.turn(0.25)
        return Loaded(b"1", 1)

    for _ in range(3):
        await room.cache.get_or_load(key(), quarter_second, ttl=TTL)

    assert (await room.cache.stats()).load_ms_saved == 500


async def test_each_step_is_told_once() -> None:
    room = Room()

    await room.answer()
    await room.answer()
    await room.cache.delete(key().name)
    await room.cache.clear("analytics:*")

    assert room.seen.names() == [
        EventName.MISS,
        EventName.SET,
        EventName.HIT,
        EventName.DELETE,
        EventName.CLEAR,
    ]

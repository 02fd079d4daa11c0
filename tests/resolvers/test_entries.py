"""One answer explained: to administrators, within our own keys."""

from collections.abc import Sequence

import pytest

from cache.cache import Cache
from cache.explain import State
from cache.pattern import owned
from cache.store import Look
from model.faults import Fault
from model.viewer import ADMIN, ANONYMOUS, Viewer
from resolvers.entries import entry_of
from tests.cache.fakes import PREFIX, FakeStore, key
from tests.cache.room import Room

pytestmark = pytest.mark.anyio

ADMINISTRATOR = Viewer("someone", roles=frozenset({ADMIN}))


class Fenced(FakeStore):
    """Refuses names that are not ours, as the real store does."""

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        return await super().look(owned(name, PREFIX), tags)


async def test_an_administrator_is_told() -> None:
    room = Room()
    await room.answer()

    assert (await entry_of(room.cache, key().name, ADMINISTRATOR)).state is State.FRESH


async def test_nobody_else_is_told_nor_is_redis_asked() -> None:
    room = Room()

    with pytest.raises(Fault) as refused:
        await entry_of(room.cache, key().name, ANONYMOUS)

    assert refused.value.code == "UNAUTHENTICATED"
    assert room.store.calls == []


@pytest.mark.parametrize("name", ["session:1", "", "analytics", "analytics:", "analytics2:query:0"])
async def test_a_name_that_is_not_ours_is_refused(name: str) -> None:
    with pytest.raises(Fault) as refused:
        await entry_of(Cache(Fenced()), name, ADMINISTRATOR)

    assert refused.value.code == "INVALID_PATTERN"
    assert refused.value.fields == {"cacheKey": name}


async def test_without_redis_nothing_can_be_told() -> None:
    with pytest.raises(Fault, match="Redis is not there") as refused:
        await entry_of(Cache(FakeStore(down=True)), key().name, ADMINISTRATOR)

    assert refused.value.code == "CACHE_UNAVAILABLE"

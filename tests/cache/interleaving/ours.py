"""The caches of this house, whole: each with a store, connections and a memory of its own."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from cache import Breaker, Cache, Lifetime, Limits, Loaded, Mode, RedisStore, Source, StoreDown, Timeouts
from cache.tracker import Rhythm
from cache.turn import Patience
from tests.cache.fakes import PREFIX
from tests.cache.interleaving.world import (
    KEYS,
    OLD_LOAD,
    QUESTIONS,
    SHARED,
    Cut,
    Kind,
    Load,
    Order,
    Shown,
    Unavailable,
)

_NEVER = 1e6
_LIFETIME = Lifetime.of(timedelta(hours=1), if_error=timedelta(hours=1))


class LastingStore(RedisStore):
    """Outlives the caches that use it one after the other."""

    async def close(self) -> None:
        pass

    async def end(self) -> None:
        await super().close()


def lasting_store(url: str) -> LastingStore:
    """No heartbeat: the clock stands still. A lock ends by the server's clock, which does not."""
    return LastingStore(
        url,
        prefix=PREFIX,
        connections=8,
        timeouts=Timeouts(lease=0.2),
        rhythm=Rhythm(beat=_NEVER, lease=_NEVER),
    )


class OurCaches:
    """Implements `Design`."""

    kinds: Sequence[Kind] = tuple(Kind)

    def __init__(
        self, stores: Sequence[LastingStore], clock: Callable[[], float], chance: Callable[[], float]
    ) -> None:
        self._caches = [
            Cache(
                store,
                limits=Limits(),
                breaker=Breaker(clock=clock),
                patience=Patience(others=2.0),
                forgivable=(Unavailable,),
                clock=clock,
                chance=chance,
            )
            for store in stores
        ]

    @property
    def caches(self) -> int:
        return len(self._caches)

    async def read(self, cache: int, question: str, load: Load) -> Shown:
        hit = await self._caches[cache].get_or_load(
            KEYS[question], _loaded(load), tags=QUESTIONS[question], lifetime=_LIFETIME
        )
        source = hit.source.value
        if hit.shared and hit.source is not Source.REDIS:
            source = OLD_LOAD if hit.source is Source.STALE else SHARED
        return Shown(int(hit.body), source)

    async def order(self, cache: int, order: Order) -> None:
        try:
            await self._carried_out(self._caches[cache], order)
        except StoreDown as down:
            raise Cut from down

    async def _carried_out(self, cache: Cache, order: Order) -> None:
        match order.kind:
            case Kind.TAG:
                await cache.invalidate((order.target,), order.mode)
            case Kind.DELETE:
                await cache.delete(KEYS[order.target].name)
            case Kind.CLEAR:
                await cache.clear(f"{PREFIX}:*", order.mode)
            case Kind.NARROW_CLEAR:
                await cache.clear(f"{KEYS[order.target].name[:-20]}*", Mode.PURGE)

    async def close(self) -> None:
        for cache in self._caches:
            await cache.close()


def _loaded(load: Load) -> Callable[[], Awaitable[Loaded]]:
    async def loaded() -> Loaded:
        return Loaded(b"%d" % await load(), 1)

    return loaded

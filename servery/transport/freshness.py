"""How long a browser or a cache on the way may show an answer again: never longer than we would ourselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from cache.hit import Source
from cache.lifetime import Freshness, Lifetime, Use

NO_STORE: Final = b"no-store"
_MILLISECOND: Final = timedelta(milliseconds=1)
_SECOND: Final = 1000


class Kept(Protocol):
    """What is told of an answer: see `resolvers.analytics.Answer`."""

    @property
    def source(self) -> Source: ...
    @property
    def age_ms(self) -> int: ...
    @property
    def lifetime(self) -> Lifetime | None: ...
    @property
    def until(self) -> datetime | None: ...


class Left(NamedTuple):
    """Milliseconds for which an answer is still fresh, and may still be shown while a new one is fetched."""

    fresh_ms: int
    stale_ms: int


def left_of(answer: Kept, accepted: Freshness, now: datetime) -> Left | None:
    """None for an answer that must be asked for each time. `now` is aware."""
    lifetime = answer.lifetime
    if lifetime is None or accepted.use is not Use.DEFAULT or answer.source is Source.STALE:
        return None
    fresh, stale = lifetime.soft_ms - answer.age_ms, lifetime.stale_ms - answer.age_ms
    if answer.until is not None:
        turn = (answer.until - now) // _MILLISECOND
        fresh, stale = min(fresh, turn), min(stale, turn)
    if accepted.max_age_ms is not None:
        oldest = accepted.max_age_ms - answer.age_ms
        fresh, stale = min(fresh, oldest), min(stale, oldest)
    return Left(fresh, stale)


def cache_control(lefts: Iterable[Left | None], *, private: bool, most_s: int) -> bytes:
    """Of a response with these answers, one at least. It is as good as the worst of them.

    `most_s` caps either time; with 0 the response is kept and asked for each time, by its ETag.
    """
    fresh = stale = most_s * _SECOND * 2
    for left in lefts:
        if left is None:
            return NO_STORE
        fresh, stale = min(fresh, left.fresh_ms), min(stale, left.stale_ms)
    max_age = min(max(fresh, 0) // _SECOND, most_s)
    return _written(max_age, min(max(stale // _SECOND - max_age, 0), most_s), private)


@lru_cache(maxsize=1024)
def _written(max_age: int, while_revalidating: int, private: bool) -> bytes:  # noqa: FBT001  a key of the cache
    whose = "private" if private else "public"
    if not max_age and not while_revalidating:
        return f"{whose}, no-cache".encode()
    stale = f", stale-while-revalidate={while_revalidating}" if while_revalidating else ""
    return f"{whose}, max-age={max_age}{stale}".encode()

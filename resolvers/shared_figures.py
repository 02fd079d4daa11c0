"""The figures of all processes of one deployment: each tells the others what it has counted."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from secrets import token_hex
from typing import Final

from cache.cache import Cache
from cache.stats import Counts
from cache.store import StoreDown
from resolvers.figures import Figures, figures_of
from resolvers.figures_notes import counts_of, note_of

TOPIC: Final = "stats"
EVERY_S: Final = 2.0
AT_LEAST_EVERY_S: Final = 5.0
KEPT_MS: Final = 15_000
"""After that a process that is silent counts no more."""

HEARD_FOR_S: Final = 1.0
"""So long what others told is not looked up anew, however many ask for the figures."""

MOST_WORKERS: Final = 1_000


def idle() -> None:
    """For those who have nothing to do at each beat."""


class SharedFigures:
    """Tells the counts of this process every now and then, and adds up those of all.

    `beat` is called each time, for what is to be kept current beside.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        beat: Callable[[], None] = idle,
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = cache
        self._beat = beat
        self._every_s = every_s
        self._clock = clock
        self._topic = f"{TOPIC}:{token_hex(8)}"
        self._told: Counts | None = None
        self._told_at = float("-inf")
        self._heard: tuple[Counts, ...] = ()
        self._heard_at = float("-inf")
        self._listening = asyncio.Lock()
        self._telling: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._telling = asyncio.create_task(self._tell_again_and_again(), name="figures")

    async def close(self) -> None:
        """Stop, and take back what was told: this process counts no more."""
        if self._telling is None:
            return
        self._telling.cancel()
        await asyncio.gather(self._telling, return_exceptions=True)
        self._telling = None
        with suppress(StoreDown):
            await self._cache.note(self._topic, "", ttl_ms=1)

    async def figures(self) -> Figures:
        """Of all processes; of this one alone while Redis is down. Never raises."""
        stats = await self._cache.stats()
        others = await self.others() if stats.server else ()
        return figures_of(summed((stats, *others)), stats.server, 1 + len(others))

    async def others(self) -> tuple[Counts, ...]:
        """What the other processes told, up to some seconds ago. Nothing while Redis is down."""
        async with self._listening:
            if self._clock() - self._heard_at >= HEARD_FOR_S:
                self._heard = await self._listened()
                self._heard_at = self._clock()
            return self._heard

    async def tell(self) -> None:
        """Tell what has changed; that this process lives, where nothing has. Never raises."""
        counts, now = self._cache.counts(), self._clock()
        if counts == self._told and now - self._told_at < AT_LEAST_EVERY_S:
            return
        with suppress(StoreDown):
            await self._cache.note(self._topic, note_of(counts), KEPT_MS)
            self._told, self._told_at = counts, now

    async def _listened(self) -> tuple[Counts, ...]:
        try:
            return await told_by_all(self._cache, but=self._topic)
        except StoreDown:
            return ()

    async def _tell_again_and_again(self) -> None:
        while True:
            self._beat()
            await self.tell()
            await asyncio.sleep(self._every_s)


async def told_by_all(cache: Cache, but: str = "") -> tuple[Counts, ...]:
    """What each process told, `but` the one of that topic. Raises StoreDown."""
    notes = await cache.notes(f"{TOPIC}:*")
    texts = [text for topic, text in notes.items() if topic != but]
    return tuple(counts for text in texts[:MOST_WORKERS] if (counts := counts_of(text)))


def summed(counts: Iterable[Counts]) -> Counts:
    return sum(counts, start=Counts())

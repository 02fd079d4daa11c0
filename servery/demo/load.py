"""Fills a database with the example: one connection for each big table, all at the same time.

While PostgreSQL takes in one run of sales, the next one is drawn in a thread. Each table is filled
and indexed in one transaction of its own; the marker's row comes last, when all of them have ended.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date

from db.copy import Session, Target, session
from servery.demo.lookups import lookup_tables
from servery.demo.marker import Loaded, claim, mark
from servery.demo.restaurant import Restaurant
from servery.demo.rows import SALES, TARGETS, encode
from servery.demo.statements import by_table, text

Progress = Callable[[str, int, int], None]
"""Takes the name of a step, and how many of how many rows or statements are done."""

VISITS = "customer_visits"
"""The materialized view over the sales."""

_WAITING_CHUNKS = 2
_Chunks = asyncio.Queue[bytes | None]


def quiet(_step: str, _done: int, _total: int) -> None:
    """Say nothing."""


class Steps:
    """Counts what is done of one step, and tells it."""

    __slots__ = ("_done", "_name", "_progress", "_total")

    def __init__(self, progress: Progress, name: str, total: int) -> None:
        self._progress = progress
        self._name = name
        self._total = total
        self._done = 0
        progress(name, 0, total)

    def add(self, count: int = 1) -> None:
        """Tell that so many more are done."""
        self._done += count
        self._progress(self._name, self._done, self._total)


async def load_example(
    url: str, *, until: date, seed: int = 7, sales: int = 500_000, progress: Progress = quiet
) -> Loaded:
    """Build the example anew in the schema `restaurant`; `until` is its last day.

    Raise LoadRefused, and change nothing, when the schema is not ours to drop. The same arguments
    give the same rows. `progress` is called on the event loop, for "sales", "indexes" and "keys".
    """
    loaded = Loaded(until, seed, sales)
    async with session(url) as own:
        # Drawn first: arguments that cannot be drawn must not cost the example that is there.
        restaurant = await asyncio.to_thread(Restaurant.of, until, seed, sales)
        await claim(own)
        try:
            await _fill(url, own, restaurant, progress)
            await _check_keys(url, own, progress)
        except ExceptionGroup as several:
            # The first failure is the cause; the others are its echo on the other connections.
            raise several.exceptions[0] from several
        await mark(own, loaded)
    return loaded


async def _fill(url: str, own: Session, restaurant: Restaurant, progress: Progress) -> None:
    after = by_table("indexes.sql")
    indexes = Steps(progress, "indexes", sum(map(len, after.values())))
    queues = [_Chunks(_WAITING_CHUNKS) for _ in TARGETS]
    async with asyncio.TaskGroup() as group:
        group.create_task(_feed(restaurant, queues, progress), name="draw sales")
        group.create_task(_fill_lookups(own, restaurant, after, indexes), name="fill lookups")
        filled = {}
        for target, queue in zip(TARGETS, queues, strict=True):
            fill = _fill_table(url, target, _drain(queue), after[target.table], indexes)
            filled[target] = group.create_task(fill, name=f"fill {target.table}")
        visits = _fill_visits(url, filled[SALES], after[VISITS], indexes)
        group.create_task(visits, name=f"fill {VISITS}")


async def _feed(restaurant: Restaurant, queues: Sequence[_Chunks], progress: Progress) -> None:
    """Draw and encode the sales run by run, never further ahead than the queues are long."""
    done = Steps(progress, "sales", len(restaurant.visits))
    runs = restaurant.runs()
    while (run := await asyncio.to_thread(next, runs, None)) is not None:
        chunks = await asyncio.to_thread(encode, restaurant, run)
        for queue, chunk in zip(queues, chunks, strict=True):
            await queue.put(chunk)
        done.add(len(run))
    for queue in queues:
        await queue.put(None)


async def _fill_table(
    url: str, target: Target, chunks: AsyncIterator[bytes], after: Sequence[str], indexes: Steps
) -> None:
    async with session(url) as own, own.transaction():
        await own.refill(target, chunks)
        await _run_each(own, after, indexes)


async def _fill_visits(url: str, sales: asyncio.Task[None], statements: Sequence[str], steps: Steps) -> None:
    await sales
    async with session(url) as own:
        await _run_each(own, statements, steps)


async def _fill_lookups(
    own: Session, restaurant: Restaurant, after: dict[str, tuple[str, ...]], indexes: Steps
) -> None:
    async with own.transaction():
        for target, chunk in lookup_tables(restaurant):
            await own.refill(target, _once(chunk))
            await _run_each(own, after[target.table], indexes)


async def _check_keys(url: str, own: Session, progress: Progress) -> None:
    await own.run(text("keys.sql"))
    checks = by_table("checks.sql")
    keys = Steps(progress, "keys", sum(map(len, checks.values())))
    async with asyncio.TaskGroup() as group:
        for table, statements in checks.items():
            group.create_task(_check_table(url, statements, keys), name=f"check {table}")


async def _check_table(url: str, statements: Sequence[str], keys: Steps) -> None:
    async with session(url) as own:
        await _run_each(own, statements, keys)


async def _run_each(own: Session, statements: Sequence[str], steps: Steps) -> None:
    for statement in statements:
        await own.run(statement)
        steps.add()


async def _drain(queue: _Chunks) -> AsyncIterator[bytes]:
    while (chunk := await queue.get()) is not None:
        yield chunk


async def _once(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk

"""What does one invalidation of a tag cost when many answers depend on it, and what do other clients notice?

    python -m bench.invalidation [--entries 200000] [--rounds 3] [--save FILE]

Beside ours stand the first design, which looks for all names and deletes them, and sets that hold the names
of each tag. A client of its own asks PING meanwhile.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final

import typer
from redis.asyncio import Redis
from rich.console import Console

from bench.machine import machine, versions
from bench.pinging import pinging
from bench.report import Cells, Report, Table, markdown, short, show
from cache import Cache, Mode, RedisStore
from tests.cache.node import program
from tests.cache.servers import RunningRedis

PREFIX: Final = "analytics"
TAG: Final = "channel:2"
SET: Final = f"{PREFIX}:tag:{TAG}"
BODY: Final = b"x" * 300
LIFE_MS: Final = 3_600_000
BATCH: Final = 1_000
CALM_SECONDS: Final = 0.3
"""For which PINGs are measured before and after an invalidation."""

_SET_AT_ONCE: Final = """
local names = redis.call('SMEMBERS', KEYS[1])
for first = 1, #names, 5000 do
  redis.call('UNLINK', unpack(names, first, math.min(first + 4999, #names)))
end
redis.call('UNLINK', KEYS[1])
"""


@dataclass(frozen=True, slots=True)
class Invalidation:
    """`sets` says that it needs sets of names, and `deletes` that there are no answers left after it."""

    name: str
    run: Callable[["Bench"], Awaitable[None]]
    sets: bool = False
    deletes: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds: of the order itself, and of the slowest and the median PING of another client."""

    order: float
    slowest_ping: float
    median_ping: float


@dataclass(slots=True)
class Bench:
    """`client` gives bytes; `cache` is ours."""

    port: int
    client: Any
    cache: Cache
    entries: int
    calm: float

    async def fill(self, *, sets: bool) -> None:
        await self.client.flushall()
        for first in range(0, self.entries, BATCH):
            names = [_name(number) for number in range(first, min(first + BATCH, self.entries))]
            async with self.client.pipeline(transaction=False) as pipeline:
                for name in names:
                    pipeline.set(name, BODY, px=LIFE_MS)
                if sets:
                    pipeline.sadd(SET, *names)
                await pipeline.execute()

    async def cost(self, invalidation: Invalidation) -> Cost:
        await self.cache.invalidate(("warm",), Mode.PURGE)
        with pinging(self.port) as pings:
            await asyncio.sleep(self.calm)
            began = time.perf_counter()
            await invalidation.run(self)
            order = (time.perf_counter() - began) * 1000
            await asyncio.sleep(self.calm)
        return Cost(order, pings.most, pings.median)


async def nothing(bench: Bench) -> None:
    """To know how slow a PING is anyway."""


async def ours(bench: Bench) -> None:
    await bench.cache.invalidate((TAG,), Mode.PURGE)


async def our_clear(bench: Bench) -> None:
    await bench.cache.clear(f"{PREFIX}:*")


async def scan_and_delete(bench: Bench) -> None:
    names = [name async for name in bench.client.scan_iter(match=f"{PREFIX}:query:*")]
    await bench.client.delete(*names)


async def scan_and_delete_often(bench: Bench) -> None:
    names = []
    async for name in bench.client.scan_iter(match=f"{PREFIX}:query:*", count=BATCH):
        names.append(name)
        if len(names) == BATCH:
            await bench.client.delete(*names)
            names = []
    if names:
        await bench.client.delete(*names)


async def set_at_once(bench: Bench) -> None:
    await bench.client.eval(_SET_AT_ONCE, 1, SET)


async def set_in_parts(bench: Bench) -> None:
    while names := await bench.client.spop(SET, BATCH):
        await bench.client.unlink(*names)


CALM: Final = Invalidation("nothing", nothing, deletes=False)
OURS: Final = Invalidation("ours: a new token", ours, deletes=False)
WAYS: Final = (
    CALM,
    OURS,
    Invalidation("ours: clear of everything, with the memory freed", our_clear),
    Invalidation("first design: SCAN, then one DEL", scan_and_delete),
    Invalidation("the same, DEL of 1,000 at a time", scan_and_delete_often),
    Invalidation("set of names: one script", set_at_once, sets=True),
    Invalidation("set of names: SPOP and UNLINK of 1,000 at a time", set_in_parts, sets=True),
)


async def measure(
    port: int, url: str, *, entries: int, rounds: int, calm: float = CALM_SECONDS
) -> Mapping[str, Cost]:
    """The median of each figure over the rounds."""
    found: dict[str, list[Cost]] = {way.name: [] for way in WAYS}
    async with Redis.from_url(url, protocol=2) as client:
        cache = Cache(RedisStore(url, prefix=PREFIX))
        bench = Bench(port, client, cache, entries, calm)
        for _ in range(rounds):
            await bench.fill(sets=False)
            for way in WAYS:
                if way.sets:
                    await bench.fill(sets=True)
                found[way.name].append(await bench.cost(way))
                if way.deletes:
                    assert await client.dbsize() < 100, f"{way.name} left answers"
                    await bench.fill(sets=False)
        await cache.close()
    return {name: _median(costs) for name, costs in found.items()}


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        median(cost.order for cost in costs),
        median(cost.slowest_ping for cost in costs),
        median(cost.median_ping for cost in costs),
    )


def table_of(costs: Mapping[str, Cost]) -> Table:
    header = ("invalidation", "ms", "to ours", "slowest PING ms", "to nothing", "median PING ms")
    our, calm = costs[OURS.name], costs[CALM.name]
    rows = [_row(name, cost, our, calm) for name, cost in costs.items()]
    return Table(header, (tuple(rows[:2]), tuple(rows[2:])), frozenset({"invalidation"}))


def _row(name: str, cost: Cost, our: Cost, calm: Cost) -> Cells:
    ordered = name != CALM.name
    return (
        name,
        short(cost.order) if ordered else "",
        short(cost.order / our.order) if ordered else "",
        short(cost.slowest_ping),
        short(cost.slowest_ping / calm.slowest_ping),
        short(cost.median_ping),
    )


def _name(number: int) -> str:
    return f"{PREFIX}:query:{number:032x}"


def main(
    entries: Annotated[int, typer.Option(help="How many answers depend on the tag.", min=1)] = 200_000,
    rounds: Annotated[int, typer.Option(help="How often each way is measured.", min=1)] = 3,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure one invalidation of a tag beside a PING of another client."""
    place = machine()
    server = RunningRedis(program())
    server.start()
    try:
        costs = asyncio.run(measure(server.port, server.url, entries=entries, rounds=rounds))
    finally:
        server.kill()
    method = {
        "answers": f"{entries:,} of {len(BODY)} bytes, all with the tag",
        "PING": "of a process of its own, about 1,500 in a second, also a moment before and after",
        "rounds": f"{rounds}; medians",
        "versions": versions(("redis", "hiredis"), ("Valkey",)),
        "machine": place,
    }
    report = Report("One invalidation of a tag", method, table_of(costs))
    show(report, Console())
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)

"""What happens between two requests, to both services alike."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from cache import StoreDown
from cache.tokens import MEMORY, Mode
from tests.lane.sent import Sent, asks
from tests.lane.world import TYPES, World

Event = Callable[[Random, World], Awaitable[None]]
ZONES: Final = ("America/Sao_Paulo", "Europe/Lisbon", "Africa/Cairo", "Australia/Lord_Howe", "UTC")
TAGS: Final = (
    "table:sales",
    "table:lines",
    "table:sales@2026-01",
    "date:2026-03",
    "channel:iFood",
    "tenant:north",
)
DEARLY: Final = (0.0, 0.0, 0.03, 3.0, 20.0)
CHANCES: Final = (0.0, 0.5, 0.9, 0.999_999)


async def a_moment(dice: Random, world: World) -> None:
    world.turn(dice.choice((0.001, 0.5, 1, 7, 29.9994)))


async def a_while(dice: Random, world: World) -> None:
    world.turn(dice.choice((60, 250, 299, 320, 600, 3_700, 90_000)))


async def near_midnight(dice: Random, world: World) -> None:
    """Just before, or at the very moment."""
    zone = ZoneInfo(dice.choice(ZONES))
    day = world.wall.astimezone(zone).date() + timedelta(days=1)
    turn = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    world.turn(max(0.0, (turn - world.wall).total_seconds() - dice.choice((0, 0, 0.001, 1))))


async def near_a_quarter(dice: Random, world: World) -> None:
    past = world.wall.timestamp() % 900
    world.turn(900 - past - dice.choice((0, 0.001)))


async def the_clock_is_put_back(dice: Random, world: World) -> None:
    """That on the wall; nothing else goes backwards."""
    world.wall -= timedelta(seconds=dice.choice((1, 600, 3_600)))


async def other_rows(dice: Random, world: World) -> None:
    """Nobody is told."""
    world.database.edition += 1


async def other_rows_and_a_clear(dice: Random, world: World) -> None:
    """By another process, which tells the store."""
    world.database.edition += 1
    with suppress(StoreDown):
        await world.store.invalidate(("__all",), dice.choice(list(Mode)))


async def a_tag_elsewhere(dice: Random, world: World) -> None:
    with suppress(StoreDown):
        await world.store.invalidate((dice.choice(TAGS),), dice.choice(list(Mode)))


async def other_types(dice: Random, world: World) -> None:
    world.database.type = dice.choice(TYPES)


async def database_fails(dice: Random, world: World) -> None:
    world.database.down = True


async def store_fails(dice: Random, world: World) -> None:
    world.store.down = True


async def all_is_well(dice: Random, world: World) -> None:
    world.database.down = world.store.down = False
    world.database.cost_s, world.chance = 0.0, 0.5


async def store_loses_all(dice: Random, world: World) -> None:
    """Another server takes its place."""
    world.store.kept.clear()
    world.store.told.clear()
    world.store.tokens.clear()
    world.store.server += " of another"


async def memory_is_dropped(dice: Random, world: World) -> None:
    with suppress(StoreDown):
        await world.store.invalidate((MEMORY,), Mode.PURGE)


async def nothing_is_known(dice: Random, world: World) -> None:
    """The line on which changes are told has broken."""
    world.store.told.clear()


async def loads_take(dice: Random, world: World) -> None:
    world.database.cost_s = dice.choice(DEARLY)


async def chance(dice: Random, world: World) -> None:
    world.chance = dice.choice(CHANCES)


EVENTS: Final[Mapping[Event, int]] = {
    a_moment: 16,
    a_while: 3,
    near_midnight: 1,
    near_a_quarter: 1,
    the_clock_is_put_back: 1,
    other_rows: 1,
    other_rows_and_a_clear: 2,
    a_tag_elsewhere: 2,
    other_types: 1,
    database_fails: 2,
    store_fails: 2,
    all_is_well: 2,
    store_loses_all: 1,
    memory_is_dropped: 1,
    nothing_is_known: 1,
    loads_take: 2,
    chance: 3,
}

ORDERS: Final = (
    *("clearCache { deleted message }", "clearCache(mode: EXPIRE) { deleted message }"),
    'clearCache(tags: ["table:sales"]) { tags }',
    'clearCache(tags: ["date:2026-03", "city:recife"], mode: EXPIRE) { tags }',
    'clearCache(pattern: "other:*") { deleted }',
    "deleteCacheKey(metrics: [revenue]) { deleted cacheKey }",
    "deleteCacheKey(metrics: [sold], dimensions: [channel]) { deleted cacheKey }",
)


def order(dice: Random) -> Sent:
    """Most often by an administrator."""
    caller = b"Bearer admin" if dice.random() < 0.9 else b"Bearer north"
    return asks(f"mutation {{ {dice.choice(ORDERS)} }}").under((b"authorization", caller))

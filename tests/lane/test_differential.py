"""The fast lane is the whole way, only faster: drawn requests go both ways, and nobody can tell which.

DIFFERENTIAL_REQUESTS raises the number of requests, DIFFERENTIAL_SEED draws others.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import pytest

from tests.lane.events import EVENTS, Event, all_is_well, order
from tests.lane.requests import dressed, requests
from tests.lane.same import told
from tests.lane.sent import Sent
from tests.lane.world import Setting, World

pytestmark = pytest.mark.anyio

IN_ALL: Final = int(os.environ.get("DIFFERENTIAL_REQUESTS", "4800"))
SEED: Final = int(os.environ.get("DIFFERENTIAL_SEED", "0"))
IN_TURN: Final = 240
POOL: Final = 4
SMALL: Final = 20_000
MOSTLY: Final = 0.15
OFTEN: Final = 0.07
SELDOM: Final = 0.025
OTHERWISE: Final = 0.15
"""How often a request differs from the last one of its group."""

TOGETHER: Final = 5
ENOUGH: Final = 5
LEAST_SHARE: Final = 0.5
LEAST_AT_ONCE: Final = 20

BEGINNINGS: Final = (
    datetime(2026, 3, 15, 12, tzinfo=UTC),
    datetime(2026, 3, 28, 22, 59, tzinfo=UTC),  # Lisbon's clocks change
    datetime(2026, 4, 23, 21, 50, tzinfo=UTC),  # Cairo's midnight is left out
    datetime(2026, 10, 29, 20, 50, tzinfo=UTC),  # and its last hour of a day repeated
    datetime(2026, 10, 3, 15, 20, tzinfo=UTC),  # Lord Howe's move by half an hour
    datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC),
)
SETTINGS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"memory_bytes": SMALL},
    {"memory_bytes": 0},
    {"lane_bytes": 40_000},
    {"tracks": False},
    {"max_age_s": 0},
    {"max_age_s": 1_000_000},
    {},
)


@dataclass(slots=True)
class Both:
    """The same service twice. `etags` are what was told last for each request."""

    seed: int
    dice: Random
    setting: Setting
    quick: World
    whole: World
    etags: dict[Sent, bytes] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)

    @property
    def troubled(self) -> bool:
        return self.quick.database.down or self.quick.store.down

    async def happens(self, event: Event | None = None) -> None:
        """That, or anything."""
        event = event or self.dice.choices(list(EVENTS), list(EVENTS.values()))[0]
        seed = self.dice.random()
        self.history.append(f"{event.__name__} by {seed}")
        for world in (self.quick, self.whole):
            await event(Random(seed), world)

    @property
    def shown(self) -> int:
        """How many requests the lane has answered."""
        return self.quick.lane.shown.total() if self.quick.lane else 0

    async def asked(self, base: Sent, sent: Sent) -> bool:
        """Whether the lane answered."""
        self.history.append(f"{sent}")
        before = self.shown
        quick, whole = await self.quick.ask(sent), await self.whole.ask(sent)
        if self.quick.internal:
            raise self.quick.internal[0]
        is_head = sent.method == "HEAD"
        self.compare(told(quick, headless=is_head), told(whole, headless=is_head))
        self.compare(self.quick.told(), self.whole.told())
        for world in (self.quick, self.whole):
            world.database.statements.clear()
        self.etags.update((base, value) for name, value in quick.headers if name == b"etag")
        return self.shown > before

    def compare(self, quick: Mapping[str, object], whole: Mapping[str, object]) -> None:
        if quick != whole:
            raise AssertionError("\n\n".join((self.story(), *differences(quick, whole))))

    def story(self) -> str:
        return "\n\n".join((f"seed {self.seed}, at {self.quick.wall}", *self.history[-8:]))


def differences(quick: Mapping[str, object], whole: Mapping[str, object]) -> Iterator[str]:
    """Each from the place on where they part."""
    for name in quick:
        one, other = str(quick[name]), str(whole[name])
        if one != other:
            pairs = enumerate(zip(one, other, strict=False))
            parted = next((place for place, (left, right) in pairs if left != right), 0)
            at = max(0, parted - 150)
            yield f"{name}\n  quick: ...{one[at : at + 400]}\n  whole: ...{other[at : at + 400]}"


def both(seed: int) -> Both:
    dice = Random(seed)
    setting = Setting(began=BEGINNINGS[seed % len(BEGINNINGS)], **SETTINGS[seed % len(SETTINGS)])
    return Both(seed, dice, setting, World(setting, fast_lane=True), World(setting, fast_lane=False))


@dataclass(slots=True)
class Group:
    """Requests that belong together, and how often the lane answered one of them."""

    members: list[Sent]
    base: Sent | None = None
    sent: Sent | None = None
    asked: int = 0
    taken: int = 0


async def sequence(seed: int, count: int = IN_TURN) -> tuple[int, int]:
    """How many requests the lane answered, and how many of them the connection itself."""
    services = both(seed)
    dice = services.dice
    # Which of several answers memory drops first is not the same both ways, and need not be.
    alone = services.setting.memory_bytes == SMALL
    pool = [Group(requests(dice, alone=alone)) for _ in range(POOL)]
    for _ in range(count):
        while dice.random() < OFTEN:
            await services.happens()
        if services.troubled and dice.random() < MOSTLY:
            await services.happens(all_is_well)
        if dice.random() < SELDOM:
            sent = order(dice)
            await services.asked(sent, sent)
        group = dice.choice(pool)
        if group.base is None or group.sent is None or dice.random() < OTHERWISE:
            group.base = dice.choice(group.members)
            group.sent = dressed(dice, group.base, services.etags.get(group.base))
        group.asked += 1
        group.taken += await services.asked(group.base, group.sent)
        if dice.random() < SELDOM or (group.asked >= ENOUGH and not group.taken):
            pool[pool.index(group)] = Group(requests(dice, alone=alone))
    services.compare({"exposed": services.quick.exposed()}, {"exposed": services.whole.exposed()})
    return services.shown, services.quick.at_once


@pytest.mark.parametrize("first", range(SEED, SEED + max(1, IN_ALL // IN_TURN), TOGETHER))
async def test_both_ways_answer_alike(first: int) -> None:
    counts = [await sequence(seed) for seed in range(first, first + TOGETHER)]

    shown, at_once = map(sum, zip(*counts, strict=True))
    assert shown >= LEAST_SHARE * IN_TURN * TOGETHER, counts
    assert at_once >= LEAST_AT_ONCE, counts

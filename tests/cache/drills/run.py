"""Users ask while something happens to Redis, and after."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cache.drills.faults import Fault
from tests.cache.drills.scene import Scene, scene
from tests.cache.drills.users import Seen, User

WARM: Final = 0.3
SECONDS: Final = 3.6
OTHER_ORDER: Final = 0.38
"""A part of the time: until then whoever was put off is back, and may show what was before the fault."""

OWN_ORDER: Final = 0.86
"""Until then the lease has ended for those who were not told of the other order."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """What came of one fault. `seen` is during it, by user; `after` is when it was over."""

    fault: Fault
    seen: Mapping[str, Seen]
    after: Mapping[str, Seen]
    recovery: float
    orders: tuple[bool, ...]
    order_after: bool

    @property
    def all_seen(self) -> list[tuple[str, Seen]]:
        during = [(f"{name}, during it", seen) for name, seen in self.seen.items()]
        return during + [(f"{name}, after it", seen) for name, seen in self.after.items()]

    @property
    def wrong(self) -> list[str]:
        return [words for _, seen in self.all_seen for words in seen.wrong]

    @property
    def errors(self) -> list[str]:
        return [words for _, seen in self.all_seen for words in seen.errors]


async def drill(fault: Fault, folder: Path, seconds: float = SECONDS) -> Drilled:
    """Let it happen for `seconds`, with an invalidation by another process, and one by a user."""
    async with scene(folder, proxied=fault.proxied, started=fault.started) as played:
        asking = [asyncio.create_task(user.keep_asking(), name="user") for user in played.users.values()]
        try:
            await asyncio.sleep(WARM)
            seen, orders = await _while_it_lasts(fault, played, seconds)
            await fault.mend(played)
            after, recovery, order_after = await _afterwards(played)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
        for task in asking:
            assert task.cancelled(), task.exception()
    return Drilled(fault, seen, after, recovery, orders, order_after)


async def _while_it_lasts(
    fault: Fault, played: Scene, seconds: float
) -> tuple[dict[str, Seen], tuple[bool, ...]]:
    for user in played.users.values():
        user.seen = Seen()
    await fault.harm(played)
    orders = asyncio.gather(
        _order(played, played.other, seconds * OTHER_ORDER),
        _order(played, played.users["with memory"], seconds * OWN_ORDER),
    )
    await asyncio.sleep(seconds)
    done = await orders
    return _taken(played.users), tuple(done)


async def _order(played: Scene, whose: User, after: float) -> bool:
    await asyncio.sleep(after)
    return await played.order(whose)


async def _afterwards(played: Scene) -> tuple[dict[str, Seen], float, bool]:
    recovery = await played.users["without"].until_from_redis()
    order_after = await played.order(played.other)
    await asyncio.sleep(0.3)
    return _taken(played.users), recovery, order_after


def _taken(users: Mapping[str, User]) -> dict[str, Seen]:
    """What they saw up to now; from now on they begin anew."""
    taken = {}
    for name, user in users.items():
        taken[name], user.seen = user.seen, Seen()
    return taken

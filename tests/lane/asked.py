"""What the tests of the lane ask, and how they read what came back."""

import json
from typing import Any

from tests.lane.same import UNPACKED
from tests.lane.sent import Sent
from tests.lane.world import Got, Setting, World

TOLD = "data metadata { source ageMs asOf cacheKey dateRange { startDate endDate } }"
QUESTION = f"{{ analytics(metrics: [revenue], dimensions: [channel]) {{ {TOLD} }} }}"
TODAY = f"{{ analytics(metrics: [revenue], dateRange: {{current: DAY}}) {{ {TOLD} }} }}"
ADMIN, NORTH, SOUTH = ((b"authorization", b"Bearer " + who) for who in (b"admin", b"north", b"south"))


def world(**setting: Any) -> World:
    return World(Setting(**setting), fast_lane=True)


def shown(service: World) -> int:
    assert service.lane
    return service.lane.shown.total()


def read(answer: Got) -> Any:
    coding = dict(answer.headers).get(b"content-encoding", b"")
    return json.loads(UNPACKED[coding](answer.body))


def analytics(answer: Got) -> Any:
    return read(answer)["data"]["analytics"]


async def learnt(service: World, sent: Sent) -> None:
    """Loaded, found, and answered by the lane once."""
    for _ in range(3):
        await service.ask(sent)
    assert shown(service) == 1
    assert service.lane
    service.lane.shown.clear()

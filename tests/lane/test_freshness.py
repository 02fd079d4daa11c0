"""The lane shows nothing that the cache would not show at this moment."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from cache.tokens import MEMORY, Mode
from tests.cache.fakes import settle
from tests.lane.asked import ADMIN, QUESTION, TODAY, TOLD, analytics, learnt, read, shown, world
from tests.lane.sent import asks, got

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_clear_by_another_process_holds_for_the_very_next_request(mode: Mode) -> None:
    service = world()
    await learnt(service, asks(QUESTION))
    before = analytics(await service.ask(asks(QUESTION)))
    service.database.edition += 1

    await service.store.invalidate(("table:sales",), mode)
    after = analytics(await service.ask(asks(QUESTION)))

    assert after["metadata"]["source"] == "DATABASE"
    assert after["data"] != before["data"]
    again = analytics(await service.ask(asks(QUESTION)))
    assert (again["metadata"]["source"], again["data"]) == ("MEMORY", after["data"])


async def test_an_order_to_this_process_holds_for_the_very_next_request() -> None:
    service = world()
    await learnt(service, asks(QUESTION))
    for order in (
        "clearCache { deleted }",
        "deleteCacheKey(metrics: [revenue], dimensions: [channel]) { deleted }",
    ):
        await service.ask(asks(f"mutation {{ {order} }}").under(ADMIN))

        assert analytics(await service.ask(asks(QUESTION)))["metadata"]["source"] == "DATABASE"
        await service.ask(asks(QUESTION))


async def test_today_is_another_day_after_midnight() -> None:
    service = world(began=datetime(2026, 3, 16, 2, 59, 58, tzinfo=UTC))
    await learnt(service, asks(TODAY))
    service.turn(1.999)
    last = analytics(await service.ask(asks(TODAY)))
    service.turn(0.001)
    first = analytics(await service.ask(asks(TODAY)))

    assert last["metadata"]["dateRange"] == {"startDate": "2026-03-15", "endDate": "2026-03-15"}
    assert first["metadata"]["dateRange"] == {"startDate": "2026-03-16", "endDate": "2026-03-16"}
    assert (last["metadata"]["source"], first["metadata"]["source"]) == ("MEMORY", "DATABASE")


async def test_a_clock_that_was_put_back_is_believed() -> None:
    service = world(began=datetime(2026, 3, 16, 3, 0, 1, tzinfo=UTC))
    await learnt(service, asks(TODAY))

    service.wall -= timedelta(seconds=2)

    found = analytics(await service.ask(asks(TODAY)))
    assert found["metadata"]["dateRange"]["endDate"] == "2026-03-15"


async def test_each_request_takes_what_is_as_young_as_it_says() -> None:
    service = world()
    patient, hasty = asks(QUESTION), asks(QUESTION.replace("[channel]", "[channel], maxAge: 5"))
    await service.ask(patient)
    for sent in (patient, hasty):
        for _ in range(2):
            await service.ask(sent)

    service.turn(5)
    sources = [analytics(await service.ask(sent))["metadata"]["source"] for sent in (hasty, patient)]
    service.turn(0.001)
    assert sources == ["MEMORY", "MEMORY"]
    assert analytics(await service.ask(patient))["metadata"]["ageMs"] == 5_001
    assert analytics(await service.ask(hasty))["metadata"] == {
        **analytics(await service.ask(patient))["metadata"],
        "source": "DATABASE",
    }


@pytest.mark.parametrize("order", ["ab", "ba"])
async def test_one_question_asked_twice_is_judged_by_each_age_that_was_asked_for(order: str) -> None:
    service = world()
    asked = {
        "a": "a: analytics(metrics: [sold], maxAge: 5) { metadata { source ageMs } }",
        "b": "b: analytics(metrics: [sold]) { metadata { source ageMs } }",
    }
    sent = asks(f"{{ {' '.join(asked[each] for each in order)} }}")
    await learnt(service, sent)
    service.turn(6)

    found = read(await service.ask(sent))["data"]

    assert found["a"]["metadata"] == {"source": "DATABASE", "ageMs": 0}
    assert found["b"]["metadata"] == {"source": "MEMORY", "ageMs": 6_000}


async def test_a_clear_while_the_lane_waits_for_the_store_is_not_undone_by_it() -> None:
    service = world()
    await learnt(service, asks(QUESTION))
    await service.store.invalidate((MEMORY,), Mode.PURGE)
    service.store.look_reply.clear()
    waiting = asyncio.create_task(service.ask(asks(QUESTION)))
    await settle()
    service.database.edition += 1
    await service.store.invalidate(("table:sales",), Mode.PURGE)
    service.store.look_reply.set()
    before = analytics(await waiting)

    after = analytics(await service.ask(asks(QUESTION)))

    assert before["metadata"]["source"] == "REDIS"  # it was asked before the clear
    assert after["metadata"]["source"] == "DATABASE"
    assert after["data"] != before["data"]


DOCUMENTS = [
    asks(QUESTION),
    asks(TODAY.replace("analytics", "analytics: analytics")),
    got({"query": QUESTION}),
    asks(f"{{ b: analytics(metrics: [sold]) {{ {TOLD} }} analytics(metrics: [revenue]) {{ {TOLD} }} }}"),
]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tracks", [True, False])
async def test_no_answer_is_older_than_a_clear_that_was_over_when_it_was_asked(
    seed: int, *, tracks: bool
) -> None:
    dice, service = Random(seed), world(tracks=tracks)
    cleared = [service.wall]

    async def caller(own: Random) -> None:
        for _ in range(25):
            least = cleared[-1]
            found = read(await service.ask(own.choice(DOCUMENTS)))["data"]
            for each in found.values():
                assert datetime.fromisoformat(each["metadata"]["asOf"]) >= least
            for _ in range(own.randrange(30)):
                await asyncio.sleep(0)

    async def clearing(own: Random) -> None:
        for _ in range(25):
            for _ in range(own.randrange(120)):
                await asyncio.sleep(0)
            service.turn(0.5)
            now = service.wall
            if own.random() < 0.5:
                await service.ask(asks("mutation { clearCache { deleted } }").under(ADMIN))
            else:
                await service.store.invalidate(("table:sales",), own.choice(list(Mode)))
            cleared.append(now)

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(caller(Random(dice.random())))
        group.create_task(clearing(Random(dice.random())))
    assert shown(service) > 20

"""Of several processes one works at a time."""

import asyncio

import pytest

from resolvers.turns import Turns
from tests.resolvers.leases import Lock

pytestmark = pytest.mark.anyio


async def test_a_turn_is_taken_at_once_when_nobody_has_it_and_given_back() -> None:
    lock = Lock()

    async with Turns(lock.lease).one(wait=False) as is_ours:
        held = lock.holder is not None

    assert (is_ours, held, lock.holder) == (True, True, None)


async def test_a_turn_that_another_has_is_left_to_it() -> None:
    lock = Lock()
    async with Turns(lock.lease).one(wait=False):
        async with Turns(lock.lease).one(wait=False) as is_ours:
            pass
        still_held = lock.holder is not None

    assert (is_ours, still_held) == (False, True)


async def test_who_waits_has_his_turn_when_the_other_is_done() -> None:
    lock = Lock()
    order = []

    async def second() -> None:
        async with Turns(lock.lease, pause_s=0).one(wait=True) as is_ours:
            order.append(("second", is_ours))

    async with asyncio.TaskGroup() as group, Turns(lock.lease).one(wait=False):
        group.create_task(second())
        await asyncio.wait_for(lock.refused.wait(), 5)
        order.append(("first", True))

    assert order == [("first", True), ("second", True)]


async def test_without_the_store_it_is_nobodys_turn() -> None:
    lock = Lock(down=True)

    async with Turns(lock.lease, pause_s=0).one(wait=True) as is_ours:
        pass

    assert (is_ours, lock.asked) == (False, 1)


async def test_a_turn_is_renewed_while_it_lasts() -> None:
    lock = Lock()
    async with Turns(lock.lease, renewal_s=0).one(wait=False):
        while lock.renewals < 3:  # noqa: ASYNC110  renewals come by themselves
            await asyncio.sleep(0)
    renewals = lock.renewals
    await asyncio.sleep(0)

    assert lock.renewals == renewals


async def test_a_turn_is_given_back_by_work_that_fails() -> None:
    lock = Lock()
    with pytest.raises(ZeroDivisionError):
        async with Turns(lock.lease).one(wait=False):
            raise ZeroDivisionError

    assert lock.holder is None

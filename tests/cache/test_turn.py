"""One process loads, the others wait for what it keeps."""

import asyncio
from contextlib import suppress

import pytest

from cache import StoreDown
from cache.budget import Budget
from cache.shelf import Standing, Verdict
from cache.store import LoadLease
from cache.turn import Patience, Turn
from tests.cache.fakes import FakeStore, settle, until

pytestmark = pytest.mark.anyio


def turn(store: FakeStore, patience: Patience | None = None) -> Turn:
    async def look(lease: LoadLease) -> Verdict:
        look = await lease.look("answer", ())
        return Verdict(Standing.NOTHING, None, None, look.stamps, claim=look.claim)

    return Turn(store.lease("a"), look, patience or Patience(), store.clock)


def budget() -> Budget:
    return Budget(1.0)


async def test_the_first_one_has_the_turn() -> None:
    first = turn(FakeStore())

    await first.come(budget())

    assert first.held


async def test_the_others_wait_until_it_is_over() -> None:
    store = FakeStore()
    first, second = turn(store), turn(store)
    await first.come(budget())

    coming = asyncio.create_task(second.come(budget()))
    await settle()
    waited = not coming.done()
    await first.end(unshared=False)
    await until(coming.done)

    assert (waited, second.held) == (True, True)


async def test_nobody_waits_for_what_is_not_kept() -> None:
    store = FakeStore()
    first, second = turn(store), turn(store)
    await first.come(budget())
    store.unshared.add("a")

    async with asyncio.timeout(5):
        await second.come(budget())

    assert not second.held


async def test_the_wait_for_others_has_an_end() -> None:
    store = FakeStore()
    first, second = turn(store), turn(store, Patience(others=30))
    await first.come(budget())

    coming = asyncio.create_task(second.come(budget()))
    await settle()
    store.clock.turn(31)
    await until(coming.done)

    assert not second.held


@pytest.mark.parametrize("command", ["take", "look"])
async def test_nobody_waits_while_the_store_fails(command: str) -> None:
    store = FakeStore()
    first, second = turn(store), turn(store)
    await first.come(budget())
    coming = asyncio.create_task(second.come(budget()))
    await settle()

    store.failing = {command}
    await until(coming.done)

    with pytest.raises(StoreDown):
        coming.result()
    assert not second.held


async def test_a_lease_is_renewed_while_its_holder_works() -> None:
    store = FakeStore()
    held = turn(store, Patience(lease=0.03))
    await held.come(budget())

    await held.kept(until(lambda: store.renewals >= 3))
    renewals = store.renewals
    await asyncio.sleep(0.03)

    assert store.renewals == renewals


async def test_only_a_lease_that_is_held_is_renewed_and_let_go() -> None:
    store = FakeStore()
    first, second = turn(store), turn(store, Patience(lease=0.001))
    await first.come(budget())

    await second.kept(asyncio.sleep(0.01))
    await second.end(unshared=True)

    assert store.renewals == 0
    assert (store.leases, store.unshared) == ({"a"}, set())


@pytest.mark.parametrize("kept", [True, False])
async def test_a_lease_is_let_go_of_whether_the_answer_could_be_kept_or_not(*, kept: bool) -> None:
    store = FakeStore(refuses_writes=not kept)
    held = turn(store)
    await held.come(budget())

    async def keep(lease: LoadLease | None) -> bool:
        assert lease
        with suppress(StoreDown):
            await lease.put("answer", b"body", 1000)
            return True
        return False

    await held.end_with(keep)

    assert ("answer" in store.kept, store.leases, held.is_open) == (kept, set(), False)


async def test_who_holds_no_lease_keeps_his_answer_without() -> None:
    store = FakeStore()
    first, second = turn(store), turn(store)
    await first.come(budget())
    store.unshared.add("a")
    await second.come(budget())
    with_leases = []

    async def keep(lease: LoadLease | None) -> bool:
        with_leases.append(lease)
        return True

    await second.end_with(keep)

    assert (with_leases, store.leases) == ([None], {"a"})

import asyncio
import gc
from weakref import ref

import pytest

from db.turns import ROWS_LET_GO, let_go, turn, turns

pytestmark = pytest.mark.anyio


class Diary:
    """Notes what is done in which turn of the loop."""

    def __init__(self) -> None:
        self.now = 0
        self.entries: list[tuple[str, int]] = []

    def note(self, what: str) -> None:
        self.entries.append((what, self.now))

    async def for_turns(self, count: int) -> None:
        for _ in range(count):
            self.now += 1
            await asyncio.sleep(0)


class Row:
    """Something that can be seen to be gone."""


async def test_every_slice_has_a_turn_of_its_own() -> None:
    diary = Diary()
    for what in "abc":
        turns().add(lambda what=what: diary.note(what))  # type: ignore[misc]

    await diary.for_turns(5)

    assert [what for what, _ in diary.entries] == ["a", "b", "c"]
    assert len({when for _, when in diary.entries}) == 3


async def test_what_a_slice_adds_waits_until_the_others_had_their_turn() -> None:
    diary = Diary()

    def work(what: str, left: int) -> None:
        diary.note(what)
        if left:
            turns().add(lambda: work(what, left - 1))

    turns().add(lambda: work("long", 3))
    turns().add(lambda: work("other", 1))
    await diary.for_turns(10)

    assert [what for what, _ in diary.entries] == ["long", "other", "long", "other", "long", "long"]
    assert len({when for _, when in diary.entries}) == 6


async def test_many_workers_never_work_in_the_same_turn() -> None:
    diary = Diary()

    async def work(what: str) -> None:
        for _ in range(4):
            await turn()
            diary.note(what)

    async with asyncio.TaskGroup() as group:
        for what in "abc":
            group.create_task(work(what))
        await diary.for_turns(30)

    assert len(diary.entries) == len({when for _, when in diary.entries}) == 12
    assert {what for what, _ in diary.entries[:3]} == {"a", "b", "c"}


async def test_a_slice_that_fails_stops_nobody() -> None:
    told: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: told.append(context["exception"]))
    diary = Diary()

    def fail() -> None:
        raise ValueError

    turns().add(fail)
    turns().add(lambda: diary.note("next"))
    await diary.for_turns(4)
    loop.set_exception_handler(None)

    assert [type(each) for each in told] == [ValueError]
    assert [what for what, _ in diary.entries] == ["next"]


async def test_a_worker_that_is_cancelled_in_the_line_stops_nobody() -> None:
    first, second = asyncio.create_task(turn()), asyncio.create_task(turn())
    await asyncio.sleep(0)

    first.cancel()

    await asyncio.wait_for(second, 1)
    assert first.cancelled()


async def test_rows_are_let_go_bit_by_bit() -> None:
    rows = [Row() for _ in range(3 * ROWS_LET_GO)]
    first, last = ref(rows[0]), ref(rows[-1])

    letting_go = asyncio.create_task(let_go(rows))
    while last() is not None:  # noqa: ASYNC110  turns of the loop are what is counted
        await asyncio.sleep(0)
    assert first() is not None
    await letting_go

    assert first() is None
    assert rows == []


async def test_the_rows_of_a_small_answer_are_left_alone() -> None:
    rows = [(1,)] * ROWS_LET_GO

    await let_go(rows)

    assert len(rows) == ROWS_LET_GO


def test_a_loop_that_is_gone_leaves_no_line() -> None:
    async def line() -> object:
        await turn()
        return ref(asyncio.get_running_loop())

    loop = asyncio.run(line())
    gc.collect()

    assert loop() is None  # type: ignore[operator]

import asyncio
import gc

import pytest

from cache.flight import Flights, LoadCancelled
from tests.cache.fakes import Database, settle

pytestmark = pytest.mark.anyio


class Board:
    """Flights over a database, with a word for each move of a test."""

    def __init__(self) -> None:
        self.flights: Flights[str, bytes] = Flights()
        self.database = Database(b"answer")
        self.landings = 0

    async def work(self) -> bytes:
        return (await self.database.load()).body

    def landed(self) -> None:
        self.landings += 1

    def caller(self, ident: str = "a") -> asyncio.Task[tuple[bytes, bool]]:
        return asyncio.create_task(self.flights.join(ident, self.work, label=ident))


async def test_callers_that_ask_together_share_one_run() -> None:
    board = Board()

    landed = await asyncio.gather(*(board.caller() for _ in range(60)))

    assert board.database.loads == 1
    assert [body for body, _shared in landed] == [b"answer"] * 60
    assert [shared for _body, shared in landed].count(False) == 1


async def test_callers_of_different_things_do_not_share() -> None:
    board = Board()

    await asyncio.gather(board.caller("a"), board.caller("b"))

    assert board.database.loads == 2


async def test_a_caller_after_the_landing_starts_anew() -> None:
    board = Board()

    await board.caller()
    await board.caller()

    assert board.database.loads == 2


async def test_a_cancelled_leader_leaves_its_followers_alone() -> None:
    board = Board()
    board.database.gate.clear()
    leader, follower = board.caller(), board.caller()
    await settle()

    leader.cancel()
    await settle()
    board.database.gate.set()

    assert await follower == (b"answer", True)
    assert leader.cancelled()
    assert (board.database.loads, board.database.cancelled) == (1, 0)


async def test_the_last_caller_out_cancels_the_work() -> None:
    board = Board()
    board.database.gate.clear()
    callers = [board.caller() for _ in range(3)]
    await settle()

    for caller in callers[:2]:
        caller.cancel()
    await settle()
    cancelled_with_one_left = board.database.cancelled
    callers[2].cancel()
    await settle()

    assert cancelled_with_one_left == 0
    assert board.database.cancelled == 1


async def test_a_caller_who_comes_while_the_last_one_leaves_starts_anew() -> None:
    board = Board()
    board.database.gate.clear()
    for pauses in range(6):
        leaving = board.caller()
        await settle()
        leaving.cancel()
        for _ in range(pauses):
            await asyncio.sleep(0)
        coming = board.caller()
        await settle()
        board.database.gate.set()

        assert (await coming)[0] == b"answer"
        board.database.gate.clear()


async def test_work_that_is_slow_to_stop_does_not_catch_new_callers() -> None:
    flights: Flights[str, str] = Flights()
    stopping, may_stop = asyncio.Event(), asyncio.Event()

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            stopping.set()
            await may_stop.wait()
        return "never"

    async def quick() -> str:
        return "new"

    leaving = asyncio.create_task(flights.join("a", stubborn, label="a"))
    await settle()
    leaving.cancel()
    await stopping.wait()

    assert await flights.join("a", quick, label="a") == ("new", False)
    may_stop.set()
    await flights.close()


async def test_an_error_reaches_every_caller() -> None:
    board = Board()
    board.database.error = OSError("the database said no")

    landed = await asyncio.gather(*(board.caller() for _ in range(5)), return_exceptions=True)

    assert [str(error) for error in landed] == ["the database said no"] * 5
    assert board.database.loads == 1


async def test_an_error_that_nobody_waited_for_makes_no_noise() -> None:
    board = Board()
    noises: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noises.append(context))
    refused = asyncio.Event()

    async def fails_when_cancelled() -> bytes:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            refused.set()
            raise OSError("the connection broke while it was stopped") from None
        return b""

    leaving = asyncio.create_task(board.flights.join("a", fails_when_cancelled, label="a"))
    await settle()
    leaving.cancel()
    await refused.wait()
    await settle()
    del leaving  # its traceback would keep the failed task alive
    gc.collect()

    assert noises == []


async def test_work_that_cancels_itself_is_an_error_and_not_a_cancellation() -> None:
    board = Board()
    board.database.error = asyncio.CancelledError()

    landed = await asyncio.gather(board.caller(), board.caller(), return_exceptions=True)

    assert [type(error) for error in landed] == [LoadCancelled, LoadCancelled]


async def test_a_caller_who_wants_a_new_run_never_joins_an_older_one() -> None:
    board = Board()
    board.database.gate.clear()
    aboard = board.caller()
    await settle()

    board.database.body = b"newer"
    alone = asyncio.create_task(board.flights.alone("a", board.work, label="a"))
    await settle()
    late = board.caller()
    await settle()
    board.database.gate.set()

    assert await aboard == (b"answer", False)
    assert await alone == b"newer"
    assert await late == (b"newer", True)


async def test_the_landing_of_an_older_flight_does_not_close_its_successor() -> None:
    board = Board()
    board.database.gate.clear()
    aboard = board.caller()
    await settle()
    successor = asyncio.create_task(board.flights.alone("a", board.work, label="a"))
    await settle()

    aboard.cancel()
    await settle()
    follower = board.caller()
    await settle()
    board.database.gate.set()

    assert await successor == b"answer"
    assert await follower == (b"answer", True)


async def test_a_flight_in_the_background_goes_on_without_anybody() -> None:
    board = Board()
    board.database.gate.clear()

    sent = [board.flights.send("a", board.work, board.landed, label="a") for _ in range(2)]
    await settle()
    joined = board.caller()
    await settle()
    joined.cancel()
    await settle()
    follower = board.caller()
    await settle()
    board.database.gate.set()

    assert (sent, board.landings) == ([True, False], 0)
    assert await follower == (b"answer", True)
    assert board.landings == 1
    assert (board.database.loads, board.database.cancelled) == (1, 0)


async def test_an_error_in_the_background_makes_no_noise() -> None:
    board = Board()
    noises: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noises.append(context))
    board.database.error = OSError("the database said no")

    board.flights.send("a", board.work, board.landed, label="a")
    await settle()
    gc.collect()

    assert (board.database.loads, board.landings) == (1, 1)
    assert noises == []


async def test_close_stops_the_work_and_tells_those_who_wait() -> None:
    board = Board()
    board.database.gate.clear()
    waiting = board.caller()
    await settle()

    await board.flights.close()

    with pytest.raises(LoadCancelled):
        await waiting
    with pytest.raises(LoadCancelled, match="closed"):
        await board.caller()
    assert board.database.cancelled == 1


async def test_close_stops_what_is_in_the_background_and_lets_nothing_begin() -> None:
    board = Board()
    board.database.gate.clear()
    board.flights.send("a", board.work, board.landed, label="a")
    await settle()

    await board.flights.close()

    assert (board.database.cancelled, board.landings) == (1, 1)
    assert not board.flights.send("a", board.work, board.landed, label="a")
    with pytest.raises(LoadCancelled, match="closed"):
        await board.flights.alone("a", board.work, label="a")

"""Whoever has gone is worked for no longer."""

import asyncio
import gc

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from servery.transport.receiving import until_hang_up
from tests.cache.fakes import settle


@pytest.mark.anyio
async def test_work_is_cancelled_when_the_client_has_gone() -> None:
    cancelled = asyncio.Event()
    gone = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    asked = asyncio.create_task(until_hang_up(receive, work()))
    await settle()
    assert not cancelled.is_set()
    gone.set()

    async with asyncio.timeout(5):
        with pytest.raises(ClientDisconnect):
            await asked
    assert cancelled.is_set()


@pytest.mark.anyio
async def test_an_answer_that_is_there_is_given_even_as_the_client_goes() -> None:
    async def work() -> str:
        return "the answer"

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    assert await until_hang_up(receive, work()) == "the answer"


@pytest.mark.anyio
async def test_work_that_fails_as_its_caller_leaves_makes_no_noise() -> None:
    noises: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noises.append(context))

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    async def receive() -> Message:
        return await asyncio.Future()

    for turns in range(4):
        asked = asyncio.create_task(until_hang_up(receive, work()))
        for _ in range(turns + 1):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    del asked
    gc.collect()

    assert noises == []

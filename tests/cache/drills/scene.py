"""One server, a proxy before it, and the users."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.cache.drills.stalls import Stalls, stalls_watched
from tests.cache.drills.users import Sales, User
from tests.cache.mistreat import SpoilingProxy, spoiling_proxy_to
from tests.cache.node import program
from tests.cache.servers import RunningRedis

_AGAIN = 0.03


@dataclass(slots=True)
class Scene:
    """`admin` and the `other` process talk to the server itself; users may talk through the proxy."""

    server: RunningRedis
    proxy: SpoilingProxy
    admin: Any
    sales: Sales
    stalls: Stalls
    other: User
    users: dict[str, User]
    chance: Random
    _troubled: bool = False
    _mischief: asyncio.Task[None] | None = None

    async def start(self, *, answers: bytes = b"+PONG") -> None:
        await asyncio.to_thread(self.server.start, answers=answers)

    async def kill(self) -> None:
        await asyncio.to_thread(self.server.kill)

    async def order(self, whose: User) -> bool:
        """The data changes, and somebody says so."""
        value = self.sales.change()
        done = await whose.invalidate()
        if done:
            for user in self.users.values():
                user.held_to(value, own=user is whose)
        return done

    def again_and_again(self, deed: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def repeat() -> None:
            while self._troubled:
                with suppress(RedisError):
                    await deed()
                await asyncio.sleep(_AGAIN)

        self._troubled = True
        self._mischief = asyncio.create_task(repeat(), name="mischief")

    async def peace(self) -> None:
        # Not by cancellation, which the library can swallow on Python 3.11.
        self._troubled = False
        if self._mischief:
            await self._mischief


@asynccontextmanager
async def scene(folder: Path, *, proxied: bool, started: bool) -> AsyncIterator[Scene]:
    server = RunningRedis(program(), {"rdbcompression": "no"}, folder)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, server.kill)
        if started:
            await asyncio.to_thread(server.start)
        stalls = await stack.enter_async_context(stalls_watched())
        proxy = await stack.enter_async_context(spoiling_proxy_to(server.port))
        admin = await stack.enter_async_context(Redis.from_url(server.url, protocol=2))
        sales = Sales()

        def user(url: str, *, memory: bool) -> User:
            made = User(url, sales, stalls, memory=memory)
            stack.push_async_callback(_closed, made)
            return made

        url = proxy.url(server.url) if proxied else server.url
        users = {"with memory": user(url, memory=True), "without": user(url, memory=False)}
        made = Scene(
            server, proxy, admin, sales, stalls, user(server.url, memory=False), users, Random(server.port)
        )
        stack.push_async_callback(made.peace)
        yield made


async def _closed(user: User) -> None:
    await user.cache.close()


Deed = Callable[[Scene], Awaitable[None]]

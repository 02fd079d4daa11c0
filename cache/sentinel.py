"""The ways to the primary that Sentinel names: asked for anew by each new connection.

Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/
"""

from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection, Connection
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import ReadOnlyError, RedisError

from cache.address import Place
from cache.pool import SWEEPING_CONNECTIONS, Command, closed, exchanged, pooled
from cache.wire import Encrypted, NotPrimary, Vouch, Wire, introduced

ANSWER_SECONDS: Final = 0.1
"""How long one sentinel may take before the next one is asked."""


class Sentinels:
    """Those that know the primary of one service. The one that answered last is asked first."""

    def __init__(self, places: tuple[Place, ...], service: str, wire: Wire) -> None:
        self._places = places
        self._service = service
        self._wire = wire
        self.last: Place | None = None
        """The primary as it was last named."""

    async def primary(self) -> Place:
        """Raises RedisError when no sentinel names it."""
        faults = []
        for place in self._places:
            try:
                named = await self._named_by(place)
            except (RedisError, OSError) as fault:
                faults.append(f"{place}: {str(fault) or 'no answer'}")
            else:
                self._places = (place, *(other for other in self._places if other != place))
                self.last = named
                return named
        raise BrokenConnection(f"no sentinel names the primary of {self._service!r} ({'; '.join(faults)})")

    def doubt(self) -> None:
        """Whoever answered last named a replica: it has not heard of a failover yet, and is asked last."""
        first, *others = self._places
        self._places = (*others, first)

    async def _named_by(self, place: Place) -> Place:
        question = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service)
        named = await self._wire.ask(place, *question, seconds=ANSWER_SECONDS)
        if named is None:
            raise RedisError("it knows no such name")
        host, port = named
        return Place(host.decode(), int(port))


class Following(Connection):
    """Leads to the primary of the moment in which it is opened, and is not used past its time as primary."""

    def __init__(self, *, sentinels: Sentinels, **options: Any) -> None:
        super().__init__(**options)
        self._sentinels = sentinels

    async def connect(self) -> None:
        """Called by the pool before each use."""
        if self.is_connected and Place(self.host, self.port) != self._sentinels.last:
            await self.disconnect(nowait=True)
        await super().connect()  # type: ignore[no-untyped-call]

    async def connect_check_health(self, *args: Any, **options: Any) -> None:
        """Each attempt to open it."""
        try:
            await super().connect_check_health(*args, **options)
        except NotPrimary:
            self._sentinels.doubt()
            raise

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*args, **options)
        except ReadOnlyError as fault:
            await self.disconnect(nowait=True)
            raise BrokenConnection(str(fault)) from fault

    async def _connect(self) -> None:
        place = await self._sentinels.primary()
        self.host, self.port = place.host, place.port
        await super()._connect()  # type: ignore[no-untyped-call]


class EncryptedFollowing(Following, Encrypted):
    """The same with TLS."""


class SentinelLinks:
    """Implements `cache.links.Links`."""

    together = True

    def __init__(
        self, sentinels: Sentinels, wire: Wire, *, connections: int, sweep_timeout: float, vouch: Vouch
    ) -> None:
        self._sentinels = sentinels
        self._wire = wire
        kind = EncryptedFollowing if wire.context else Following
        options = wire.options | {
            "sentinels": sentinels,
            "redis_connect_func": introduced(vouch, writable=True),
        }
        self._client = pooled(kind, connections=connections, timeout=None, **options)
        self._sweeper = pooled(kind, connections=SWEEPING_CONNECTIONS, timeout=sweep_timeout, **options)

    @property
    def client(self) -> Redis:
        return self._client

    @property
    def sweeper(self) -> Redis:
        return self._sweeper

    async def exchange(self, commands: Sequence[Command]) -> list[Any]:
        return await exchanged(self._client, commands)

    async def sweep(self, commands: Sequence[Command]) -> list[Any]:
        return await exchanged(self._sweeper, commands)

    async def primaries(self) -> tuple[Place, ...]:
        return (await self._sentinels.primary(),)

    def dedicated(self, place: Place) -> AbstractConnection:
        return self._wire.dedicated(place)

    async def close(self) -> None:
        await closed(self._client, self._sweeper)

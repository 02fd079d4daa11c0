"""The ways to one logical Redis: one server, the primary that Sentinel names, or a Cluster's primaries."""

from collections.abc import Sequence
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection

from cache.address import Kind, Place, address_of
from cache.cluster import ClusterLinks
from cache.pool import SWEEPING_CONNECTIONS, Command, closed, exchanged, pooled
from cache.sentinel import SentinelLinks, Sentinels
from cache.topology import Topology
from cache.wire import Vouch, Wire, encryption, introduced, on_invalidation, where

__all__ = ["Links", "Place", "links_of", "on_invalidation"]


class Links(Protocol):
    """How the store reaches its servers."""

    @property
    def client(self) -> Redis | RedisCluster:
        """For questions. It knows no time: whoever asks bounds his waiting."""
        ...

    @property
    def sweeper(self) -> Redis | RedisCluster:
        """For SCAN and other slow work, so that a clear takes no connection away from the questions."""
        ...

    @property
    def together(self) -> bool:
        """Whether all keys lie on one server, so that one command may name several."""
        ...

    async def exchange(self, commands: Sequence[Command]) -> list[Any]:
        """The replies to commands of one key each, in one trip; in a Cluster in one to each of its nodes.

        Those to one node are carried out in their order, as long as no slot moves. Errors stand among the
        replies, or are raised when they concern all of them.
        """
        ...

    async def sweep(self, commands: Sequence[Command]) -> list[Any]:
        """The same on the sweeper's connections."""
        ...

    async def primaries(self) -> tuple[Place, ...]:
        """Of now, asked anew each time; the clients follow. Raises RedisError or OSError."""
        ...

    def dedicated(self, place: Place) -> AbstractConnection:
        """A RESP3 connection to one primary, not connected yet; whoever takes it closes it."""
        ...

    async def close(self) -> None:
        """Never raises."""
        ...


class ServerLinks:
    """The ways to one server."""

    together = True

    def __init__(
        self, place: Place, wire: Wire, *, connections: int, sweep_timeout: float, vouch: Vouch
    ) -> None:
        self._place = place
        self._wire = wire
        kind = wire.kind_for(place)
        options = wire.options | where(place) | {"redis_connect_func": introduced(vouch)}
        # The library's own timeouts would take a busy event loop for a slow server: its callers bound all.
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
        return (self._place,)

    def dedicated(self, place: Place) -> AbstractConnection:
        return self._wire.dedicated(place)

    async def close(self) -> None:
        await closed(self._client, self._sweeper)


def links_of(url: str, *, connections: int, sweep_timeout: float, vouch: Vouch) -> Links:
    """Nothing connects until it is used. Raises BadAddress.

    `connections` are for questions, to each server; `sweep_timeout` bounds each command of the sweeper;
    `vouch` is told the run_id of the server behind each new connection, which it refuses by ConnectionError.
    """
    address = address_of(url)
    context = encryption(address.tls)
    wire = Wire(address.login, address.database, context)
    match address.kind:
        case Kind.SERVER:
            return ServerLinks(
                address.places[0], wire, connections=connections, sweep_timeout=sweep_timeout, vouch=vouch
            )
        case Kind.SENTINEL:
            asked = Wire(address.sentinel_login, 0, context)
            sentinels = Sentinels(address.places, address.service, asked)
            return SentinelLinks(
                sentinels, wire, connections=connections, sweep_timeout=sweep_timeout, vouch=vouch
            )
        case Kind.CLUSTER:
            topology = Topology(address.places, wire.ask)
            return ClusterLinks(
                topology, wire, connections=connections, sweep_timeout=sweep_timeout, vouch=vouch
            )

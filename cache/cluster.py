"""The ways to a Cluster: each command goes to the primary that has its key.

Of the library's client only the commands and the connections are used. Left to itself it would send pipelines
to a primary that is gone without looking for the new one, fail instead of waiting when all connections are in
use, ask for its slots on connections that later carry data, and close all connections whenever it has asked.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio.cluster import ClusterNode, PipelineCommand, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.cluster import PRIMARY
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisClusterException, RedisError
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import TimeoutError as Overdue

from cache.address import Place
from cache.pool import SWEEPING_CONNECTIONS, Command, closed
from cache.topology import Slots, Topology
from cache.wire import Vouch, Wire, introduced, where

ROUNDS: Final = 3
"""How often a command is sent at most: again only when its slot has moved or its primary is gone."""


class Unserved(RedisError):
    """No primary has the slot. The library's own word for it is no RedisError."""


_BROKEN: Final = (BrokenConnection, Overdue, OSError)
_AGAIN: Final = (*_BROKEN, MovedError, AskError, Unserved)
_KEY_AFTER_SCRIPT: Final = 3


class Cluster(RedisCluster):
    """Each command has one key. Whoever finds no connection free waits for one."""

    def __init__(
        self, topology: Topology, wire: Wire, *, connections: int, timeout: float | None, vouch: Vouch
    ) -> None:
        super().__init__(
            **where(topology.given[0]),
            username=wire.login.username,
            password=wire.login.password,
            # Those that are just being closed count, too.
            max_connections=2 * (connections + SWEEPING_CONNECTIONS),
            retry=Retry(NoBackoff(), 1),
            protocol=2,
            driver_info=None,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
        )
        self.connection_kwargs.update(
            wire.options, connection_class=_careful(wire.tcp), redis_connect_func=introduced(vouch)
        )
        self._topology = topology
        self._by_key = asyncio.Semaphore(connections)
        self._by_node = asyncio.Semaphore(SWEEPING_CONNECTIONS)
        self._asking = asyncio.Lock()
        self._adopted: Slots = ()

    async def initialize(self, *_: Any, **__: Any) -> "Cluster":
        """Ask who serves which slots, if that is in doubt."""
        if self._initialize:
            async with self._asking:
                if self._initialize:
                    await self.adopt(await self._topology.slots())
        return self

    async def adopt(self, slots: Slots) -> None:
        """These primaries from now on. Connections to others are closed."""
        self._initialize = False
        if slots == self._adopted:
            return
        self._adopted = slots
        manager = self.nodes_manager
        before, manager.nodes_cache = manager.nodes_cache, {}
        primaries = {each.primary: self._node(each.primary, before) for each in slots}
        manager.slots_cache = {
            slot: [primaries[each.primary]] for each in slots for slot in range(each.first, each.last + 1)
        }
        manager.default_node = next(iter(primaries.values()))
        gone = (node for name, node in before.items() if name not in manager.nodes_cache)
        await asyncio.gather(*(node.disconnect() for node in gone), return_exceptions=True)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        if "target_nodes" in options or args[0] in self.command_flags:
            try:
                async with self._by_node:
                    return await super().execute_command(*args, **options)
            except RedisClusterException as fault:  # which is no RedisError
                raise RedisError(str(fault)) from fault
        (result,) = await self.answers((PipelineCommand(0, *args, **options),))
        return result

    async def exchanged(self, commands: Sequence[Command]) -> list[Any]:
        """The replies; faults stand among them."""
        # With `get` the library leaves the reply to a SET as it is.
        sent = [PipelineCommand(0, *command, get=True) for command in commands]
        await self.send(sent)
        return [each.result for each in sent]

    async def answers(self, commands: Sequence[PipelineCommand]) -> list[Any]:
        """Raises the first fault."""
        await self.send(commands)
        for command in commands:
            if isinstance(command.result, Exception):
                raise command.result
        return [command.result for command in commands]

    async def send(self, commands: Sequence[PipelineCommand]) -> None:
        """To the primary of each key. The results are in the commands, and so are the faults."""
        async with self._by_key:
            try:
                for _ in range(ROUNDS):
                    await self.initialize()
                    await self._round(commands)
                    commands = [each for each in commands if isinstance(each.result, _AGAIN)]
                    if not commands:
                        return
            except asyncio.CancelledError:
                # Perhaps the patience has ended with a primary that hangs, which another has replaced.
                self._initialize = True
                raise

    async def aclose(self) -> None:
        self._initialize, self._adopted = True, ()
        await self.nodes_manager.aclose()

    async def _round(self, commands: Sequence[PipelineCommand]) -> None:
        parts: dict[ClusterNode, list[PipelineCommand]] = {}
        for command in commands:
            slot = self.keyslot(_key(command))
            serving = self.nodes_manager.slots_cache.get(slot)
            if serving:
                parts.setdefault(serving[0], []).append(command)
            else:
                command.result = Unserved(f"no primary serves slot {slot}")
                self._initialize = True
        await asyncio.gather(*(self._part(node, part) for node, part in parts.items()))

    async def _part(self, node: ClusterNode, commands: Sequence[PipelineCommand]) -> None:
        await _sent(node, commands)
        for command in commands:
            match command.result:
                case MovedError() as moved:
                    slot, primary = moved.slot_id, self._node(_named(moved, node))
                    self.nodes_manager.slots_cache[slot] = [primary]
                    self._adopted = ()
                case AskError() as ask:
                    # On the same connection, which the library does not see to.
                    asking = PipelineCommand(0, "ASKING")
                    await _sent(self._node(_named(ask, node)), (asking, command))
                    if isinstance(asking.result, RedisError):
                        command.result = asking.result
                case ClusterDownError() | BrokenConnection() | Overdue() | OSError():
                    self._initialize = True

    def _node(self, place: Place, before: dict[str, ClusterNode] | None = None) -> ClusterNode:
        """The one that is known, from now or `before`, with its connections; else a new one."""
        new = ClusterNode(place.host, place.port, PRIMARY, **self.connection_kwargs)
        # The library puts its number in place of `localhost`, which is in no certificate.
        new.connection_kwargs["host"] = place.host
        known = (before or {}).get(new.name, new)
        return self.nodes_manager.nodes_cache.setdefault(new.name, known)


class ClusterLinks:
    """Implements `cache.links.Links`."""

    together = False

    def __init__(
        self, topology: Topology, wire: Wire, *, connections: int, sweep_timeout: float, vouch: Vouch
    ) -> None:
        self._topology = topology
        self._wire = wire
        self._client = Cluster(topology, wire, connections=connections, timeout=None, vouch=vouch)
        self._sweeper = Cluster(
            topology, wire, connections=SWEEPING_CONNECTIONS, timeout=sweep_timeout, vouch=vouch
        )

    @property
    def client(self) -> RedisCluster:
        return self._client

    @property
    def sweeper(self) -> RedisCluster:
        return self._sweeper

    async def exchange(self, commands: Sequence[Command]) -> list[Any]:
        return await self._client.exchanged(commands)

    async def sweep(self, commands: Sequence[Command]) -> list[Any]:
        return await self._sweeper.exchanged(commands)

    async def primaries(self) -> tuple[Place, ...]:
        slots = await self._topology.slots()
        for client in (self._client, self._sweeper):
            await client.adopt(slots)
        return tuple(dict.fromkeys(each.primary for each in slots))

    def dedicated(self, place: Place) -> AbstractConnection:
        return self._wire.dedicated(place)

    async def close(self) -> None:
        await closed(self._client, self._sweeper)


def _careful(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """A connection with a reply too many is not used: each question would get the answer of another.

    The library looks for that when it hands out a connection of one server, and not of a cluster.
    """

    class Careful(kind):  # type: ignore[misc, valid-type]
        async def send_packed_command(self, command: Any, check_health: bool = True) -> None:  # noqa: FBT001, FBT002
            if self.is_connected and await self.can_read():
                await self.disconnect(nowait=True)
            await super().send_packed_command(command, check_health)

    return Careful


async def _sent(node: ClusterNode, commands: Sequence[PipelineCommand]) -> None:
    try:
        await node.execute_pipeline(list(commands))
    except _BROKEN as fault:
        for command in commands:
            command.result = fault


def _key(command: PipelineCommand) -> Any:
    return command.args[_KEY_AFTER_SCRIPT if command.args[0] == "EVAL" else 1]


def _named(redirection: AskError, node: ClusterNode) -> Place:
    """A redirection without a host means the host that was asked."""
    return Place(redirection.host or node.host, redirection.port)

"""What one server and a cluster do differently."""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import AbstractConnection


async def renew(client: Redis | RedisCluster) -> None:
    """Close every connection; the next commands open new ones.

    No farewell is waited for: in TLS a server that hangs is given half a minute for it.
    """
    pools = client.get_nodes() if isinstance(client, RedisCluster) else [client.connection_pool]
    for connection in [each for pool in pools for each in _connections(pool)]:
        await connection.disconnect(nowait=True)


def _connections(pool: Any) -> list[AbstractConnection]:
    """Of a pool, or of a node of a cluster: the library gives no other way to them."""
    if isinstance(pool, ClusterNode):
        return list(pool._connections)  # noqa: SLF001
    return [*pool._available_connections, *pool._in_use_connections]  # noqa: SLF001


async def figures_of(client: Redis | RedisCluster) -> list[dict[str, Any]]:
    """What INFO says: one mapping for each server that holds data."""
    if isinstance(client, RedisCluster):
        told: dict[str, dict[str, Any]] = await client.info(target_nodes=RedisCluster.PRIMARIES)
        # A single primary is not told by its name.
        return [told] if "used_memory" in told else list(told.values())
    return [await client.info()]

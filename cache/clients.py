"""What one server and a cluster do differently."""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster


async def renew(client: Redis | RedisCluster) -> None:
    """Close every connection; the next commands open new ones."""
    if isinstance(client, RedisCluster):
        for node in client.get_nodes():
            await node.disconnect()
    else:
        await client.connection_pool.disconnect(inuse_connections=True)


async def figures_of(client: Redis | RedisCluster) -> list[dict[str, Any]]:
    """What INFO says: one mapping for each server that holds data."""
    if isinstance(client, RedisCluster):
        told: dict[str, dict[str, Any]] = await client.info(target_nodes=RedisCluster.PRIMARIES)
        # A single primary is not told by its name.
        return [told] if "used_memory" in told else list(told.values())
    return [await client.info()]

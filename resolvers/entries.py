"""One answer in the cache, explained to administrators."""

from cache.cache import Cache
from cache.explain import Explained
from cache.pattern import OutsidePrefix
from cache.store import StoreDown
from model.faults import Fault
from model.viewer import Viewer
from resolvers.roles import require_admin

__all__ = ["Explained", "entry_of"]


async def entry_of(cache: Cache, name: str, viewer: Viewer) -> Explained:
    """Raises UNAUTHENTICATED, INVALID_PATTERN outside our prefix, and CACHE_UNAVAILABLE without Redis."""
    require_admin(viewer)
    try:
        return await cache.explain(name)
    except OutsidePrefix as error:
        raise Fault("INVALID_PATTERN", str(error), cacheKey=name) from error
    except StoreDown as error:
        message = "Redis is not there, so nothing is known of its entries. Try again when it is back."
        raise Fault("CACHE_UNAVAILABLE", message) from error

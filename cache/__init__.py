"""The cache remembers answers: bytes under a key, loaded once, kept in Redis for a while."""

from cache.breaker import Breaker
from cache.cache import Cache, Limits
from cache.canonical import Unkeyable
from cache.event import Event, EventName
from cache.flight import LoadCancelled
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from cache.lifetime import ANY, Freshness, Lifetime, Use
from cache.pattern import OutsidePrefix
from cache.redis import RedisStore, Timeouts
from cache.stats import MemoryFigures, MissReason, Stats
from cache.store import Found, Lease, Look, Missing, Server, Store, StoreDown
from cache.tokens import Mode

__all__ = [
    "ANY",
    "Breaker",
    "Cache",
    "CacheKey",
    "Event",
    "EventName",
    "Found",
    "Freshness",
    "Hit",
    "Lease",
    "Lifetime",
    "Limits",
    "LoadCancelled",
    "Loaded",
    "Look",
    "MemoryFigures",
    "MissReason",
    "Missing",
    "Mode",
    "OutsidePrefix",
    "RedisStore",
    "Server",
    "Source",
    "Stats",
    "Store",
    "StoreDown",
    "Timeouts",
    "Unkeyable",
    "Use",
]

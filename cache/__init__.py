"""The cache remembers answers: bytes under a key, loaded once, kept in Redis for a while."""

from cache.breaker import Breaker
from cache.cache import Cache, Limits
from cache.canonical import Unkeyable
from cache.event import Event, EventName
from cache.flight import LoadCancelled
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from cache.pattern import OutsidePrefix
from cache.redis import RedisStore, Timeouts
from cache.stats import MissReason, Stats
from cache.store import Found, Missing, Server, Store, StoreDown

__all__ = [
    "Breaker",
    "Cache",
    "CacheKey",
    "Event",
    "EventName",
    "Found",
    "Hit",
    "Limits",
    "LoadCancelled",
    "Loaded",
    "MissReason",
    "Missing",
    "OutsidePrefix",
    "RedisStore",
    "Server",
    "Source",
    "Stats",
    "Store",
    "StoreDown",
    "Timeouts",
    "Unkeyable",
]

"""What the rooms are told of the settings."""

from cache.limits import Limits as CacheLimits
from cache.redis import RedisStore, Timeouts
from db.settings import PoolSettings, place_of
from plan.limits import Limits
from resolvers.analytics import Rules
from servery.observe import watch_cache
from servery.settings import Settings


def rules_of(settings: Settings) -> Rules:
    return Rules(
        prefix=settings.cache_prefix,
        database=place_of(settings.database_url.get_secret_value()),
        lifetimes=settings.lifetimes,
        default_limit=settings.default_limit,
        limits=Limits(rows=settings.max_limit),
    )


def redis_store(settings: Settings) -> RedisStore:
    return RedisStore(
        settings.redis_url.get_secret_value(),
        prefix=settings.cache_prefix,
        timeouts=Timeouts(operation=settings.redis_budget_ms / 1000),
        observe=watch_cache,
        strict=settings.memory_bytes == 0,
    )


def cache_limits(settings: Settings) -> CacheLimits:
    return CacheLimits(
        max_entry_bytes=settings.max_entry_bytes,
        memory_bytes=settings.memory_bytes,
        loads_while_down=settings.pool_max_size,
        store_seconds=settings.redis_budget_ms / 1000,
        cheap_ms=settings.cheap_ms,
        quota_bytes=settings.tenant_quota_bytes,
    )


def pool_settings(settings: Settings) -> PoolSettings:
    return PoolSettings(
        url=settings.database_url.get_secret_value(),
        min_size=min(settings.pool_min_size, settings.pool_max_size),
        max_size=settings.pool_max_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        acquire_timeout_ms=settings.acquire_timeout_ms,
        statement_cache_size=settings.statement_cache_size,
    )

"""What the rooms are told of the settings."""

from typing import Final

from cache.limits import Limits as CacheLimits
from cache.redis import RedisStore, Timeouts
from db.settings import PoolSettings, place_of
from plan.limits import Limits
from resolvers.rules import Rules
from schema.context import Services
from servery.lane.lane import Lane
from servery.observe import cache_log
from servery.settings import Settings
from servery.transport.persisted import Documents
from servery.transport.rules import HttpRules
from servery.transport.trusted import trusted_documents

LEAST_LANE_BYTES: Final = 4 * 1024 * 1024
PART_OF_THE_WIRE: Final = 8


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
        observe=cache_log(settings),
        strict=settings.memory_bytes == 0,
    )


def cache_limits(settings: Settings) -> CacheLimits:
    return CacheLimits(
        max_entry_bytes=settings.max_entry_bytes,
        memory_bytes=settings.memory_bytes - _of_the_lane(settings),
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
        prepared_statements=settings.prepared_statements,
    )


def http_rules(settings: Settings) -> HttpRules:
    return HttpRules(
        max_body_bytes=settings.max_body_bytes,
        max_batch=settings.max_batch,
        max_age_s=settings.http_max_age_s,
    )


def lane_of(settings: Settings, services: Services) -> Lane | None:
    """It has a quarter of the memory for answers, and a little for requests where there is none."""
    if not settings.fast_lane:
        return None
    most = max(_of_the_lane(settings), LEAST_LANE_BYTES) - wire_bytes(settings)
    return Lane(services.analytics, services.traffic, most, keep=settings.memory_bytes > 0)


def wire_bytes(settings: Settings) -> int:
    """A part of what the lane has: requests are small beside their answers."""
    return _of_the_lane(settings) // PART_OF_THE_WIRE


def _of_the_lane(settings: Settings) -> int:
    return settings.memory_bytes // 4 if settings.fast_lane else 0


def documents_of(settings: Settings) -> Documents:
    """Those that are trusted are read once, at the start."""
    if settings.trusted_documents is None:
        return Documents()
    return Documents(trusted_documents(settings.trusted_documents), only=settings.trusted_only)

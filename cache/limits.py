"""What bounds the cache of one process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Larger bodies are served and counted, but not stored.

    `loads_while_down` bounds the loads that run at one time while the store is down, so that the loss of the
    cache does not become the loss of the database. `store_seconds` is the most that the store may add to one
    question. Loads below `cheap_ms` are stored from their second sight on; `quota_bytes` is what each tenant
    may write in a minute. `refreshes` bounds the loads in the background. Without the store, a load that is
    older than `unheard_ms` is shared as a stale one.
    """

    max_entry_bytes: int = 1024 * 1024
    memory_bytes: int = 64 * 1024 * 1024
    loads_while_down: int = 8
    store_seconds: float = 0.25
    cheap_ms: int = 0
    quota_bytes: int = 64 * 1024 * 1024
    refreshes: int = 2
    unheard_ms: int = 1_000

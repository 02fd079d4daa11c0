"""How to reach PostgreSQL and how long to wait for it."""

from dataclasses import dataclass, field
from typing import get_args
from urllib.parse import parse_qs, urlsplit

from db.prepared import Choice


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Everything that a pool is told; times are milliseconds.

    `min_size` connections are opened by `PostgresDatabase.open`; 0 opens the first one when it is needed.
    `statement_cache_size` counts prepared statements per connection. Of `prepared_statements`, `auto` stops
    preparing when a pooler shows itself, which may hand each transaction to another server connection; `on`
    is for poolers that carry names, and for those that keep a connection for each of ours.
    """

    # The URL holds the password, so it stays out of every repr.
    url: str = field(repr=False)
    min_size: int = 0
    max_size: int = 10
    statement_timeout_ms: int = 15_000
    acquire_timeout_ms: int = 2_000
    connect_timeout_ms: int = 2_000
    cancel_timeout_ms: int = 1_000
    close_timeout_ms: int = 5_000
    slow_query_ms: int = 1_000
    application_name: str = "servery"
    statement_cache_size: int = 100
    prepared_statements: Choice = "auto"

    def __post_init__(self) -> None:
        """Refuse sizes and limits that would never let a question through."""
        if not 0 <= self.min_size <= self.max_size or self.max_size < 1:
            raise ValueError(
                f"A pool of {self.min_size} to {self.max_size} connections cannot be: "
                "min_size is 0 or more, max_size is 1 or more and not below min_size."
            )
        if self.prepared_statements not in get_args(Choice):
            raise ValueError(
                f"prepared_statements is {self.prepared_statements!r}; it must be one of {get_args(Choice)}."
            )
        for name in ("statement_timeout_ms", "acquire_timeout_ms", "connect_timeout_ms", "cancel_timeout_ms"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name} is {getattr(self, name)}; it must be 1 or more: nothing waits for ever."
                )

    @property
    def place(self) -> str:
        """Return `host:port/database` for messages; never the user or the password."""
        return place_of(self.url)

    def server_settings(self) -> dict[str, str]:
        """Return what every session starts with; sent while connecting, so it costs no round trip."""
        return {
            "application_name": self.application_name,
            "default_transaction_read_only": "on",
            "statement_timeout": str(self.statement_timeout_ms),
            "idle_in_transaction_session_timeout": str(self.statement_timeout_ms),
            # Plans of analytic statements must see the values: a date range decides between index and scan.
            "plan_cache_mode": "force_custom_plan",
            "timezone": "UTC",
            # The SQL that is sent is written for it.
            "standard_conforming_strings": "on",
            # Lets PostgreSQL drop a session whose service vanished without a word.
            "tcp_keepalives_idle": "30",
            "tcp_keepalives_interval": "10",
            "tcp_keepalives_count": "3",
        }


_UNREADABLE = "the address in the database URL"


def place_of(url: str) -> str:
    """Return `host:port/database`, or words in its place where that could show a part of a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        return _UNREADABLE
    # An unescaped / ? or # in a password ends the host early, and the rest of the password follows it.
    if parts.fragment or "@" in parts.path + parts.query or not parts.scheme:
        return _UNREADABLE
    query = parse_qs(parts.query)
    host = parts.hostname or query.get("host", ["localhost"])[0]
    return f"{host}:{port}/{parts.path.lstrip('/') or parts.username or ''}"

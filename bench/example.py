"""The restaurant example in a PostgreSQL and a Valkey of its own, for the length of a block."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bench.servers import App, Cores, pin, pinned_here, servery_app
from servery.demo.load import load_example
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey

UNTIL: Final = date(2026, 6, 14)
SALES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Example:
    """Where its servers are."""

    database_url: str
    redis_url: str

    def servery(self, name: str = "Servery", **settings: str) -> App:
        """Servery over it, with `settings` beside those of a bench."""
        return servery_app(self.database_url, self.redis_url, name, **settings)


@contextmanager
def example(home: Path, cores: Cores | None, settings: Mapping[str, str] | None = None) -> Iterator[Example]:
    """`settings` are PostgreSQL's. Both servers are erased with the block."""
    postgres, valkey = EmbeddedPostgres(home, settings=settings), EmbeddedValkey(home)
    try:
        # Where a server has a core of its own, its caches are its own, too. Backends inherit the place.
        with pinned_here(cores.store if cores else None):
            postgres.start()
        asyncio.run(load_example(postgres.url, until=UNTIL, sales=SALES))
        redis_url = valkey.start()
        if valkey.pid:
            pin(valkey.pid, cores.store if cores else None)
        yield Example(postgres.url, redis_url)
    finally:
        valkey.stop()
        postgres.erase()


@contextmanager
def example_app(home: Path, cores: Cores | None) -> Iterator[App]:
    """Servery over it, for benches of one app."""
    with example(home, cores) as data:
        yield data.servery()

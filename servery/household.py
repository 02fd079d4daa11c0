"""What lives as long as the app does: started with it, and closed in the order of need."""

import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from cache.cache import Cache
from db.database import Database
from db.postgres import PostgresDatabase
from db.startup import wait_until_ready
from resolvers.shared_figures import SharedFigures
from servery import __version__
from servery.derived import pool_settings
from servery.events.follower import Follower
from servery.observe import logger
from servery.settings import Settings
from servery.tidying import Tidying
from servery.warming import Warmth

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Household:
    """The parts that have something to begin or to end."""

    database: Database
    cache: Cache
    warmth: Warmth
    figures: SharedFigures
    follower: Follower


def lifespan_of(settings: Settings, household: Household, state: Mapping[str, Any]) -> Lifespan:
    """PostgreSQL is waited for, Redis is not. `state` is what every request and connection is given."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        log = logger("servery")
        if isinstance(household.database, PostgresDatabase):
            wait = float(settings.start_timeout_s)
            await wait_until_ready(pool_settings(settings), say=log.warning, deadline_s=wait)
            await household.database.warm()
        if reason := await household.cache.why_down():
            log.warning("Redis is not there: answers come from PostgreSQL until it is", detail=reason)
        # What is there by now stays for good: a full collection over it would hold up questions.
        gc.collect()
        gc.freeze()
        # Among rows of large answers a full search would hold the loop for 100 ms: `Tidying` chooses when.
        gc.set_threshold(10_000, 5, 1_000)
        address = f"http://{settings.host}:{settings.port}/graphql"
        log.info("servery is ready", address=address, version=__version__)
        household.warmth.start(warm=settings.warm_at_start)
        household.figures.start()
        household.follower.start()
        tidying = Tidying()
        tidying.start()
        try:
            yield state
        finally:
            await tidying.close()
            await household.follower.close()
            await household.figures.close()
            await household.warmth.close()
            await household.cache.close()
            await household.database.close()
            log.info("servery has stopped")

    return lifespan

"""Change events while PostgreSQL is frozen, crashes and restarts; and how they meet a real cache."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import psutil
import pytest

from cache.cache import Cache
from cache.hit import Loaded
from cache.key import CacheKey
from cache.lifetime import Lifetime
from cache.redis import RedisStore
from cache.tokens import Mode
from db.listener import LineSettings
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from resolvers.invalidation import changed
from servery.embedded.port import free_port
from servery.embedded.postgres import EmbeddedPostgres
from servery.events.event import Broken, Gap, Lost
from servery.events.follower import Follower
from servery.events.sources import sources_of
from tests.db.eventually import eventually
from tests.db.telling import connected, installed
from tests.process import PATIENT, Servery
from tests.servery.events.following import MODEL, TABLES, Redis, until_seen, whole, working

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

FIRST = "it is not known what was read last"


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL that tells its changes, and may be mistreated."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("told"))
    url = await asyncio.to_thread(server.start)
    await _told(url)
    async with connected(url) as owner:
        # This server does not wait for its disk, and a crash must not undo what was made here.
        await owner.execute("checkpoint")
    yield server
    await asyncio.to_thread(server.erase)


async def insert(server: EmbeddedPostgres, day: str) -> None:
    async with connected(server.url) as writer:
        await writer.execute(f"insert into sales values (1, '{day}')")


@contextmanager
def frozen(server: EmbeddedPostgres) -> Iterator[None]:
    postmaster = psutil.Process(server.pid)
    family = [postmaster.pid, *(child.pid for child in postmaster.children(recursive=True))]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


async def test_a_frozen_server_delays_and_loses_nothing(server: EmbeddedPostgres) -> None:
    redis = Redis()
    async with working(server.url, redis) as worker:
        await whole(redis)
        with frozen(server):
            await until_seen(worker, Lost)
        await insert(server, "2026-01-15")

        await redis.until(lambda tags: "sales@2026-01" in tags)

        assert [gap.reason for gap in worker.saw(Gap)] == [FIRST]
        assert worker.saw(Broken) == []


async def test_a_restart_loses_nothing_and_outdates_nothing_else(server: EmbeddedPostgres) -> None:
    redis = Redis()
    async with working(server.url, redis) as worker:
        await whole(redis)
        await asyncio.to_thread(server.stop)
        await until_seen(worker, Lost)
        await asyncio.to_thread(server.start)
        await insert(server, "2026-01-15")

        await redis.until(lambda tags: "sales@2026-01" in tags)

        assert [gap.reason for gap in worker.saw(Gap)] == [FIRST]
        assert redis.tags == ["sales@2026-01"]


async def test_after_a_crash_everything_counts_as_changed(server: EmbeddedPostgres) -> None:
    # With synchronous_commit = off, transactions that were read may be undone by it.
    redis = Redis()
    async with working(server.url, redis) as worker:
        await whole(redis)
        await asyncio.to_thread(server.kill)
        await until_seen(worker, Lost)
        await asyncio.to_thread(server.start)

        await whole(redis)

        assert len(worker.saw(Gap)) == 2
        await insert(server, "2026-01-15")
        await redis.until(lambda tags: tags == ["sales@2026-01"])


async def test_after_the_crash_of_one_backend_everything_counts_as_changed(
    server: EmbeddedPostgres,
) -> None:
    redis = Redis()
    async with working(server.url, redis) as worker:
        await whole(redis)
        async with connected(server.url) as victim:
            os.kill(await victim.fetchval("select pg_backend_pid()"), signal.SIGKILL)

        await whole(redis)

        assert len(worker.saw(Gap)) == 2


@dataclass
class Answer:
    """What a question about sales has for an answer, as long as it is cached."""

    cache: Cache
    database: PostgresDatabase

    async def __call__(self) -> bytes:
        question = {"question": "how many sales in January"}
        key = CacheKey.of("told", question, scope={}, version="1")
        hit = await self.cache.get_or_load(
            key,
            self._load,
            tags=("table:sales", "table:sales@2026-01"),
            lifetime=Lifetime.of(timedelta(hours=1)),
        )
        return hit.body

    async def _load(self) -> Loaded:
        text = "select count(*) from public.sales where sold_at < '2026-02-01'"
        return Loaded(str((await self.database.fetch(text)).rows[0][0]).encode(), rows=1)


async def test_a_cached_answer_is_new_half_a_second_after_a_commit(database_url: str, redis_url: str) -> None:
    model = model_of_text(MODEL)
    async with connected(database_url) as writer:
        await writer.execute(TABLES)
        await installed(database_url, *sources_of(model))
        caches = [Cache(RedisStore(redis_url, prefix="told")) for _ in range(2)]
        database = PostgresDatabase(PoolSettings(database_url))
        workers = [
            Follower(
                model,
                LineSettings(database_url),
                database,
                deployment="told",
                invalidate=lambda tags, cache=cache: cache.invalidate(tags, Mode.EXPIRE),  # type: ignore[misc]
                notes=cache,
                tags_for=changed,
            )
            for cache in caches
        ]
        answers = [Answer(cache, database) for cache in caches]
        for worker in workers:
            worker.start()
        try:
            await asyncio.sleep(1)
            for count in range(1, 4):
                await writer.execute("insert into sales values (1, '2026-01-15')")

                async def is_new(wanted: bytes = str(count).encode()) -> bool:
                    return all([await answer() == wanted for answer in answers])

                assert await eventually(is_new, within_s=5) < 2
        finally:
            for worker in workers:
                await worker.close()
            for cache in caches:
                await cache.close()
            await database.close()


QUESTION = "{ analytics(metrics: [sales_made]) { data metadata { source } } }"


def test_a_service_of_two_workers_answers_anew_after_a_commit(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    model = tmp_path / "model.yml"
    model.write_text(MODEL, "utf-8")
    asyncio.run(_told(database_url))
    port = free_port()
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SERVERY_EVENTS": "true", **PATIENT}
    arguments = ("serve", "--model", str(model), "--port", str(port), "--workers", "2")
    with Servery(tmp_path / "log", *arguments, **settings) as service:
        service.until_it_says("this process follows change events")
        service.until(lambda: counted(port) == {0})
        for count in (1, 2):
            asyncio.run(_sold(database_url))

            service.until(lambda wanted=count: counted(port) == {wanted}, within_s=15)  # type: ignore[misc]


def counted(port: int) -> set[int]:
    """What questions over many connections, which reach both workers, are told; nothing before the start."""
    found = set()
    for _ in range(12):
        try:
            with httpx2.Client(trust_env=False) as client:
                answer = client.post(f"http://127.0.0.1:{port}/graphql", json={"query": QUESTION}).json()
        except httpx2.TransportError:
            return set()
        found.add(answer["data"]["analytics"]["data"][0]["sales_made"])
    return found


async def _told(url: str) -> None:
    async with connected(url) as owner:
        await owner.execute(TABLES)
    await installed(url, *sources_of(model_of_text(MODEL)))


async def _sold(url: str) -> None:
    async with connected(url) as writer:
        await writer.execute("insert into sales values (1, now())")

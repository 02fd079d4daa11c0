import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from db.errors import DatabaseError, Overloaded, QueryTimeout, Unavailable
from db.events import Back, Event, Lost
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from servery.embedded.postgres import EmbeddedPostgres
from tests.db.asking import is_answering, is_unavailable
from tests.db.eventually import eventually

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_a_frozen_backend_is_a_timeout_at_the_limit_and_does_not_hold_its_place(
    server: EmbeddedPostgres,
) -> None:
    database = PostgresDatabase(
        PoolSettings(server.url, max_size=1, statement_timeout_ms=500, cancel_timeout_ms=500)
    )
    backend = await _own_pid(database)

    with _stopped(backend):
        started = time.monotonic()
        with pytest.raises(QueryTimeout):
            await database.fetch("select 1")
        assert time.monotonic() - started < 1.2
        assert await eventually(lambda: is_answering(database), within_s=2) < 2
    await database.close()


async def test_a_cancelled_statement_that_will_not_end_does_not_delay_the_next(
    server: EmbeddedPostgres,
) -> None:
    database = PostgresDatabase(PoolSettings(server.url, max_size=2))
    backend = await _own_pid(database)

    with _stopped(backend):
        question = asyncio.create_task(database.fetch("select 1"))
        await asyncio.sleep(0.05)
        question.cancel()
        await asyncio.wait({question})
        started = time.monotonic()

        assert await _own_pid(database) != backend
        assert time.monotonic() - started < 0.5
    await database.close()


async def test_a_frozen_server_never_hangs_a_question_and_is_back_when_it_thaws(
    server: EmbeddedPostgres,
) -> None:
    settings = PoolSettings(
        server.url, min_size=3, statement_timeout_ms=400, cancel_timeout_ms=400, connect_timeout_ms=400
    )
    database = await PostgresDatabase.open(settings)

    with _stopped(*_family(server)):
        started = time.monotonic()
        answers = await asyncio.gather(
            *(database.fetch("select 1") for _ in range(6)), return_exceptions=True
        )
        assert {type(answer) for answer in answers} <= {QueryTimeout, Unavailable}
        assert time.monotonic() - started < 2.5

    assert await eventually(lambda: is_answering(database), within_s=2) < 2
    await database.close()


async def test_a_crash_of_every_backend_is_survived(server: EmbeddedPostgres) -> None:
    database = await PostgresDatabase.open(PoolSettings(server.url, min_size=4))
    await asyncio.gather(*(database.fetch("select pg_sleep(0.05)") for _ in range(4)))

    os.kill(await _own_pid(database), signal.SIGKILL)

    assert await eventually(lambda: is_answering(database), within_s=2) < 2
    await asyncio.gather(*(database.fetch("select pg_sleep(0.05)") for _ in range(4)))
    await database.close()


async def test_a_restart_is_reported_and_answered_again(
    server: EmbeddedPostgres, events: list[Event]
) -> None:
    database = await PostgresDatabase.open(PoolSettings(server.url, min_size=4), observe=events.append)

    await asyncio.to_thread(server.stop)
    assert await is_unavailable(database)
    await asyncio.to_thread(server.start)

    assert await eventually(lambda: is_answering(database), within_s=2) < 2
    assert [type(event) for event in events] == [Lost, Back]
    await database.close()


async def test_too_many_connections_is_overloaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    tight = EmbeddedPostgres(
        tmp_path_factory.mktemp("tight"),
        settings={"max_connections": "3", "superuser_reserved_connections": "0"},
    )
    url = await asyncio.to_thread(tight.start)
    database = PostgresDatabase(PoolSettings(url, max_size=8))

    answers = await asyncio.gather(
        *(database.fetch("select pg_sleep(0.3)") for _ in range(8)), return_exceptions=True
    )

    failures = [answer for answer in answers if isinstance(answer, DatabaseError)]
    assert {type(failure) for failure in failures} == {Overloaded}
    assert {failure.sqlstate for failure in failures} == {"53300"}
    assert await is_answering(database)
    await database.close()
    await asyncio.to_thread(tight.erase)


async def _own_pid(database: PostgresDatabase) -> int:
    result = await database.fetch("select pg_backend_pid()")
    pid = result.rows[0][0]
    assert isinstance(pid, int)
    return pid


def _family(server: EmbeddedPostgres) -> list[int]:
    postmaster = psutil.Process(server.pid)
    return [postmaster.pid, *(child.pid for child in postmaster.children(recursive=True))]


@contextmanager
def _stopped(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGCONT)

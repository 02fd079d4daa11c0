"""How the service starts and ends, whatever is up at that moment, alone and as several workers."""

import asyncio
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from servery.embedded.port import free_port
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey
from servery.shared_port import DEALS_OUT
from tests.mistreat import is_open, locked_sales, until_one_waits
from tests.process import CACHED, Service, question, source

pytestmark = pytest.mark.anyio

CLEAR = "mutation { clearCache { deleted } }"


@contextmanager
def stopping(service: Service) -> Iterator[Service]:
    """For a service whose start is watched; in the end it is stopped as any other."""
    with ExitStack() as stack:
        stack.push(service.__exit__)
        yield service


def test_a_start_without_redis_is_a_start_and_redis_is_used_when_it_comes(
    folder: Path, postgres: EmbeddedPostgres
) -> None:
    late = EmbeddedValkey(folder / "late")
    late.start()
    late.kill()
    with Service(folder / "late.log", free_port(), postgres.url, late.url) as service:
        assert source(service, question(29)) == "DATABASE"
        late.start()
        service.until(lambda: source(service, question(29)) in CACHED, 5)
        assert service.ends(signal.SIGINT) == 0
    late.stop()


def test_the_service_waits_for_postgresql_says_so_and_then_starts(
    folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> None:
    postgres.stop()
    with stopping(Service(folder / "wait.log", free_port(), postgres.url, valkey.url)) as service:
        try:
            service.start()
            service.until_it_says(f"Waiting for PostgreSQL at 127.0.0.1:{postgres.port}/")
        finally:
            postgres.start()
        service.until(service.is_ready)

        assert source(service, question(17)) == "DATABASE"


def test_a_wait_for_postgresql_ends_at_a_signal(folder: Path, valkey: EmbeddedValkey) -> None:
    nowhere = f"postgresql://someone:hunter2@127.0.0.1:{free_port()}/x"
    with stopping(Service(folder / "nowhere.log", free_port(), nowhere, valkey.url)) as service:
        service.start()
        service.until_it_says("Waiting for PostgreSQL")

        assert service.ends(signal.SIGTERM, within_s=5) == 0
        assert "hunter2" not in service.words


async def test_a_question_in_flight_is_answered_before_the_end(
    folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> None:
    with Service(folder / "end.log", free_port(), postgres.url, valkey.url) as service:
        with ThreadPoolExecutor(1) as caller:
            async with locked_sales(postgres.url) as onlooker:
                answer = caller.submit(service.post, question(19))
                await until_one_waits(onlooker)
                service.process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(service.until, lambda: not is_open(service.port), 5)
            assert b'"source":"DATABASE"' in answer.result()
        assert service.process.wait(10) == 0
        assert "Traceback" not in service.words


def test_two_workers_share_the_made_token_and_the_cache(
    folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> None:
    none = {"SERVERY_ADMIN_TOKEN": ""}
    with Service(
        folder / "two.log", free_port(), postgres.url, valkey.url, "--workers", "2", **none
    ) as service:
        token = service.words.partition("Until the stop it is: ")[2].split()[0]
        service.until(lambda: service.words.count("servery is ready") == 2)

        assert source(service, question(23)) == "DATABASE"
        assert {source(service, question(23)) for _ in range(20)} <= CACHED
        for _ in range(20):  # whichever worker is asked, it knows the token
            assert service.ask(CLEAR, token=token)["clearCache"]["deleted"] >= 0
        assert service.words.count("Until the stop it is") == 1
        assert service.ends(signal.SIGTERM) == 0


@pytest.mark.skipif(not DEALS_OUT, reason="only Linux deals connections out")
def test_each_worker_listens_by_itself_so_that_connections_are_dealt_out(
    folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> None:
    with Service(folder / "dealt.log", free_port(), postgres.url, valkey.url, "--workers", "2") as service:
        service.until(lambda: service.words.count("servery is ready") == 2)

        service.until(lambda: listening(service.port) >= 2, 5)
        assert listening(service.port) == 2


def listening(port: int) -> int:
    """How many sockets do; one that processes share is one."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)

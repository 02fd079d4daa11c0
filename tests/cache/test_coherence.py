"""For how long do other processes show what was invalidated? `python -m bench.coherence` prints it."""

from pathlib import Path
from typing import Final

import pytest

from tests.cache.node import program
from tests.cache.processes.coherence import HEALTHY, Watched, watched
from tests.cache.servers import RunningRedis

pytestmark = pytest.mark.integration

LEASE_MS: Final = 1_000
NOISE_MS: Final = 500
ORDERS: Final = 45


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    server = RunningRedis(program())
    server.start()
    try:
        return watched(server, Path(tmp_path_factory.mktemp("register")), orders=ORDERS)
    finally:
        server.kill()


def test_a_message_is_there_at_once(seen: Watched) -> None:
    healthy = seen.lateness[HEALTHY]

    assert healthy.median < 20
    assert len(healthy.fresh) > ORDERS


def test_whatever_happens_nothing_unflagged_outlives_the_lease(seen: Watched) -> None:
    most = {phase: lateness.most for phase, lateness in seen.lateness.items()}

    assert max(most.values()) < LEASE_MS + NOISE_MS, most


def test_nobody_sees_an_error(seen: Watched) -> None:
    assert [told.errors for told in seen.told] == [[], []]


def test_many_answers_come_from_memory(seen: Watched) -> None:
    for told in seen.told:
        assert told.sources["memory"] > sum(told.sources.values()) / 10

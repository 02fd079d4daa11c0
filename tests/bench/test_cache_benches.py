"""The benchmarks of the cache say what they measure: tiny runs."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from bench.coherence import HEADER as COHERENCE
from bench.coherence import row as row_of_phase
from bench.interleaving import OURS, row_of, rows_of_ours
from bench.invalidation import CALM, WAYS, measure, table_of
from bench.invalidation import OURS as OUR_INVALIDATION
from bench.outages import measure as measure_outages
from bench.outages import row as row_of_outage
from bench.pinging import pinging
from tests.cache.drills.faults import FAULTS
from tests.cache.interleaving.controls import CONTROLS
from tests.cache.interleaving.world import Trust
from tests.cache.node import program
from tests.cache.processes.coherence import Lateness
from tests.cache.servers import RunningRedis

pytestmark = pytest.mark.integration


@pytest.fixture
def server() -> Iterator[RunningRedis]:
    running = RunningRedis(program())
    running.start()
    yield running
    running.kill()


def test_every_way_to_invalidate_does_what_it_is_measured_for(server: RunningRedis) -> None:
    costs = asyncio.run(measure(server.port, server.url, entries=300, rounds=1, calm=0.05))
    table = table_of(costs)

    assert list(costs) == [way.name for way in WAYS]
    assert all(cost.order > 0 and cost.slowest_ping > 0 for cost in costs.values())
    ours = next(row for row in table.rows if row[0] == OUR_INVALIDATION.name)
    nothing = next(row for row in table.rows if row[0] == CALM.name)
    assert (ours[2], nothing[1], nothing[4]) == ("1", "", "1")


def test_another_client_notices_when_the_server_does_nothing(server: RunningRedis) -> None:
    with pinging(server.port) as pings:
        time.sleep(0.1)
        server.freeze()
        time.sleep(0.3)
        server.thaw()

    assert pings.most > 200
    assert pings.median < pings.most


def test_a_fault_is_a_row() -> None:
    (fault,) = (fault for fault in FAULTS if fault.name == "dead (SIGKILL)")

    (drilled,) = asyncio.run(measure_outages((fault,), 0.5))
    name, memory, without, _, _, orders, _ = row_of_outage(drilled)

    assert (name, orders) == ("dead (SIGKILL)", "refused")
    assert without.endswith("database")
    assert "stale" in memory


def test_a_design_is_a_row() -> None:
    first = row_of(next(iter(CONTROLS)), 20)
    ours = rows_of_ours(3)

    assert int(first[1]) == int(first[2]) > 0
    assert [row[2] for row in ours] == ["0", "0"]
    assert set(OURS.values()) == set(Trust)


def test_lateness_is_a_row() -> None:
    row = row_of_phase("healthy", Lateness(fresh=[0.0, 0.0, 1.5], flagged=[]))

    assert row == ("healthy", "3", "0", "1.5", "1.5", "0")
    assert len(row) == len(COHERENCE)

"""The bench of change events reads what pgbench says, and its figures are those of its rounds."""

from pathlib import Path

import pytest

from bench.faults import NotMeasured
from bench.outbox import LOADS, RATE, Load, Rates, measure, sources, table_of
from servery.embedded.postgres import EmbeddedPostgres

TWO_ROUNDS = Rates(Load("inserts", 4, waits=True), told=(50.0, 90.0), plain=(100.0, 100.0))


def test_the_rate_is_read_from_what_pgbench_says() -> None:
    told = "latency average = 0.106 ms\ninitial connection time = 3 ms\ntps = 9464.296840 (without ...)\n"

    found = RATE.search(told)

    assert found is not None
    assert found[1] == "9464.296840"


def test_rounds_are_compared_one_by_one() -> None:
    assert (TWO_ROUNDS.ratio.median, TWO_ROUNDS.ratio.least, TWO_ROUNDS.ratio.most) == (0.7, 0.5, 0.9)
    assert list(table_of((TWO_ROUNDS,)).rows) == [("inserts", "4", "100", "70", "0.7", "0.5", "0.9")]


def test_every_table_that_pgbench_writes_is_told() -> None:
    assert {source.table for source in sources()} == {
        "pgbench_accounts",
        "pgbench_branches",
        "pgbench_history",
        "pgbench_tellers",
    }


@pytest.mark.integration
def test_every_load_is_measured_with_and_without(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    try:
        found = measure(server, tmp_path, rounds=1, seconds=1)
    except NotMeasured as reason:
        pytest.skip(str(reason))
    finally:
        server.erase()

    assert [each.load for each in found] == list(LOADS)
    assert all(min(each.told + each.plain) > 0 for each in found)

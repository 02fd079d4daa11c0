"""Workers are started as users start them, and what they do together is seen."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import workers
from bench.burning import BODY, command
from bench.example import Example
from bench.lateness import Lateness, lateness
from bench.load import Streams
from bench.servers import ADMINISTRATOR, App, served
from bench.turns import settle
from bench.workers import Slice, drive, plain, row, target_of, together, told
from tests.bench.test_dashboard import Fixed


def test_a_ratio_is_told_beside_the_most_that_is_possible() -> None:
    found = {
        "lane off, 1": [Slice(100, 0.04, (1.0,), 500), Slice(200, 0.04, (1.0,), 520)],
        "lane off, 2": [Slice(180, 0.05, (0.6, 0.4), 540), Slice(340, 0.05, (0.5, 0.5), 560)],
        "yardstick, 1": [Slice(100, 0.04, (1.0,), 400), Slice(100, 0.04, (1.0,), 400)],
        "yardstick, 2": [Slice(160, 0.05, (0.5, 0.5), 440), Slice(190, 0.05, (0.5, 0.5), 440)],
    }

    cells = row("lane off", found)

    shares = ("4%, 5%", "1.9", "55%, 45%", "510, 550")
    assert cells == ("lane off", "150", "260", "1.75", "1.7", "1.8", "1", *shares)
    assert len(cells) == len(workers.HEADER)
    assert row("yardstick", found)[3:7] == ("1.75", "1.6", "1.9", "")


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (Lateness(2, 16, 96, (), 2), "96 answers that were asked for after the clear had returned, 0 of"),
        (
            Lateness(2, 16, 96, (0.5, 1.25), 2),
            "2 of them older than it, the last 1.25 ms after it; 2 workers",
        ),
    ],
)
def test_what_was_late_is_told(late: Lateness, words: str) -> None:
    assert words in told(late)


@pytest.mark.integration
def test_two_workers_act_as_one(restaurant_url: str, redis_url: str, tmp_path: Path) -> None:
    app = Example(restaurant_url, redis_url).servery("two", SERVERY_ADMIN_TOKEN=ADMINISTRATOR)

    with served(replace(app, workers=2), tmp_path, None) as server:
        target = target_of(server)
        settle("two", target, Streams(), 32)
        found = drive(server, target, Streams(), seconds=1)
        flights, _ = together(server, Fixed(1), rounds=1)
        late = lateness(server, ADMINISTRATOR, clears=3)

    assert found.per_second > 10
    assert sum(found.shares) == pytest.approx(1, abs=0.05)
    assert flights.startswith("100 callers at once on each of 1 new questions: 1 SQL statements, counted by")
    assert (late.clears, late.answers, late.workers) == (3, 144, 2)
    assert not [ms for ms in late.old_ms if ms > 1_000]


@pytest.mark.integration
@pytest.mark.parametrize("count", [1, 2])
def test_the_yardstick_answers_with_as_many_workers_as_it_is_said(count: int, tmp_path: Path) -> None:
    with served(App("yardstick", "", {}, command=command(count)), tmp_path, None) as server:
        target = plain(server)
        settle("yardstick", target, Streams(), 32)
        found = drive(server, target, Streams(), seconds=1)

    assert target.answer == BODY
    assert found.per_second > 10
    assert sum(share > 0.05 for share in found.shares) == count

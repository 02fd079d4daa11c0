"""Seeded schedules on a real server: what is held is written in `tests/cache/interleaving/__init__.py`.

`python -m bench.interleaving` plays more of them, and prints the counts.
"""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.cache.interleaving.controls import CONTROLS
from tests.cache.interleaving.job import Job, played
from tests.cache.interleaving.outcome import Total
from tests.cache.interleaving.world import Trust

pytestmark = pytest.mark.integration

SCHEDULES: Final = 250
OF_THE_FIRST_DESIGN: Final = 60
MOST_OF_A_CONTROL: Final = 400
FIRST_DESIGN, *_ = CONTROLS
COUNTERS: Final = next(name for name in CONTROLS if "INCR" in name)


@pytest.fixture(scope="module")
def ours() -> Mapping[Trust, Total]:
    """Both at one time."""
    return dict(zip(Trust, played(*(Job(trust.name, SCHEDULES) for trust in Trust)), strict=True))


@pytest.mark.parametrize("trust", Trust)
def test_no_read_shows_what_was_invalidated_before_it_began(
    ours: Mapping[Trust, Total], trust: Trust
) -> None:
    total = ours[trust]

    assert total.words == total.errors == []
    assert total.schedules == SCHEDULES
    # Else nothing was at stake.
    assert total.hits > total.reads / 5
    assert total.orders > 3 * SCHEDULES


def test_the_first_design_shows_it_in_many_schedules() -> None:
    (total,) = played(Job(FIRST_DESIGN, OF_THE_FIRST_DESIGN, evicts_tokens=False))

    assert len(total.wrong) > OF_THE_FIRST_DESIGN / 6
    assert total.errors == []


def test_every_design_that_is_known_to_be_wrong_is_found_out() -> None:
    totals = played(*(Job(name, MOST_OF_A_CONTROL, enough=1) for name in CONTROLS))

    assert [len(total.wrong) for total in totals] == [1] * len(CONTROLS)
    assert [total.errors for total in totals] == [[]] * len(CONTROLS)


def test_counters_are_wrong_only_when_they_are_evicted() -> None:
    (total,) = played(Job(COUNTERS, 40, evicts_tokens=False))

    assert total.words == total.errors == []

"""Seeded schedules on a real server: what is held is written in `tests/cache/interleaving/__init__.py`.

`python -m bench.interleaving` plays more of them, and prints the counts.
"""

from collections.abc import Awaitable

import pytest

from tests.cache.interleaving.controls import CONTROLS, Control, Counted, FirstDesign
from tests.cache.interleaving.stage import Stage, Total, staged
from tests.cache.interleaving.world import Trust

pytestmark = pytest.mark.integration

SCHEDULES = 250
OF_THE_FIRST_DESIGN = 60
MOST_OF_A_CONTROL = 400


@pytest.mark.parametrize("trust", Trust)
def test_no_read_shows_what_was_invalidated_before_it_began(trust: Trust) -> None:
    total = staged(lambda stage: stage.ours(range(SCHEDULES), trust))

    assert total.words == total.errors == []
    assert total.schedules == SCHEDULES
    # Else nothing was at stake.
    assert total.hits > total.reads / 5
    assert total.orders > 3 * SCHEDULES


def test_the_first_design_shows_it_in_many_schedules() -> None:
    total = staged(lambda stage: stage.control(FirstDesign, range(OF_THE_FIRST_DESIGN), evicts_tokens=False))

    assert len(total.wrong) > OF_THE_FIRST_DESIGN / 6
    assert total.errors == []


@pytest.mark.parametrize("kind", CONTROLS.values(), ids=CONTROLS.keys())
def test_every_design_that_is_known_to_be_wrong_is_found_out(kind: type[Control]) -> None:
    def play(stage: Stage) -> Awaitable[Total]:
        return stage.control(kind, range(MOST_OF_A_CONTROL), evicts_tokens=True, enough=1)

    total = staged(play)

    assert len(total.wrong) == 1
    assert total.errors == []


def test_counters_are_wrong_only_when_they_are_evicted() -> None:
    total = staged(lambda stage: stage.control(Counted, range(40), evicts_tokens=False))

    assert total.words == total.errors == []

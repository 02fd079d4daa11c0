"""What is done with goes at once: garbage takes memory until it is searched for, and that stops everybody."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from schema.documents import Documents
from tests.lane.sent import asks
from tests.lane.world import World

QUESTION = "{ analytics(metrics: [sold]) { data columns { name } metadata { source dateRange { start } } } }"


@contextmanager
def garbage() -> Iterator[list[object]]:
    """Filled at the end of the block, with what it made, left and no longer can be reached.

    What was there before is frozen, out of the search: a cache of the standard library or a weak dictionary
    may let go of the schema of an earlier test at any time.
    """
    found: list[object] = []
    gc.collect()
    gc.disable()
    gc.freeze()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found.extend(gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()


class Ring:
    """Refers to itself, so that it goes by a search alone."""

    def __init__(self) -> None:
        self.itself = self


def test_only_what_was_made_meanwhile_is_found() -> None:
    before = [Ring()]

    with garbage() as found:
        before.clear()
        Ring()

    assert [type(each) for each in found if not isinstance(each, dict)] == [Ring]


def test_a_document_that_is_forgotten_leaves_no_garbage() -> None:
    nothing_is_kept = Documents(most_letters=0)

    with garbage() as found:
        nothing_is_kept.parsed(QUESTION)

    assert found == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "document", [QUESTION, "{ catalog { metrics { name } } }", "{ analytics { nothing } }"]
)
async def test_a_request_that_was_executed_leaves_no_garbage(document: str) -> None:
    service = World(fast_lane=False)
    for _ in range(3):  # whatever is done once is done
        await service.ask(asks(document))

    with garbage() as found:
        await service.ask(asks(document))

    assert found == []

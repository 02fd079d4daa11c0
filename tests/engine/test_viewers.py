"""A viewer's answers are those over the rows that the viewer sees, whatever is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.viewer import Viewer
from tests.engine.asking import Asking
from tests.engine.combined import combined
from tests.engine.fanned import fanned
from tests.engine.matching import faults
from tests.engine.question import Question
from tests.engine.reference import answer
from tests.engine.service import Counter, world_of
from tests.engine.sight import visible
from tests.engine.valued import valued
from tests.engine.visits import Visit, some, visits

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

VIEWERS = st.builds(
    Viewer,
    subject=st.sampled_from(["north", "south", "anonymous"]),
    tenant=st.sampled_from(["paid", "new", None]),
    roles=st.sampled_from([frozenset({"gift"}), frozenset({"gift", "urgent"}), frozenset[str]()]),
)


@some(40)
@given(visit=visits(Asking.question), viewer=VIEWERS)
async def test_a_viewer_sees_no_trace_of_other_rows(counter: Counter, visit: Visit, viewer: Viewer) -> None:
    assert not await wrong(counter, visit, viewer)


@some(25)
@given(visit=visits(combined), viewer=VIEWERS)
async def test_a_viewer_sees_no_trace_of_them_along_time(
    counter: Counter, visit: Visit, viewer: Viewer
) -> None:
    assert not await wrong(counter, visit, viewer)


@some(25)
@given(visit=visits(fanned), viewer=VIEWERS)
async def test_a_viewer_sees_no_trace_of_them_in_groups_of_rows_below(
    counter: Counter, visit: Visit, viewer: Viewer
) -> None:
    assert not await wrong(counter, visit, viewer)


@some(25)
@given(visit=visits(valued), viewer=VIEWERS)
async def test_a_viewer_sees_no_trace_of_them_among_values(
    counter: Counter, visit: Visit, viewer: Viewer
) -> None:
    assert not await wrong(counter, visit, viewer)


async def wrong(counter: Counter, visit: Visit, viewer: Viewer) -> list[str]:
    """What is wrong with the first answer that is not right."""
    await counter.load(visit.shop, visit.now)
    for question in visit.questions:
        if found := await _wrong(counter, visit, question, viewer):
            return [repr(question), *found]
    return []


async def _wrong(counter: Counter, visit: Visit, question: Question, viewer: Viewer) -> list[str]:
    response = await counter.guarded.ask(counter.document, viewer, **question.variables)
    if "errors" in response:
        return [str(response["errors"])]
    world = world_of(visible(visit.shop, viewer), question, visit.now)
    return faults(question, answer(world, question), response["data"]["analytics"], world.clock.zone)

"""Processes tell each other what is asked of them; whatever else lies in Redis is left out."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.viewer import ANONYMOUS, Viewer
from resolvers.question import Question
from resolvers.traffic import HALF_LIFE_S, LONGEST, Asked, Demand, Traffic
from resolvers.traffic_notes import (
    KEPT_MS,
    LONGEST_NOTE,
    MOST_TOLD,
    SharedTraffic,
    demands_of,
    merged,
    note_of,
)
from tests.cache.fakes import Clock
from tests.resolvers.boards import Board

pytestmark = pytest.mark.anyio

ACME = Viewer("ana", "acme", frozenset({"reader", "admin"}))
SALES = Demand(Asked("metrics: [faturamento]", ANONYMOUS), 3, 300)
STORES = Demand(Asked('metrics: [faturamento], search: "são \\"x\\" 🍦"', ACME), 1, 400)


def worker(board: Board, *asked: tuple[str, float], every_s: float = 60) -> SharedTraffic:
    """A process that was asked these texts at these costs."""
    traffic = Traffic(clock=Clock())
    for text, cost in asked:
        traffic.note(f"key of {text}", Question(("faturamento",)), cost, ANONYMOUS, partial(str, text))
    return SharedTraffic(traffic, board, every_s=every_s, now=lambda: 1000.0)


def told(demands: list[Demand]) -> list[tuple[str, float, float]]:
    return [(each.asked.text, each.count, each.cost_ms) for each in demands]


async def test_every_process_knows_what_all_are_asked() -> None:
    board = Board()
    first, second = worker(board, ("a", 10), ("a", 10), ("b", 5)), worker(board, ("a", 10), ("c", 50))
    await first.tell()
    await second.tell()

    everyones = [told(await each.everyones()) for each in (first, second, worker(board))]

    assert everyones == [[("c", 1, 50), ("a", 3, 30), ("b", 1, 5)]] * 3


async def test_a_note_stays_for_a_day() -> None:
    board = Board()
    await worker(board, ("a", 10)).tell()

    assert board.lives == [KEPT_MS] == [24 * 60 * 60 * 1000]


async def test_a_process_that_was_asked_nothing_tells_nothing() -> None:
    board = Board()
    await worker(board).tell()

    assert board.texts == {}


async def test_a_process_tells_now_and_then_and_one_last_time() -> None:
    board = Board()
    told_often = worker(board, ("a", 10), every_s=0)
    told_often.start()
    await asyncio.wait_for(board.written.wait(), 5)
    await told_often.close()
    told_at_the_end = worker(board, ("b", 10))
    told_at_the_end.start()
    await told_at_the_end.close()

    assert told(await worker(board).everyones()) == [("a", 1, 10), ("b", 1, 10)]


async def test_without_the_store_a_process_knows_its_own_and_goes_on() -> None:
    board = Board(down=True)
    shared = worker(board, ("a", 10), every_s=0)
    shared.start()
    await asyncio.wait_for(board.written.wait(), 5)

    assert told(await shared.everyones()) == [("a", 1, 10)]
    board.down = False
    await shared.close()
    assert told(await worker(board).everyones()) == [("a", 1, 10)]


def test_a_note_comes_back_as_it_was() -> None:
    assert list(demands_of(note_of([SALES, STORES], 1000), 1000)) == [SALES, STORES]


def test_a_note_fades_with_its_age_and_a_clock_that_is_behind_changes_nothing() -> None:
    note = note_of([SALES], 1000)

    assert told(list(demands_of(note, 1000 + 2 * HALF_LIFE_S))) == [(SALES.asked.text, 0.75, 75)]
    assert list(demands_of(note, 10)) == [SALES]
    assert list(demands_of(note, 1e300)) != []


def test_a_note_is_bounded_and_holds_the_dearest() -> None:
    long = [Demand(Asked(f"{number:04}" + "x" * (LONGEST - 100), ANONYMOUS), 1, 1) for number in range(100)]
    found = list(demands_of(note_of(long, 0), 0))

    assert len(note_of(long, 0)) <= LONGEST_NOTE + 100
    assert 20 < len(found) < 40
    assert found == long[: len(found)]


def test_the_same_question_is_one_whoever_tells_it() -> None:
    assert merged([SALES, STORES, SALES]) == [Demand(SALES.asked, 6, 600), STORES]


def note_with(**odd: Any) -> str:
    """A note whose first record is odd and whose second is not."""
    right: dict[str, Any] = {
        "text": "a",
        "subject": "ana",
        "tenant": None,
        "roles": [],
        "count": 1,
        "costMs": 2,
    }
    return json.dumps({"format": 1, "at": 0, "asked": [{**right, **odd}, right]})


@pytest.mark.parametrize(
    "odd",
    [
        {"text": ""},
        {"text": 7},
        {"text": "x" * (LONGEST + 1)},
        {"subject": None},
        {"tenant": {"acme": 1}},
        {"tenant": "x" * (LONGEST + 1)},
        {"roles": "admin"},
        {"roles": ["reader", 7]},
        {"roles": [["admin"]]},
        {"roles": ["x" * LONGEST]},
        {"count": "many"},
        {"count": -1},
        {"count": 1e300},
        {"costMs": None},
        {"costMs": 1e300},
    ],
    ids=range(15),
)
def test_an_odd_record_is_left_out_and_the_next_is_read(odd: dict[str, Any]) -> None:
    assert told(list(demands_of(note_with(**odd), 0))) == [("a", 1, 2)]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "null",
        "[]",
        "{",
        "\ud800",
        '{"format": 2, "at": 0, "asked": []}',
        '{"format": 1, "asked": []}',
        '{"format": 1, "at": "now", "asked": []}',
        '{"format": 1, "at": 0, "asked": {}}',
        note_with(costMs=10**400),
        '{"format": 1, "at": 0, "asked": [1, null, [], "a", {}]}',
        '{"format": 1, "at": 0, "asked": [' + "[" * 100_000,
        " " * (2 * LONGEST_NOTE) + note_with(),
    ],
    ids=range(13),
)
def test_garbage_tells_nothing(note: str) -> None:
    assert list(demands_of(note, 0)) == []


def test_no_note_tells_more_than_it_may() -> None:
    right = json.loads(note_with())["asked"][1]
    note = json.dumps({"format": 1, "at": 0, "asked": [right] * (MOST_TOLD + 5)})

    assert len(list(demands_of(note, 0))) == MOST_TOLD


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(
    st.one_of(
        st.text(),
        JSON.map(json.dumps),
        st.fixed_dictionaries({"format": st.just(1), "at": JSON, "asked": st.lists(JSON)}).map(json.dumps),
        st.dictionaries(st.sampled_from(["text", "subject", "tenant", "roles", "count", "costMs"]), JSON).map(
            lambda odd: note_with(**odd)
        ),
    ),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_whatever_lies_there_reading_it_does_not_fail(note: str, now: float) -> None:
    for each in demands_of(note, now):
        assert each.asked.is_kept
        assert 0 <= each.count < float("inf")

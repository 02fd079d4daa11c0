"""Counts travel as text, and text from anybody counts nothing that is odd."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.event import Operation
from cache.histogram import BUCKETS, Latencies
from cache.hit import Source
from cache.stats import Counts, MemoryFigures, MissReason
from resolvers.figures_notes import LONGEST_NOTE, MOST_COUNTED, counts_of, note_of

some = st.integers(0, 2**40)
buckets = st.dictionaries(st.integers(0, BUCKETS - 1), some)
COUNTS = st.builds(
    Counts,
    hits_by_source=st.fixed_dictionaries(dict.fromkeys((Source.MEMORY, Source.REDIS, Source.STALE), some)),
    misses_by_reason=st.fixed_dictionaries(dict.fromkeys(MissReason, some)),
    flights_joined=some,
    loads=some,
    loads_failed=some,
    refreshes=some,
    too_big=some,
    not_admitted=some,
    load_ms_saved=some,
    bytes_stored=some,
    memory=st.builds(MemoryFigures, some, some, some, some),
    latencies=st.fixed_dictionaries(
        dict.fromkeys(Operation, st.builds(Latencies, buckets, st.floats(0, 1e12)))
    ),
)
TOLD = Counts(hits_by_source={Source.REDIS: 3}, loads=5, memory=MemoryFigures(1, 2, 3, 4))


def told(**changes: Any) -> str:
    return json.dumps({**json.loads(note_of(TOLD)), **changes})


@given(COUNTS)
def test_counts_come_out_as_they_went_in(counts: Counts) -> None:
    assert counts_of(note_of(counts)) == counts


def test_the_fullest_note_is_short_enough_to_be_read() -> None:
    full = Latencies(dict.fromkeys(range(BUCKETS), MOST_COUNTED), 1e15)

    note = note_of(Counts(latencies=dict.fromkeys(Operation, full)))

    assert len(note) < LONGEST_NOTE / 2
    assert counts_of(note) is not None


@pytest.mark.parametrize("note", ["", "null", "[]", "{}", "1e999", '{"format": 2}', "{" * 9_999, "é\0"])
def test_what_is_no_note_counts_nothing(note: str) -> None:
    assert counts_of(note) is None


def test_a_note_that_is_too_long_is_not_read() -> None:
    assert counts_of(told(more="x" * LONGEST_NOTE)) is None


@pytest.mark.parametrize("odd", [-1, True, 1.5, "3", None, [], {}, 10**16, [[1]]])
def test_a_count_that_is_none_is_zero_and_the_others_stay(odd: object) -> None:
    counts = counts_of(told(numbers={"loads": odd, "refreshes": 2}, hits={"redis": odd, "memory": 4}))

    assert counts is not None
    assert (counts.loads, counts.refreshes, counts.hits) == (0, 2, 4)


@pytest.mark.parametrize("odd", [None, 1, "x", [], [[1, 2]]])
@pytest.mark.parametrize("part", ["hits", "misses", "numbers", "memory", "took"])
def test_a_part_that_is_odd_leaves_the_other_parts_alone(part: str, odd: object) -> None:
    counts = counts_of(told(**{part: odd}))

    assert counts is not None
    assert counts.loads == (0 if part == "numbers" else 5)
    assert counts.hits == (0 if part == "hits" else 3)


def test_words_of_another_version_are_left_out() -> None:
    counts = counts_of(told(hits={"redis": 1, "disk": 9}, misses={"bored": 9}, took={"nap": {}}))

    assert counts is not None
    assert (counts.hits, counts.misses, counts.latencies) == (1, 0, {})


@pytest.mark.parametrize(
    "odd",
    [
        {"ms": -1, "buckets": [[1, 1]]},
        {"ms": float("nan"), "buckets": [[1, 1]]},
        {"ms": 1, "buckets": [[-1, 5], [BUCKETS, 5], ["1", 5], [1], 5, [1, 2, 3], [1, -5]]},
        {"ms": 1},
        {"buckets": [[1, 1]]},
        7,
    ],
)
def test_durations_that_are_none_are_left_out(odd: object) -> None:
    counts = counts_of(told(took={"look": odd}))

    assert counts is None or counts.latencies[Operation.LOOK].count == 0

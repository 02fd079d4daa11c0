"""What people read: figures and entries in words, without a server."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from strawberry.utils.str_converters import to_camel_case

from cache import Cache
from cache.event import Operation
from cache.explain import Contents, Explained, State, Tagged
from cache.histogram import Histogram
from cache.hit import Source
from cache.stats import Counts, MemoryFigures, MissReason
from cache.store import Server
from resolvers.figures import figures_of
from schema.cache_types import CacheEntry, CacheLatency, CacheMemory, CacheMisses, CacheStats, CacheTag
from servery.caching.explain import MEANINGS, tell_entry
from servery.caching.keys import names_in, tell_entries
from servery.caching.stats import TOOK, tell_figures
from servery.caching.told import entry_told, figures_told
from tests.cache.fakes import FakeStore

LOADS = Histogram()
LOADS.record(40)
COUNTS = Counts(
    hits_by_source={Source.MEMORY: 1_800, Source.REDIS: 60, Source.STALE: 3},
    misses_by_reason={MissReason.ABSENT: 130, MissReason.TOO_BIG: 7},
    load_ms_saved=3_840_000,
    memory=MemoryFigures(12, 3 * 1024**2, 64 * 1024**2, 5),
    latencies={Operation.LOAD: LOADS.latencies()},
)
SERVER = Server(14.25, 210, keys_exact=True, connected_clients=9, uptime_seconds=90_000, evicted_keys=4)
CONTENTS = Contents(
    age_ms=12_000,
    soft_left_ms=288_000,
    stale_left_ms=348_000,
    hard_left_ms=3_888_000,
    raw_bytes=3_000,
    rows=1_200,
    cost_ms=250,
    created_ms=1_750_000_000_000,
    tags=(Tagged("channel:2", current=True), Tagged("everything", current=True)),
    killed_by=(),
    excuse=True,
)
FRESH = Explained("analytics:query:1", State.FRESH, 537, CONTENTS)
KILLED = Explained(
    "analytics:query:2",
    State.INVALIDATED,
    537,
    replace(
        CONTENTS, killed_by=("channel:2",), tags=(Tagged("channel:2", current=False), *CONTENTS.tags[1:])
    ),
)


def words(tell: object, *told: object) -> str:
    out = StringIO()
    tell(*told, Console(file=out, width=80))  # type: ignore[operator]
    return out.getvalue()


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_figures_are_told_in_words() -> None:
    lines = squeezed(words(tell_figures, figures_of(COUNTS, SERVER, 2)))

    assert lines[0] == "2 processes, each since its start"
    for line in (
        "from memory 1,800",
        "from Redis 60",
        "stale, flagged 3",
        "misses 137",
        "hit rate 93.2 %",
        "database time saved 1 h 4 min",
        "absent 130",
        "too big 7",
        "in memory 12 answers, 3.0 MB of 64.0 MB",
        "pushed out of memory 5",
        "up 1 d 1 h",
        "answers of ours 210",
        "memory 14.25 MB, of all that uses it",
        "keys evicted 4",
    ):
        assert line in lines


def test_only_what_has_happened_is_timed_and_explained() -> None:
    text = words(tell_figures, figures_of(COUNTS, SERVER, 2))

    assert "a load alone" in text
    assert "a look into Redis" not in text
    assert "damaged" not in text


def test_without_a_process_that_tells_the_server_is_told_alone() -> None:
    text = words(tell_figures, figures_of(Counts(), SERVER, 0))

    assert text.startswith("No process of Servery has told its counts")
    assert "hit rate" not in text
    assert "answers of ours" in text


def test_before_the_first_question_nothing_is_divided_by_nothing() -> None:
    lines = squeezed(words(tell_figures, figures_of(Counts(), SERVER, 1)))

    assert lines[0] == "1 process, each since its start"
    assert "hit rate 0.0 %" in lines
    assert "How long it took" not in " ".join(lines)
    assert lines[lines.index("Misses, by reason") + 1] == "none"


def test_every_operation_and_state_has_words() -> None:
    assert TOOK.keys() == {each.value for each in Operation}
    assert MEANINGS.keys() == set(State)


def test_an_entry_is_told_in_words() -> None:
    lines = squeezed(words(tell_entry, FRESH))

    assert lines[:2] == ["analytics:query:1 FRESH", "It is shown to whoever asks."]
    for line in (
        "read 12 s ago, stored 2025-06-15T15:06:40.000+00:00",
        "fresh for another 4 min 48 s",
        "kept for another 1 h 4 min",
        "size 2.9 kB, in Redis 537 bytes",
        "rows 1,200",
        "cost of a load 250 ms",
    ):
        assert line in lines
    assert lines[lines.index("Depends on") + 1 :] == ["channel:2", "everything"]


@pytest.mark.parametrize("excuse", [True, False])
def test_what_killed_an_entry_is_told_first(excuse: bool) -> None:  # noqa: FBT001
    assert KILLED.contents
    killed = replace(KILLED, contents=replace(KILLED.contents, excuse=excuse))

    lines = squeezed(words(tell_entry, killed))

    assert lines[1] == "It is not shown: what it depends on has changed since."
    assert lines[2] == (
        "When PostgreSQL fails it is shown all the same, flagged as STALE."
        if excuse
        else "It is never shown again."
    )
    assert lines[lines.index("Changed since") + 1] == "channel:2"
    assert lines[lines.index("Depends on") + 1 :] == ["everything"]
    assert not [line for line in lines if line.startswith("fresh")]


def test_what_is_over_is_told_to_be_over() -> None:
    expired = replace(FRESH, state=State.EXPIRED, contents=replace(CONTENTS, soft_left_ms=0, stale_left_ms=0))

    lines = squeezed(words(tell_entry, expired))

    assert "fresh no more" in lines
    assert "shown while loaded anew no more" in lines


@pytest.mark.parametrize("state", [State.ABSENT, State.UNREADABLE])
def test_an_entry_that_cannot_be_read_is_told_in_two_lines(state: State) -> None:
    assert len(words(tell_entry, Explained("analytics:query:1", state)).splitlines()) == 2


def test_entries_are_told_in_a_table() -> None:
    damaged = Explained("analytics:query:3", State.UNREADABLE, 12)

    lines = squeezed(words(tell_entries, [FRESH, KILLED, damaged]))

    assert lines == [
        "key status age size rows cost",
        "analytics:query:1 fresh 12 s 537 bytes 1,200 250 ms",
        "analytics:query:2 invalidated 12 s 537 bytes 1,200 250 ms",
        "analytics:query:3 unreadable 12 bytes",
    ]


def test_without_entries_there_is_no_table() -> None:
    assert words(tell_entries, []) == "No answer lies there.\n"


class Doubling(FakeStore):
    """Tells names twice, as SCAN may."""

    async def names(self, pattern: str) -> AsyncIterator[str]:  # noqa: ARG002  the store's own shape
        for name in ("analytics:query:1", "analytics:query:2"):
            yield name
            yield name


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("limit", "found"),
    [
        (1, (["analytics:query:1"], True)),
        (2, (["analytics:query:1", "analytics:query:2"], False)),
        (3, (["analytics:query:1", "analytics:query:2"], False)),
    ],
)
async def test_a_name_that_is_told_twice_is_one(limit: int, found: tuple[list[str], bool]) -> None:
    assert await names_in(Cache(Doubling()), "analytics:query:*", limit) == found


def names_of(kind: type[Any]) -> set[str]:
    return {to_camel_case(each.name) for each in fields(kind)}


def test_figures_have_the_names_in_json_that_they_have_in_graphql() -> None:
    told = figures_told(figures_of(COUNTS, SERVER, 2))

    assert told.keys() == names_of(CacheStats)
    assert told["missesByReason"].keys() == names_of(CacheMisses)
    assert told["memory"].keys() == names_of(CacheMemory)
    assert told["latencies"][0].keys() == names_of(CacheLatency)
    assert (told["status"], told["latencies"][0]["operation"]) == ("UP", "MEMORY_HIT")
    assert (told["missesByReason"]["tooBig"], told["memory"]["maxBytes"]) == (7, 64 * 1024**2)


@pytest.mark.parametrize("entry", [FRESH, Explained("analytics:query:1", State.ABSENT)])
def test_an_entry_has_the_names_in_json_that_it_has_in_graphql(entry: Explained) -> None:
    told = entry_told(entry)

    assert told.keys() == names_of(CacheEntry) - {"inMemory"}
    assert told["status"] == entry.state.name
    for tag in told["tags"]:
        assert tag.keys() == names_of(CacheTag)

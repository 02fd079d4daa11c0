"""Rows that lie packed in the store go to clients as they lie there."""

import json
from dataclasses import replace
from typing import Any

import pytest
import zstandard

from cache.admission import Admission
from cache.entry import Entry
from cache.key import CacheKey
from tests.lane.asked import analytics, learnt, shown, world
from tests.lane.sent import Sent, asks
from tests.lane.world import Got, World

pytestmark = pytest.mark.anyio

ZSTD = (b"accept-encoding", b"zstd")
PLAIN = (b"accept-encoding", b"identity")
FIELDS = "data totals metadata { source totalRows }"
LARGE = f"analytics(metrics: [revenue, sold], dimensions: [channel, city]) {{ {FIELDS} }}"
OTHER = f"analytics(metrics: [sold], dimensions: [city]) {{ {FIELDS} }}"
SMALL = "analytics(metrics: [kinds]) { totals metadata { source ageMs } }"


def service(memory_bytes: int = 0, edition: int = 1) -> World:
    made = world(memory_bytes=memory_bytes)
    made.database.least, made.database.edition = 300, edition
    return made


def unpacked(answer: Got) -> bytes:
    """By a client that reads no further than the end of the first frame, and finds that too little."""
    assert dict(answer.headers)[b"content-encoding"] == b"zstd"
    return zstandard.ZstdDecompressor().decompress(answer.body, allow_extra_data=False)


def frames_of(service: World) -> list[bytes]:
    """Of the rows that lie in the store, the largest first."""
    kept = (entry_in(name, data) for name, (data, _) in service.store.kept.items())
    return sorted((entry.packed_rows or b"" for entry in kept), key=len, reverse=True)


def entry_in(name: str, data: bytes) -> Entry:
    header = json.loads(data.partition(b"\n")[0])
    entry = Entry.decode(data, CacheKey(name, header["sha256"], header["scope"], text=""))
    assert entry is not None
    return entry


def blocks_of(frame: bytes) -> bytes:
    """All of them but for the last one's mark, when there is but one: it is the first bit."""
    return frame[zstandard.frame_header_size(frame) + 1 :]


async def forms(service: World, sent: Sent) -> tuple[Got, Got]:
    """Out of the lane."""
    await learnt(service, sent)
    plain, packed = await service.ask(sent.under(PLAIN)), await service.ask(sent.under(ZSTD))
    assert shown(service) == 2
    return plain, packed


@pytest.mark.parametrize("memory_bytes", [0, 1_000_000])
async def test_the_rows_of_a_packed_response_are_the_bytes_that_lie_in_the_store(memory_bytes: int) -> None:
    asked = service(memory_bytes)
    plain, packed = await forms(asked, asks(f"{{ {LARGE} }}"))
    (frame,) = frames_of(asked)

    assert len(frame) > 300
    assert blocks_of(frame) in packed.body
    assert len(packed.body) < len(frame) + 150
    assert unpacked(packed) == plain.body
    assert analytics(packed)["metadata"]["source"] == ("MEMORY" if memory_bytes else "REDIS")


@pytest.mark.parametrize("memory_bytes", [0, 1_000_000])
@pytest.mark.parametrize(
    "document",
    [
        f"{{ a: {LARGE} }}",
        f"{{ a: {LARGE} b: {SMALL} }}",
        f"{{ b: {SMALL} a: {LARGE} c: {SMALL} }}",
        f"{{ a: {LARGE} b: {OTHER} }}",
        f"{{ a: {OTHER} b: {LARGE} c: {LARGE} }}",
        "{ analytics(metrics: [revenue, sold], dimensions: [channel, city]) { data again: data } }",
    ],
)
async def test_a_packed_response_is_the_plain_one(document: str, memory_bytes: int) -> None:
    plain, packed = await forms(service(memory_bytes), asks(document))

    assert unpacked(packed) == plain.body


async def test_the_largest_rows_of_several_questions_are_passed_on() -> None:
    asked = service()
    _, packed = await forms(asked, asks(f"{{ b: {SMALL} a: {LARGE} }}"))

    assert blocks_of(frames_of(asked)[0]) in packed.body


async def test_large_rows_of_several_questions_are_packed_as_one() -> None:
    asked = service()
    plain, packed = await forms(asked, asks(f"{{ a: {LARGE} b: {OTHER} }}"))
    frames = frames_of(asked)

    assert not any(blocks_of(frame) in packed.body for frame in frames if frame)
    assert len(packed.body) < len(plain.body) / 2


async def test_rows_that_were_never_in_the_store_are_packed_once() -> None:
    asked = service(1_000_000)
    asked.cache._loader._admission = Admission(cheap_ms=10**6, quota_bytes=0)
    document = asks(f"{{ {LARGE.replace('source', 'source ageMs')} }}")
    await learnt(asked, document)

    first = await asked.ask(document.under(ZSTD))
    asked.turn(1)
    second = await asked.ask(document.under(ZSTD))
    assert asked.lane
    (known,) = (each for each, _ in asked.lane._known._kept.values())

    assert not asked.store.kept
    assert known.made
    frame = known.made.frame
    assert frame
    assert all(blocks_of(frame) in each.body for each in (first, second))
    assert [analytics(each)["metadata"]["ageMs"] for each in (first, second)] == [0, 1_000]
    assert known.made.size > len(frame)


async def test_rows_that_were_written_are_packed_once_for_memory_too() -> None:
    asked = service(1_000_000)
    await forms(asked, asks(f"{{ {LARGE} }}"))
    assert asked.lane
    (known,) = (each for each, _ in asked.lane._known._kept.values())
    ((kept, _),) = asked.cache._recall._memory._kept._kept.values()

    assert known.made
    assert known.made.frame is None
    assert kept.entry.packed_rows == frames_of(asked)[0]


async def test_an_entry_of_one_part_is_no_frame_of_rows() -> None:
    asked = service()
    document = asks(f"{{ {LARGE} }}")
    before, _ = await forms(asked, document)
    for name, (data, until) in asked.store.kept.items():
        whole = replace(entry_in(name, data), rows_at=0, packed_rows=None)
        asked.store.kept[name] = (whole.encode(), until)

    plain, packed = await asked.ask(document.under(PLAIN)), await asked.ask(document.under(ZSTD))

    assert shown(asked) == 4
    assert unpacked(packed) == plain.body == before.body


async def test_small_rows_are_a_part_of_what_stands_around_them() -> None:
    asked = world()
    await learnt(asked, asks("{ analytics(metrics: [revenue]) { data } }"))
    assert asked.lane
    (known,) = (each for each, _ in asked.lane._known._kept.values())

    assert known.made
    (whole,) = known.made.pieces
    assert isinstance(whole, bytes)


async def test_another_answer_is_shown_with_its_own_rows() -> None:
    asked = service()
    document = asks(f"{{ {LARGE} }}")
    bodies: list[Any] = []

    for edition in (1, 2):
        asked.database.edition = edition
        asked.store.kept.clear()
        await asked.ask(document)
        packed, plain = await asked.ask(document.under(ZSTD)), await asked.ask(document.under(PLAIN))
        assert unpacked(packed) == plain.body
        bodies.append(plain.body)

    assert bodies[0] != bodies[1]

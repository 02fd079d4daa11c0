"""What stands before the rows, and the rows: each as it lies in the store."""

import tracemalloc
import zlib

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cache.entry import COMPRESSED_FROM, Entry
from tests.cache.entries import KEY, calm, entry, with_header

HEAD, ROWS = b"head\n" * 400, b'{"day":1},' * 500


def frames_in(data: bytes) -> tuple[dict[str, object], bytes, bytes]:
    """The header of an entry, and what lies there before its rows and as its rows."""
    line, stored = data.split(b"\n", 1)
    header = orjson.loads(line)
    return header, stored[: header["zstd"][0]], stored[header["zstd"][0] :]


def put_together(header: dict[str, object], head: bytes, rows: bytes, **changes: object) -> bytes:
    return orjson.dumps({**header, **changes}) + b"\n" + head + rows


@calm
@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_both_parts_of_a_body_are_decoded_again(head: bytes, rows: bytes) -> None:
    one = entry(head + rows, len(head))

    decoded = Entry.decode(one.encode(), KEY)

    assert decoded == one
    assert decoded.packed_rows == one.packed().packed_rows
    assert (decoded.packed_rows is None) == (len(rows) < COMPRESSED_FROM)


def test_the_rows_lie_there_as_a_frame_of_their_own() -> None:
    one = entry(HEAD + ROWS, len(HEAD))
    data = one.encode()

    decoded = Entry.decode(data, KEY)

    assert decoded is not None
    assert decoded.packed_rows
    assert data.endswith(decoded.packed_rows)
    assert zstandard.ZstdDecompressor().decompress(decoded.packed_rows, allow_extra_data=False) == ROWS
    assert decoded.encode() == one.packed().encode() == data


@calm
@given(st.data())
def test_a_flipped_byte_in_either_frame_never_changes_the_answer(data: st.DataObject) -> None:
    one = entry(HEAD + ROWS, len(HEAD))
    damaged = bytearray(one.encode())
    damaged[data.draw(st.integers(damaged.index(b"\n"), len(damaged) - 1))] ^= data.draw(st.integers(1, 255))

    decoded = Entry.decode(bytes(damaged), KEY)

    assert decoded is None or decoded == one


@pytest.mark.parametrize("shifts", [(-1, 1), (1, -1), (-1, 0), (0, -1), (0, 1), (1, 0), (-5000, 5000)])
def test_frames_of_other_sizes_than_the_header_tells_are_noticed(shifts: tuple[int, int]) -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())
    sizes = [len(head) + shifts[0], len(rows) + shifts[1]]

    assert Entry.decode(put_together(header, head, rows), KEY) is not None
    assert Entry.decode(put_together(header, head, rows, zstd=sizes), KEY) is None


@pytest.mark.parametrize("rows_at", [-1, 1, len(HEAD) + 1, len(HEAD + ROWS) + 1, None, True, "0", 5.0])
def test_rows_that_begin_elsewhere_are_noticed(rows_at: object) -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())

    assert Entry.decode(put_together(header, head, rows, rows_at=rows_at), KEY) is None


@pytest.mark.parametrize("size", [0, 1, len(HEAD), len(HEAD + ROWS) - 1, len(HEAD + ROWS) + 1])
def test_parts_that_are_not_the_whole_body_are_noticed(size: int) -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())

    assert Entry.decode(put_together(header, head, rows, size=size), KEY) is None


def test_rows_that_were_swapped_with_those_of_another_answer_are_noticed() -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())
    _, _, others = frames_in(entry(HEAD + ROWS.replace(b"1", b"2"), len(HEAD)).encode())

    # Alike in all that the header tells of sizes.
    assert others != rows
    assert Entry.decode(put_together(header, head, others, zstd=[len(head), len(others)]), KEY) is None


def test_parts_that_were_swapped_with_each_other_are_noticed() -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())
    sizes = {"zstd": [len(rows), len(head)], "rows_at": len(ROWS)}

    assert Entry.decode(put_together(header, rows, head, **sizes), KEY) is None


@pytest.mark.parametrize("part", ["head", "rows"])
def test_a_part_that_is_two_frames_is_none(part: str) -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())
    more = zstandard.ZstdCompressor().compress(b"")
    head, rows = (head + more, rows) if part == "head" else (head, rows + more)

    assert Entry.decode(put_together(header, head, rows, zstd=[len(head), len(rows)]), KEY) is None


@pytest.mark.parametrize("told", [{}, {"rows_at": 50_000_000}, {"size": 50_000_000 + len(HEAD)}])
@pytest.mark.parametrize("part", ["head", "rows"])
def test_a_part_that_would_unfold_to_more_than_it_says_or_may_is_none(
    part: str, told: dict[str, object]
) -> None:
    header, head, rows = frames_in(entry(HEAD + ROWS, len(HEAD)).encode())
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    head, rows = (bomb, rows) if part == "head" else (head, bomb)
    data = put_together(header, head, rows, zstd=[len(head), len(rows)], **told)

    tracemalloc.start()
    try:
        decoded = Entry.decode(data, KEY, largest=100_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert decoded is None
    assert peak < 1_000_000


def test_a_size_below_nothing_is_none() -> None:
    more = b"\nx"

    assert Entry.decode(with_header(entry(b"x").encode(), zstd=[0, 0]), KEY) is not None
    changed = with_header(entry(b"x").encode(), zstd=[-1, 0], size=2, crc=zlib.crc32(more))
    assert Entry.decode(changed, KEY) is None


@pytest.mark.parametrize("name", ["size", "rows_at"])
def test_true_is_no_size(name: str) -> None:
    sizes = {"size": (b"x", 0), "rows_at": (b"xy", 1)}

    assert Entry.decode(with_header(entry(*sizes[name]).encode(), **{name: 1}), KEY) is not None
    assert Entry.decode(with_header(entry(*sizes[name]).encode(), **{name: True}), KEY) is None

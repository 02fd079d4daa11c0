import tracemalloc
import zlib
from dataclasses import replace

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cache import Lifetime
from cache.entry import COMPRESSED_FROM, Entry, header_of, lifetime_of, stamps_of
from tests.cache.entries import KEY, STAMPS, calm, entry, with_header
from tests.cache.fakes import key


def zipped(body: bytes, **changes: object) -> bytes:
    """A header that is all right but for the changes, before a body that may be none."""
    line = {**orjson.loads(entry(b"x" * 5000).encode().split(b"\n", 1)[0]), **changes}
    return orjson.dumps(line) + b"\n" + body


@calm
@given(st.binary(max_size=3000))
def test_what_is_encoded_is_decoded_again(body: bytes) -> None:
    assert Entry.decode(entry(body).encode(), KEY) == entry(body)


@pytest.mark.parametrize("size", [0, COMPRESSED_FROM - 1, COMPRESSED_FROM, COMPRESSED_FROM + 1, 2_000_000])
def test_bodies_of_every_size_are_found_again(size: int) -> None:
    assert Entry.decode(entry(b"x" * size).encode(), KEY) == entry(b"x" * size)


def test_a_small_body_lies_in_the_open_after_one_line() -> None:
    assert entry(b"a\nb").encode().endswith(b"}\na\nb")


def test_a_large_body_is_compressed() -> None:
    assert len(entry(b"x" * 100_000).encode()) < 2000


def test_packed_rows_take_no_more_memory_than_they_are_long() -> None:
    plain = entry(b"x" * 100_000)

    tracemalloc.start()
    try:
        kept = plain.packed()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept.packed_rows
    assert taken < len(kept.packed_rows) + 1_000


def test_a_body_is_packed_and_written_without_a_copy_of_it() -> None:
    size = 1_000_000
    plain = entry(b"x" * size)

    tracemalloc.start()
    try:
        kept = plain.packed()
        _, packing = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        kept.encode()
        _, writing = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert packing < 1.5 * size  # as much as it could have become
    assert writing < size / 2


@calm
@given(st.binary(max_size=2000))
def test_garbage_is_no_entry(data: bytes) -> None:
    assert Entry.decode(data, KEY) is None


@calm
@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists))
def test_another_json_line_is_no_entry(header: object) -> None:
    assert Entry.decode(orjson.dumps(header) + b"\nbody", KEY) is None


@calm
@given(st.integers(0, len(entry().encode()) - 1))
def test_a_truncated_entry_is_none(length: int) -> None:
    assert Entry.decode(entry().encode()[:length], KEY) is None


@calm
@given(st.sampled_from([b'{"rows":[1,2]}', bytes(range(256)) * 8]), st.data())
def test_a_flipped_byte_never_changes_the_answer(body: bytes, data: st.DataObject) -> None:
    damaged = bytearray(entry(body).encode())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))

    decoded = Entry.decode(bytes(damaged), KEY)

    assert decoded is None or decoded.body == body


@pytest.mark.parametrize("body", [b"small", b"large" * 1000])
def test_bytes_after_the_body_are_noticed(body: bytes) -> None:
    assert Entry.decode(entry(body).encode() + b"x", KEY) is None


def test_a_body_that_would_unfold_to_more_than_it_says_is_none() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))

    for size in (5000, len(bomb), 0):
        assert Entry.decode(zipped(bomb, size=size, crc=zlib.crc32(bytes(size))), KEY, largest=5000) is None


def test_a_body_that_does_not_say_how_far_it_unfolds_is_none() -> None:
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 5000)

    assert Entry.decode(zipped(silent, crc=zlib.crc32(b"x" * 5000)), KEY) is None


def test_a_body_larger_than_the_limit_is_none_even_if_it_is_honest() -> None:
    assert Entry.decode(entry(b"x" * 5000).encode(), KEY, largest=5000) is not None
    assert Entry.decode(entry(b"x" * 5001).encode(), KEY, largest=5000) is None


@pytest.mark.parametrize(
    "zstd", [None, 1, "true", False, True, [], [0, 0], [1], [0, True], [0, 1, 1], [0, 1]]
)
def test_a_compressed_body_that_is_called_another_thing_is_none(zstd: object) -> None:
    assert Entry.decode(with_header(entry(b"x" * 5000).encode(), zstd=zstd), KEY) is None


def test_a_plain_body_that_is_called_compressed_is_none() -> None:
    assert Entry.decode(with_header(zstd=[0, len(entry().body)]), KEY) is None


@pytest.mark.parametrize("name", ["created_ms", "cost_ms", "rows", "soft_ms", "stale_ms", "hard_ms", "size"])
@pytest.mark.parametrize("value", [-1, True, None, "1", 1.5, [], 2**70 * 1.0])
def test_a_count_that_is_none_is_noticed(name: str, value: object) -> None:
    assert Entry.decode(with_header(**{name: value}), KEY) is None


@pytest.mark.parametrize("stages", [(2, 1, 3), (1, 3, 2), (3, 2, 1)])
def test_a_lifetime_out_of_order_is_noticed(stages: tuple[int, int, int]) -> None:
    changes = dict(zip(("soft_ms", "stale_ms", "hard_ms"), stages, strict=True))

    assert Entry.decode(with_header(**changes), KEY) is None
    assert lifetime_of(changes | {"created_ms": 1, "cost_ms": 1, "rows": 1}) is None


@pytest.mark.parametrize("stamps", [None, [], "a.b", 1, {"table:sales": 1}, {"table:sales": None}, {"a": {}}])
def test_stamps_that_are_no_texts_are_noticed(stamps: object) -> None:
    assert Entry.decode(with_header(stamps=stamps), KEY) is None
    assert stamps_of({"stamps": stamps}) is None


def test_an_entry_without_a_line_of_its_header_is_none() -> None:
    line, body = entry().encode().split(b"\n", 1)
    header = orjson.loads(line)

    for name in header:
        less = {other: value for other, value in header.items() if other != name}
        decoded = Entry.decode(orjson.dumps(less) + b"\n" + body, KEY)

        assert decoded is None


@pytest.mark.parametrize(
    "change", [{"format": 1}, {"sha256": "0" * 64}, {"scope": "another"}, {"size": 1}, {"crc": 1}]
)
def test_an_entry_of_something_else_is_none(change: dict[str, object]) -> None:
    assert Entry.decode(with_header(), KEY) is not None
    assert Entry.decode(with_header(**change), KEY) is None


def test_an_entry_of_another_question_is_none_even_under_the_same_name() -> None:
    collided = replace(key(2), name=KEY.name)

    assert Entry.decode(entry().encode(), collided) is None


def test_an_entry_of_another_tenant_is_none() -> None:
    assert Entry.decode(entry().encode(), replace(KEY, scope=key(1, tenant="south").scope)) is None


def test_the_header_tells_what_lies_there_without_the_body() -> None:
    header = header_of(entry(b"x" * 5000).encode())

    assert header is not None
    assert stamps_of(header) == STAMPS
    assert lifetime_of(header) == Lifetime(100, 200, 300)
    assert header["size"] == 5000


def test_an_entry_with_a_thousand_tags_is_found_again() -> None:
    many = {f"table:sales@2026-{number}": "abcdefghijkl.abcdefghijkl" for number in range(1000)}
    tagged = replace(entry(), stamps=many)

    assert Entry.decode(tagged.encode(), KEY) == tagged

"""One frame around another one, read by whoever knows frames."""

import random

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servery.transport.encoding import packed
from servery.transport.frame import spliced

calm = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
PARTS = st.binary(max_size=2_000)
WORDS = st.lists(st.sampled_from([b'{"day":"2026-01-01"},', b"12345", b"ab", b"\x00"]), max_size=600)


def unpacked(frame: bytes) -> bytes:
    """By decoders that take one frame and nothing after it, at once and piece by piece."""
    decoder = zstandard.ZstdDecompressor().decompressobj()
    streamed = b"".join(decoder.decompress(frame[at : at + 1000]) for at in range(0, len(frame), 1000))
    at_once = zstandard.ZstdDecompressor().decompress(frame, allow_extra_data=False)
    assert (streamed, decoder.eof, decoder.unused_data) == (at_once, True, b"")
    return at_once


def text(size: int) -> bytes:
    """Like rows: neither noise nor all the same."""
    dice = random.Random(size)
    rows = (b'{"day":%d,"sum":%d},' % (dice.randrange(365), dice.randrange(10**6)) for _ in range(size // 10))
    return b"".join(rows)[:size]


@calm
@given(PARTS, WORDS, PARTS)
def test_it_unfolds_to_what_stands_around_and_within(before: bytes, words: list[bytes], after: bytes) -> None:
    within = b"".join(words)

    found = spliced(before, packed(within, "zstd"), after)

    assert unpacked(found) == before + within + after
    assert zstandard.frame_content_size(found) == len(before + within + after)


@pytest.mark.parametrize(
    "size", [1, 255, 256, 65_791, 65_792, 128 * 1024, 128 * 1024 + 1, 600_000, 5_000_000]
)
@pytest.mark.parametrize("around", [0, 1, 300_000])
def test_rows_and_surroundings_of_every_size_are_found_again(size: int, around: int) -> None:
    found = spliced(text(around), packed(text(size), "zstd"), b"x" * around)

    assert unpacked(found) == text(around) + text(size) + b"x" * around


@pytest.mark.parametrize("within", [b"", b"a" * 300_000, random.Random(1).randbytes(200_000)])
def test_blocks_of_each_kind_are_passed_on(within: bytes) -> None:
    assert unpacked(spliced(b"[", packed(within, "zstd"), b"]")) == b"[" + within + b"]"


def test_a_checksum_is_left_out() -> None:
    frame = zstandard.ZstdCompressor(write_checksum=True).compress(text(5_000))

    found = spliced(b"[", frame, b"]")

    assert unpacked(found) == b"[" + text(5_000) + b"]"
    assert not zstandard.get_frame_parameters(found).has_checksum


@pytest.mark.parametrize("size", [5_000, 600_000, 20_000_000])
def test_no_decoder_needs_more_memory_for_it_than_for_the_frame_within(size: int) -> None:
    frame = packed(text(size), "zstd")
    within, told = (zstandard.get_frame_parameters(each) for each in (frame, spliced(b"[", frame, b"]")))

    assert told.window_size <= within.window_size + 2
    assert told.window_size <= 8 * 1024 * 1024  # the most that browsers give it (RFC 9659)

"""One frame of zstd made around another one, whose blocks are passed on as they are (RFC 8878, 3.1.1).

Frames one after the other would be a body, too, but not every client reads on after the first: some fail,
and some take what they have for all there is.
"""

from typing import Final

import zstandard

_MAGIC: Final = zstandard.FRAME_HEADER
_SIZE_OF_FOUR_BYTES: Final = 0x80
_SINGLE_SEGMENT: Final = 0x20
_LAST: Final = 1
_RLE: Final = 1
_BLOCK_HEADER: Final = 3
_LARGEST_BLOCK: Final = 128 * 1024


def spliced(before: bytes, frame: bytes, after: bytes) -> bytes:
    """A frame of `before`, what `frame` unfolds to, and `after`; the first and the last lie in the open.

    Blocks that are not compressed leave no trace in the state of a decoder, so those of `frame` begin as they
    were written to. Hence there can be but one frame within. It must be whole and say its size.
    """
    size = len(before) + zstandard.frame_content_size(frame) + len(after)
    single = frame[4] & _SINGLE_SEGMENT
    start = zstandard.frame_header_size(frame)
    last, end = _last_block(frame, start)
    return b"".join(
        (
            _MAGIC,
            bytes((_SIZE_OF_FOUR_BYTES | single,)),
            b"" if single else frame[5:6],  # how far back its blocks refer
            size.to_bytes(4, "little"),
            *_open_blocks(before),
            frame[start:last],
            bytes((frame[last] & ~_LAST,)),
            frame[last + 1 : end],
            *_open_blocks(after),
            _block_header(0, last=True),
        )
    )


def _last_block(frame: bytes, at: int) -> tuple[int, int]:
    """Where it begins and ends; a checksum may follow."""
    while True:
        told = int.from_bytes(frame[at : at + _BLOCK_HEADER], "little")
        length = 1 if told >> 1 & 3 == _RLE else told >> 3
        end = at + _BLOCK_HEADER + length
        if told & _LAST:
            return at, end
        at = end


def _open_blocks(part: bytes) -> list[bytes]:
    blocks = []
    for start in range(0, len(part), _LARGEST_BLOCK):
        block = part[start : start + _LARGEST_BLOCK]
        blocks += [_block_header(len(block)), block]
    return blocks


def _block_header(size: int, *, last: bool = False) -> bytes:
    return (size << 3 | last).to_bytes(_BLOCK_HEADER, "little")

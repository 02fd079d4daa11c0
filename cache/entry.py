"""An answer as it lies in the store: one line of JSON that says what it is, then its bytes.

A body has two parts: what stands before its rows, and the rows. Either is a zstd frame from 1 kB on, so that
rows can be sent as they lie there. The header carries the SHA-256 of the question and the scope of who may
see the answer, the tokens that were current before its data was read, and how long it is good.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple
from zlib import crc32

import orjson
import zstandard

from cache.key import FORMAT, CacheKey
from cache.lifetime import Lifetime
from cache.tokens import Stamps

LONGEST_HEADER: Final = 64 * 1024
LARGEST: Final = 64 * 1024 * 1024
COMPRESSED_FROM: Final = 1024

_OWN: Final = threading.local()
_PARTS: Final = 2
_SIZES: Final = [int] * 4
_COUNTS: Final = ("created_ms", "cost_ms", "rows", "soft_ms", "stale_ms", "hard_ms")
_LEVEL: Final = 1
"""Rows repeat themselves: more effort takes half as long again, and finds nothing more."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Entry:
    """`created_ms` is wall-clock time and only for display; ages are told by the store's clock.

    `cost_ms` is how long the load took. `packed_rows` is a zstd frame of `body` from `rows_at` on; those of
    less than 1 kB have none, and what was never in the store may have none.
    """

    sha256: str
    scope: str
    stamps: Stamps
    created_ms: int
    lifetime: Lifetime
    cost_ms: int
    rows: int
    body: bytes
    rows_at: int = 0
    packed_rows: bytes | None = field(default=None, compare=False, repr=False)

    def packed(self) -> "Entry":
        """The same with the frame of its rows, where they are worth one."""
        return replace(self, packed_rows=self.packed_rows or _packed(memoryview(self.body)[self.rows_at :]))

    def encode(self) -> bytes:
        body = memoryview(self.body)
        head, rows = body[: self.rows_at], body[self.rows_at :]
        packed = (_packed(head), self.packed_rows or _packed(rows))
        header = {
            "format": FORMAT,
            "sha256": self.sha256,
            "scope": self.scope,
            "stamps": self.stamps,
            "zstd": [len(frame or b"") for frame in packed],
            "size": len(self.body),
            "rows_at": self.rows_at,
            "crc": crc32(self.body),
            "created_ms": self.created_ms,
            "cost_ms": self.cost_ms,
            "rows": self.rows,
            "soft_ms": self.lifetime.soft_ms,
            "stale_ms": self.lifetime.stale_ms,
            "hard_ms": self.lifetime.hard_ms,
        }
        return b"".join((orjson.dumps(header), b"\n", packed[0] or head, packed[1] or rows))

    @classmethod
    def decode(cls, data: bytes, key: CacheKey, *, largest: int = LARGEST) -> "Entry | None":
        """The entry, or None when anything about it is odd. Never raises."""
        header = header_of(data, largest + LONGEST_HEADER)
        if header is None or not _is_for(header, key):
            return None
        parts = _parts(header, data, largest)
        return None if parts is None else _entry(header, key, parts)


def header_of(data: bytes, largest: int = LARGEST) -> Mapping[str, object] | None:
    """What the first line says, when it says anything. Never raises."""
    end = data.find(b"\n", 0, LONGEST_HEADER) if len(data) <= largest else -1
    try:
        header = orjson.loads(data[:end]) if end > 0 else None
    except orjson.JSONDecodeError:
        return None
    return header if isinstance(header, dict) else None


def stamps_of(header: Mapping[str, object]) -> Stamps | None:
    """The tokens in a header, when they are texts by texts."""
    stamps = header.get("stamps")
    if not isinstance(stamps, dict) or not all(isinstance(token, str) for token in stamps.values()):
        return None
    return stamps


def lifetime_of(header: Mapping[str, object]) -> Lifetime | None:
    """How long a header says the entry is good, when it makes sense."""
    counts = _counts(header)
    if counts is None or not counts["soft_ms"] <= counts["stale_ms"] <= counts["hard_ms"]:
        return None
    return Lifetime(counts["soft_ms"], counts["stale_ms"], counts["hard_ms"])


def _is_for(header: Mapping[str, object], key: CacheKey) -> bool:
    expected = (FORMAT, key.sha256, key.scope)
    return (header.get("format"), header.get("sha256"), header.get("scope")) == expected


class _Parts(NamedTuple):
    body: bytes
    rows_at: int
    packed_rows: bytes | None


def _parts(header: Mapping[str, object], data: bytes, largest: int) -> _Parts | None:
    zstd = header.get("zstd")
    if not isinstance(zstd, list) or len(zstd) != _PARTS:
        return None
    size, rows_at, head, rows = told = (header.get("size"), header.get("rows_at"), *zstd)
    # `True` is an int to isinstance, and no size of anything.
    if [*map(type, told)] != _SIZES or min(told) < 0 or not rows_at <= size <= largest:
        return None
    start = data.index(b"\n") + 1
    middle = start + (head or rows_at)
    before = _unpacked(data[start:middle], rows_at, is_frame=head > 0)
    stored = data[middle:]
    after = _unpacked(stored, size - rows_at, is_frame=rows > 0)
    if before is None or after is None or rows not in {0, len(stored)}:
        return None
    body = before + after
    return _Parts(body, rows_at, stored if rows else None) if header.get("crc") == crc32(body) else None


def _packed(part: memoryview) -> bytes | None:
    if len(part) < COMPRESSED_FROM:
        return None
    # A copy: what the library hands out keeps as much memory as the most that it could have become.
    return bytes(memoryview(_compressor().compress(part)))


def _compressor() -> zstandard.ZstdCompressor:
    """Making one takes as long as folding 10 kB, and threads must not share one."""
    known: zstandard.ZstdCompressor | None = getattr(_OWN, "compressor", None)
    if known is None:
        known = _OWN.compressor = zstandard.ZstdCompressor(_LEVEL)
    return known


def _decompressor() -> zstandard.ZstdDecompressor:
    """Making one takes longer than unfolding a small body, and threads must not share one."""
    known: zstandard.ZstdDecompressor | None = getattr(_OWN, "decompressor", None)
    if known is None:
        known = _OWN.decompressor = zstandard.ZstdDecompressor()
    return known


def _unpacked(stored: bytes, size: int, *, is_frame: bool) -> bytes | None:
    """What has this size as it lies there, or unfolds to it."""
    part = stored
    if is_frame:
        try:
            # Its own word is believed only when it is ours: a few bytes may unfold to gigabytes.
            if zstandard.frame_content_size(stored) != size:
                return None
            part = _decompressor().decompress(stored, allow_extra_data=False)
        except zstandard.ZstdError:
            return None
    return part if len(part) == size else None


def _counts(header: Mapping[str, object]) -> dict[str, int] | None:
    counts: dict[str, int] = {}
    for name in _COUNTS:
        count = header.get(name)
        # `True` is an int to isinstance, and no count of anything.
        if type(count) is not int or count < 0:
            return None
        counts[name] = count
    return counts


def _entry(header: Mapping[str, object], key: CacheKey, parts: _Parts) -> Entry | None:
    counts, lifetime, stamps = _counts(header), lifetime_of(header), stamps_of(header)
    if counts is None or lifetime is None or stamps is None:
        return None
    return Entry(
        sha256=key.sha256,
        scope=key.scope,
        stamps=stamps,
        created_ms=counts["created_ms"],
        lifetime=lifetime,
        cost_ms=counts["cost_ms"],
        rows=counts["rows"],
        body=parts.body,
        rows_at=parts.rows_at,
        packed_rows=parts.packed_rows,
    )

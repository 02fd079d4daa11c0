"""An answer as it lies in the store: one line of JSON that says what it is, then its bytes.

Bodies above 1 kB are compressed with zstd. The header carries the SHA-256 of the question and the scope of
who may see the answer, the tokens that were current before its data was read, and how long it is good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import orjson
import zstandard

from cache.key import FORMAT, CacheKey
from cache.lifetime import Lifetime
from cache.tokens import Stamps

LONGEST_HEADER: Final = 64 * 1024
LARGEST: Final = 64 * 1024 * 1024
COMPRESSED_FROM: Final = 1024

_COUNTS: Final = ("created_ms", "cost_ms", "rows", "soft_ms", "stale_ms", "hard_ms")
_LEVEL: Final = 1
"""Rows repeat themselves: more effort takes half as long again, and finds nothing more."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Entry:
    """`created_ms` is wall-clock time and only for display; ages are told by the store's clock.

    `cost_ms` is how long the load took.
    """

    sha256: str
    scope: str
    stamps: Stamps
    created_ms: int
    lifetime: Lifetime
    cost_ms: int
    rows: int
    body: bytes

    def encode(self) -> bytes:
        packed = len(self.body) >= COMPRESSED_FROM
        header = {
            "format": FORMAT,
            "sha256": self.sha256,
            "scope": self.scope,
            "stamps": self.stamps,
            "zstd": packed,
            "size": len(self.body),
            "crc": crc32(self.body),
            "created_ms": self.created_ms,
            "cost_ms": self.cost_ms,
            "rows": self.rows,
            "soft_ms": self.lifetime.soft_ms,
            "stale_ms": self.lifetime.stale_ms,
            "hard_ms": self.lifetime.hard_ms,
        }
        body = zstandard.ZstdCompressor(_LEVEL).compress(self.body) if packed else self.body
        return orjson.dumps(header) + b"\n" + body

    @classmethod
    def decode(cls, data: bytes, key: CacheKey, *, largest: int = LARGEST) -> "Entry | None":
        """The entry, or None when anything about it is odd. Never raises."""
        header = header_of(data, largest + LONGEST_HEADER)
        if header is None or not _is_for(header, key):
            return None
        body = _body(header, data, largest)
        return None if body is None else _entry(header, key, body)


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


def _body(header: Mapping[str, object], data: bytes, largest: int) -> bytes | None:
    size = header.get("size")
    if type(size) is not int or not 0 <= size <= largest:
        return None
    body = data[data.index(b"\n") + 1 :]
    if header.get("zstd") is True:
        try:
            # Its own word is believed only when it is ours: a few bytes may unfold to gigabytes.
            if zstandard.frame_content_size(body) != size:
                return None
            body = zstandard.ZstdDecompressor().decompress(body, allow_extra_data=False)
        except zstandard.ZstdError:
            return None
    return body if len(body) == size and header.get("crc") == crc32(body) else None


def _counts(header: Mapping[str, object]) -> dict[str, int] | None:
    counts: dict[str, int] = {}
    for name in _COUNTS:
        count = header.get(name)
        # `True` is an int to isinstance, and no count of anything.
        if type(count) is not int or count < 0:
            return None
        counts[name] = count
    return counts


def _entry(header: Mapping[str, object], key: CacheKey, body: bytes) -> Entry | None:
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
        body=body,
    )

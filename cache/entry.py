"""An answer as it lies in the store: one line of JSON that says what it is, then its bytes."""

from dataclasses import dataclass
from typing import Final
from zlib import crc32

import orjson

from cache.key import FORMAT, CacheKey

LONGEST_HEADER: Final = 1024
LARGEST: Final = 64 * 1024 * 1024

_COUNTS: Final = ("created_ms", "ttl_ms", "cost_ms", "rows")


@dataclass(frozen=True, slots=True)
class Entry:
    """`created_ms` is wall-clock time and only for display; ages are told by the store's clock."""

    sha256: str
    scope: str
    created_ms: int
    ttl_ms: int
    cost_ms: int
    rows: int
    body: bytes

    def encode(self) -> bytes:
        header = {
            "format": FORMAT,
            "sha256": self.sha256,
            "scope": self.scope,
            "size": len(self.body),
            "crc": crc32(self.body),
            **{name: getattr(self, name) for name in _COUNTS},
        }
        return orjson.dumps(header) + b"\n" + self.body

    @classmethod
    def decode(cls, data: bytes, key: CacheKey, *, largest: int = LARGEST) -> "Entry | None":
        """The entry, or None when anything about it is odd. Never raises."""
        if len(data) > largest:
            return None
        end = data.find(b"\n", 0, LONGEST_HEADER)
        header = _header(data[:end]) if end > 0 else None
        if header is None or not _is_for(header, key):
            return None
        body = data[end + 1 :]
        if header.get("size") != len(body) or header.get("crc") != crc32(body):
            return None
        return _entry(header, key, body)


def _header(line: bytes) -> dict[str, object] | None:
    try:
        header = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return header if isinstance(header, dict) else None


def _is_for(header: dict[str, object], key: CacheKey) -> bool:
    expected = (FORMAT, key.sha256, key.scope)
    return (header.get("format"), header.get("sha256"), header.get("scope")) == expected


def _entry(header: dict[str, object], key: CacheKey, body: bytes) -> Entry | None:
    counts: dict[str, int] = {}
    for name in _COUNTS:
        count = header.get(name)
        # `True` is an int to isinstance, and no count of anything.
        if type(count) is not int or count < 0:
            return None
        counts[name] = count
    return Entry(sha256=key.sha256, scope=key.scope, body=body, **counts)

"""Content codings: which one a client takes, and bodies packed by it."""

import asyncio
import threading
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

import brotli
import zstandard

from servery.transport.weights import weights_of

IDENTITY: Final = "identity"
PREFERRED: Final = ("zstd", "br", "gzip")
"""The quickest first: about 17, 27 and 31 us for 10 kB, and 0.9, 1.3 and 2.9 ms for 600 kB."""

PACKED_FROM: Final = 1024
"""Below that a body fits into the packet of its headers anyway."""

ASIDE_FROM: Final = 256 * 1024
"""From there on packing takes long enough to hold up others."""

_GZIP: Final = zlib.MAX_WBITS | 16
_OWN: Final = threading.local()


class Choice(NamedTuple):
    """`coding` for bodies that are worth it, and for all if `always`: the client takes no plain ones."""

    coding: str
    always: bool

    def of_size(self, size: int) -> str:
        return self.coding if size >= PACKED_FROM or self.always else IDENTITY


@lru_cache(maxsize=128)
def choice_of(accept_encoding: bytes) -> Choice:
    """Of an Accept-Encoding header. A client that takes nothing of ours is sent plain bytes all the same."""
    weights = weights_of(accept_encoding)
    if "x-gzip" in weights:
        weights.setdefault("gzip", weights["x-gzip"])
    others = weights.get("*", 0.0)
    taken = {coding: weights.get(coding, others) for coding in PREFERRED}
    best = max(PREFERRED, key=lambda coding: taken[coding])
    # Plain is always taken unless it is forbidden, but nobody who names a coding wants it more than that one.
    plain = weights.get(IDENTITY, 0.0)
    forbidden = weights.get(IDENTITY, weights.get("*", 1.0)) == 0
    if taken[best] > 0 and taken[best] >= plain:
        return Choice(best, always=forbidden)
    return Choice(IDENTITY, always=False)


def packed(body: bytes, coding: str) -> bytes:
    """At a quick level: what is sent once is not worth a slow one. The same bytes for the same body."""
    pack = _PACKERS.get(coding)
    return pack(body) if pack else body


async def packed_aside(body: bytes, coding: str) -> bytes:
    """The same; a large body is packed in a thread, so that others are answered meanwhile."""
    if coding == IDENTITY or len(body) < ASIDE_FROM:
        return packed(body, coding)
    return await asyncio.to_thread(packed, body, coding)


def _zstd(body: bytes) -> bytes:
    # Making a compressor takes longer than packing a small body, and threads must not share one.
    compressor: zstandard.ZstdCompressor | None = getattr(_OWN, "zstd", None)
    if compressor is None:
        compressor = _OWN.zstd = zstandard.ZstdCompressor(level=1)
    # A copy: what the library hands out keeps as much memory as the most that it could have become.
    return bytes(memoryview(compressor.compress(body)))


def _br(body: bytes) -> bytes:
    return brotli.compress(body, quality=1)


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, level=1, wbits=_GZIP)


_PACKERS: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {"zstd": _zstd, "br": _br, "gzip": _gzip}
)

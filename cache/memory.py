"""Answers in the memory of this process, bounded by bytes; what is used least lately goes first."""

from dataclasses import dataclass

from cache.bounded import Bounded
from cache.entry import Entry
from cache.tokens import Stamps

_OVERHEAD = 1_536
_PER_STAMP = 200
"""Measured: a tag, its token, and their places in two tables."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Remembered:
    """An answer, the tokens that it was stamped with, and when its data was read by this process's clock."""

    entry: Entry
    stamps: Stamps
    born: float

    def age_ms(self, now: float) -> int:
        return int((now - self.born) * 1000 + 0.5) if now > self.born else 0

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        entry = self.entry
        return len(entry.body) + len(entry.packed_rows or b"") + _OVERHEAD + _PER_STAMP * len(self.stamps)


class Memory:
    """Holds immutable bytes. Whether they are still good is for the caller to judge by their stamps."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._kept: Bounded[str, Remembered] = Bounded(max_bytes, lambda found: found.size)

    def __contains__(self, name: str) -> bool:
        """Unlike `find`, it is no use of it."""
        return name in self._kept

    def find(self, name: str) -> Remembered | None:
        return self._kept.find(name)

    def keep(self, name: str, found: Remembered) -> None:
        """Unless it is larger than a quarter of all there is: it would push out too much else."""
        if found.size * 4 <= self._max:
            self._kept.keep(name, found)
        else:
            self.drop(name)

    def drop(self, name: str) -> None:
        self._kept.drop(name)

    def clear(self) -> None:
        self._kept.clear()

    @property
    def entries(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        return self._kept.size

    @property
    def evictions(self) -> int:
        """How many answers were pushed out by others."""
        return self._kept.evictions

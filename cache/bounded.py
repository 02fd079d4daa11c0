"""Values in memory, bounded by a size of their own; what was used least lately goes first.

Every answer from memory passes here twice, and `cachetools.LRUCache` takes a microsecond each time, six times
as long.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Sizes are told when a value is kept; one that is larger than `most` is not."""

    def __init__(self, most: int, size_of: Callable[[V], int]) -> None:
        self._most = most
        self._size_of = size_of
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.size = 0
        self.evictions = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: K) -> bool:
        """Unlike `find`, it is no use of it."""
        return key in self._kept

    def find(self, key: K) -> V | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept[0]

    def keep(self, key: K, value: V) -> None:
        self.drop(key)
        size = self._size_of(value)
        if size > self._most:
            return
        self._kept[key] = value, size
        self.size += size
        while self.size > self._most:
            _, (_, oldest) = self._kept.popitem(last=False)
            self.size -= oldest
            self.evictions += 1

    def drop(self, key: K) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.size -= kept[1]

    def clear(self) -> None:
        self._kept.clear()
        self.size = 0

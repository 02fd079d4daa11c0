"""What is looked for in the cache, made once for a question that is asked again and again."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from weakref import ref

from cache.key import CacheKey
from cache.tokens import EVERYTHING, MEMORY, Stamps, bounded_tag, bucket_of

if TYPE_CHECKING:
    from cache.memory import Remembered

_MOST_SETS: Final = 500


class Wanted:
    """A key, and the `tags` of its answers with those that every answer has.

    `shared` are those without its `own`, the one of the key alone, whose token is often not known before the
    first look. With the token of memory in its place they name a lease: what deletes a key renews that, too.
    They are not enough to tell whether an answer is good: the two are not renewed in the same moment.

    It also notes which answer in memory was last found to be current, and after how many changes of tokens:
    as long as neither is another, its stamps need not be compared again. It does not hold on to the answer.
    """

    __slots__ = ("changes", "kept", "key", "own", "shared", "tags")

    def __init__(self, key: CacheKey, tags: Sequence[str] = ()) -> None:
        self.key = key
        self.own = bucket_of(key.name)
        self.shared = _shared(tuple(tags))
        self.tags = (*self.shared, self.own)
        self.kept: ref[Remembered] | None = None
        self.changes = -1

    def shared_of(self, stamps: Stamps, memory: str) -> Stamps:
        """The stamps that go with `shared`, and with them that of memory."""
        return {tag: token for tag, token in stamps.items() if tag != self.own} | {MEMORY: memory}


@lru_cache(_MOST_SETS)
def _shared(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Each once. Questions of the same months have the same tags, often dozens."""
    return tuple(dict.fromkeys((EVERYTHING, *map(bounded_tag, tags))))

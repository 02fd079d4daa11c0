"""What is looked for in the cache, made once for a question that is asked again and again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import ref

from cache.key import CacheKey
from cache.tokens import EVERYTHING, bounded_tag, bucket_of

if TYPE_CHECKING:
    from cache.memory import Remembered


class Wanted:
    """A key, and the tags of its answers with those that every answer has.

    It also notes which answer in memory was last found to be current, and after how many changes of tokens:
    as long as neither is another, its stamps need not be compared again. It does not hold on to the answer.
    """

    __slots__ = ("changes", "kept", "key", "tags")

    def __init__(self, key: CacheKey, tags: Sequence[str] = ()) -> None:
        everyone = (EVERYTHING, bucket_of(key.name))
        self.key = key
        self.tags = tuple(dict.fromkeys((*everyone, *map(bounded_tag, tags))))
        self.kept: ref[Remembered] | None = None
        self.changes = -1

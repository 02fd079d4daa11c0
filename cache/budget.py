"""The most that the store may add to one question, over all that is asked of it."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from cache.patience import patience
from cache.store import StoreDown

T = TypeVar("T")

_GRACE: Final = 1.1
"""The store's own limit comes first where both are the same, so that its failure is known for one."""


class Budget:
    """Counts down while the store is waited for; used up, or after a failure, it refuses.

    Time in which our own event loop was busy does not count: see `cache.patience`.
    """

    def __init__(self, seconds: float, late: Callable[[], None] = lambda: None) -> None:
        """`late` is called when the time is over while the store is waited for."""
        self._left = seconds
        self._late = late

    def exhaust(self) -> None:
        """The store has failed elsewhere: it is not waited for again."""
        self._left = 0

    async def spend(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Raises StoreDown, also when the time is over."""
        if self._left <= 0:
            raise StoreDown("it has taken this question's time already")
        try:
            with patience(self._left * _GRACE) as waited:
                result = await operation()
        except TimeoutError:
            self._left = 0
            self._late()
            raise StoreDown("it was too slow for this question") from None
        except StoreDown:
            self._left = 0
            raise
        self._left -= waited.seconds
        return result

"""What is worth a place in the store: answers that cost something, or are asked for again."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

MOST_SEEN = 20_000
MOST_TENANTS = 1_000
_MINUTE = 60.0


@dataclass(slots=True)
class _Account:
    began: float
    spent: int = 0


class Admission:
    """A load below `cheap_ms` is kept from its second sight on. `quota_bytes`: of each tenant in a minute."""

    def __init__(
        self, *, cheap_ms: int, quota_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cheap_ms = cheap_ms
        self._quota = quota_bytes
        self._clock = clock
        self._seen: LRUCache[str, bool] = LRUCache(MOST_SEEN)
        self._accounts: LRUCache[str, _Account] = LRUCache(MOST_TENANTS)

    def seen_again(self, name: str) -> None:
        """It is asked for by another while it is loaded: that is a second sight."""
        self._seen[name] = True

    def refusal(self, name: str, scope: str, *, cost_ms: int, size: int) -> str:
        """Why an answer is not written; "" when it is. A question is asked about once for each load."""
        seen = name in self._seen
        self._seen[name] = True
        if cost_ms < self._cheap_ms and not seen:
            return f"it cost {cost_ms} ms and is seen for the first time"
        return self._over_quota(scope, size)

    def _over_quota(self, scope: str, size: int) -> str:
        now, account = self._clock(), self._accounts.get(scope)
        if account is None or now - account.began >= _MINUTE:
            account = self._accounts[scope] = _Account(now)
        if account.spent + size > self._quota:
            return f"its tenant has written {account.spent} bytes in this minute"
        account.spent += size
        return ""

"""Stops asking a store that does not answer, and finds out when it does again."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after `failures` in a row; then lets one probe through every `pause` seconds."""

    def __init__(
        self, *, failures: int = 5, pause: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._next_probe = 0.0

    @property
    def is_open(self) -> bool:
        return self._failed >= self._limit

    def permits(self) -> bool:
        """Whether to ask now. When open, a yes takes the one probe of this pause."""
        if not self.is_open:
            return True
        now = self._clock()
        if now < self._next_probe:
            return False
        # Moved on at once, so that a probe whose caller goes away cannot hold the breaker open for good.
        self._next_probe = now + self._pause
        return True

    def succeeded(self) -> bool:
        """True when this success closed the breaker."""
        was_open = self.is_open
        self._failed = 0
        return was_open

    def failed(self) -> bool:
        """True when this failure opened the breaker."""
        # Calls that were under way when it opened fail a little later; they do not put off the probe.
        if self.is_open:
            return False
        self._failed += 1
        if self.is_open:
            self._next_probe = self._clock() + self._pause
        return self.is_open

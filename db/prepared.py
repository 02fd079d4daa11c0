"""Whether statements are prepared by name: the pool's own word, until a pooler shows itself.

A pooler in transaction mode hands each statement to another server process, where the name means nothing.
"""

from typing import Final, Literal

from db.events import Observe, Pooled, unobserved

Choice = Literal["auto", "on", "off"]

ANOTHER_PROCESS: Final = "the connection and the process that answers have different numbers"
UNKNOWN_NAME: Final = "a statement that was prepared is not known any more"


class Prepared:
    """Shared by the sessions of a pool. `size` is how many statements each of them keeps; 0 is none."""

    def __init__(self, size: int, choice: Choice = "on", observe: Observe = unobserved) -> None:
        self.size = 0 if choice == "off" else size
        self._may_doubt = choice == "auto"
        self._observe = observe

    def doubt(self, sign: str) -> None:
        """A pooler has shown itself: no more statements are prepared, unless the settings know better."""
        if self._may_doubt and self.size:
            self.size = 0
            self._observe(Pooled(sign))

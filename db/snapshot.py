"""Snapshots of PostgreSQL: which transactions are over. Between two of them lies what is new."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_MOST_TOLD: Final = 10_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Transactions before `xmax` are over, but for those in `running`, of which none is before `xmin`.

    So are those in `told`, which lie after it: their changes were read.
    """

    xmin: int
    xmax: int
    running: tuple[int, ...] = ()
    told: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Snapshot":
        """As PostgreSQL writes it: `10:20:10,14`. Raises ValueError."""
        xmin, xmax, running = text.split(":")
        return cls(int(xmin), int(xmax), tuple(int(each) for each in running.split(",") if each))

    @property
    def text(self) -> str:
        """The same, as it can be read again. What is in `told` may then be told again."""
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, self.running))}"

    def of_standby(self, told: Iterable[int]) -> "Snapshot":
        """Without what is not known for sure: a standby does not tell which transactions are running."""
        left = tuple(sorted({xid for xid in told if xid >= self.xmin}))
        return Snapshot(self.xmin, self.xmin, told=left if len(left) <= _MOST_TOLD else ())

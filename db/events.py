"""What the database room reports to whoever observes it: lost, back, slow, pooled."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lost:
    """The first failure after a success: PostgreSQL cannot be reached. `detail` is for logs only."""

    detail: str


@dataclass(frozen=True, slots=True)
class Back:
    """The first success after `Lost`."""

    after_ms: float


@dataclass(frozen=True, slots=True)
class Slow:
    """A statement took longer than the settings allow. Its arguments stay out: they are users' values."""

    text: str
    ms: float
    rows: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooler stands between, so statements are no longer prepared. `sign` is how it was known."""

    sign: str


Event = Lost | Back | Slow | Pooled
Observe = Callable[[Event], None]


def unobserved(_event: Event) -> None:
    """Observe nothing."""

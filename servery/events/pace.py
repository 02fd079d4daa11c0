"""How often a follower looks, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """`poll_s` for changes, `look_s` for what the tables are, `note_s` for telling the next leader.

    `stand_by_s` is how soon another process takes over. A connection that failed is opened again after
    `first_pause_s`, then after twice as long each time, up to `longest_pause_s`.
    """

    poll_s: float = 0.25
    look_s: float = 5.0
    note_s: float = 10.0
    stand_by_s: float = 1.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0
    query_ms: int = 10_000
    """The most that a refresh key may take."""

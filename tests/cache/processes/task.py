"""What a process of these tests is told to do, and what it tells in the end."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Task:
    """`watch`: ask the one question until told to stop. `burst`: many callers at once when told to go.

    A load takes `load_seconds`, and gives `body_bytes` beside the number. Of the callers, `leave` are
    cancelled after `leave_after` seconds.
    """

    kind: Literal["watch", "burst"]
    url: str
    folder: str
    load_seconds: float = 0.0
    body_bytes: int = 0
    callers: int = 0
    leave: int = 0
    leave_after: float = 0.1

    def encode(self) -> str:
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Told:
    """`fresh` and `flagged`: for each number, when it was shown last, by when its question was asked.

    Of a burst: the slowest caller's seconds, and how many were answered, and how many left.
    """

    sources: dict[str, int] = field(default_factory=dict)
    fresh: dict[int, float] = field(default_factory=dict)
    flagged: dict[int, float] = field(default_factory=dict)
    slowest: float = 0.0
    answered: int = 0
    left: int = 0
    errors: list[str] = field(default_factory=list)

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> "Told":
        told: dict[str, Any] = json.loads(text)
        for name in ("fresh", "flagged"):
            told[name] = {int(value): moment for value, moment in told[name].items()}
        return cls(**told)

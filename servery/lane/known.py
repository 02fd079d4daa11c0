"""What is remembered of a request that was answered, and what is shown of it again."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from weakref import ref

from cache.entry import Entry
from cache.glance import Glanced
from cache.hit import Source
from cache.lifetime import Freshness
from cache.wanted import Wanted
from resolvers.traffic import Count
from schema.template import Piece, Template
from servery.transport.dress import Reply

OVERHEAD: Final = 4_096
"""About how many bytes of memory a request takes that is known, beside what is kept of its response."""


@dataclass(slots=True)
class Made:
    """A response as far as it stays the same while the same `entries` are shown from the same `sources`.

    `read_at` tells of each when its data was read. `replies` and `frames` are what was made of the bytes:
    whole replies by form and coding, and packed pieces by number. `etags` are by form.
    """

    entries: tuple[ref[Entry], ...]
    sources: tuple[Source, ...]
    read_at: tuple[datetime, ...]
    pieces: tuple[Piece, ...]
    replies: dict[Hashable, Reply] = field(default_factory=dict)
    frames: dict[int, bytes] = field(default_factory=dict)
    etags: dict[bool, bytes] = field(default_factory=dict)

    @property
    def lasting(self) -> bytes | None:
        """All of it, when nothing in it tells of the hit."""
        piece = self.pieces[0]
        return piece if len(self.pieces) == 1 and isinstance(piece, bytes) else None

    @property
    def size(self) -> int:
        plain = sum(len(each) for each in self.pieces if isinstance(each, bytes))
        whole = sum(len(each.body) for each in self.replies.values())
        return plain + whole + sum(map(len, self.frames.values()))

    def is_of(self, found: Sequence[Glanced]) -> bool:
        for glanced, entry, source in zip(found, self.entries, self.sources, strict=True):
            if glanced.entry is not entry() or glanced.source is not source:
                return False
        return True


class Question(NamedTuple):
    """What is looked for, how old it may be, until when it means the same, and where it is counted."""

    wanted: Wanted
    freshness: Freshness
    until: datetime | None
    counted: Count | None


@dataclass(slots=True)
class Known:
    """Which questions a request asks, and its response with holes. `identities` are what an ETag begins with.

    `requests` is the number of them in a list, or 1.
    """

    questions: tuple[Question, ...]
    template: Template
    asked_bytes: int
    identities: tuple[bytes, bytes]
    requests: int
    since: datetime
    until: datetime | None
    made: Made | None = None

    @property
    def size(self) -> int:
        template = sum(len(each) for each in self.template.pieces if isinstance(each, bytes))
        return OVERHEAD + self.asked_bytes + template + (self.made.size if self.made else 0)

    def holds_at(self, now: datetime) -> bool:
        """Whether it asks for the same days as it did."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(slots=True)
class Shown:
    """A response that is shown again: the answers that it is made of, and how long that took."""

    known: Known
    made: Made
    found: Sequence[Glanced]
    took_ms: float

"""What is remembered of a request that was answered, and what is shown of it again."""

from collections.abc import Hashable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from weakref import ref

from cache.entry import Entry
from cache.glance import Glanced
from cache.hit import Source
from cache.lifetime import Freshness, Lifetime
from cache.wanted import Wanted
from resolvers.traffic import Count
from schema.template import Gap, Piece, Template
from servery.transport.dress import Reply

OVERHEAD: Final = 4_096
"""About how many bytes of memory a request takes that is known, beside what is kept of its response."""

PER_REPLY: Final = 1_024
"""And a reply, beside its body."""


@dataclass(slots=True)
class Made:
    """A response as far as it stays the same while the same `entries` are shown from the same `sources`.

    `read_at` tells of each when its data was read. Large rows are left open in `pieces`, at the place that
    `rows` tells: they lie in their entry. It is `lasting` when nothing in it tells of the hit. `replies` are
    whole ones by form and coding, `frame` is made of the rows where their entry has none. `etags` are by
    form. `read` are replies to GETs by form and status, with what they say of how long they may be kept.
    """

    found: InitVar[Sequence[Glanced]]
    read_at: tuple[datetime, ...]
    pieces: tuple[Piece, ...]
    lasting: bool
    rows: tuple[int, Gap] | None = None
    replies: dict[Hashable, Reply] = field(default_factory=dict)
    frame: bytes | None = None
    etags: dict[bool, bytes] = field(default_factory=dict)
    read: dict[tuple[str, int], tuple[bytes, Reply]] = field(default_factory=dict)
    entries: tuple[ref[Entry], ...] = field(init=False)
    sources: tuple[Source, ...] = field(init=False)
    lifetimes: tuple[Lifetime, ...] = field(init=False)
    costs_ms: tuple[int, ...] = field(init=False)
    saved_ms: int = field(init=False)
    from_memory: bool = field(init=False)
    """Whether all of it was."""

    def __post_init__(self, found: Sequence[Glanced]) -> None:
        """It does not hold on to the entries."""
        self.entries = tuple(ref(each.entry) for each in found)
        self.sources = tuple(each.source for each in found)
        self.lifetimes = tuple(each.entry.lifetime for each in found)
        self.costs_ms = tuple(each.entry.cost_ms for each in found)
        self.saved_ms = sum(self.costs_ms)
        self.from_memory = all(source is Source.MEMORY for source in self.sources)

    @property
    def size(self) -> int:
        plain = sum(len(each) for each in self.pieces if isinstance(each, bytes))
        whole = sum(len(each.body) for each in self.replies.values())
        heads = PER_REPLY * (len(self.replies) + len(self.read))
        return plain + whole + heads + len(self.frame or b"")

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
    wanted: tuple[Wanted, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    counts: tuple[Count | None, ...] = field(init=False)
    at_any_age: bool = field(init=False)
    """Whether all of its answers may be as old as they come."""

    def __post_init__(self) -> None:
        self.wanted = tuple(each.wanted for each in self.questions)
        self.names = tuple(each.key.name for each in self.wanted)
        self.counts = tuple(each.counted for each in self.questions)
        self.at_any_age = all(each.freshness.max_age_ms is None for each in self.questions)

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

"""Why an answer is a hit, or is none: what lies under its name, how old it is, and which tag killed it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from cache.entry import Entry, header_of
from cache.key import CacheKey
from cache.store import Found, Missing, Store
from cache.tokens import EVERYTHING, SERVER, Stamps, differing, only_expired

_NAMES: Final = {SERVER: "the Redis server", EVERYTHING: "everything"}
_BLAMED: Final = {SERVER: "another Redis server or a restart", EVERYTHING: "a clear of everything"}
_KEY: Final = "__key:"
_KEY_NAME: Final = "this answer"
_KEY_BLAMED: Final = "a deletion of this answer, or a clear of a few names"


class State(Enum):
    """What an entry is good for."""

    FRESH = "fresh"
    STALE = "stale"
    """Shown at once, flagged, and loaded anew beside."""
    EXPIRED = "expired"
    """Kept for the case that it cannot be loaded."""
    INVALIDATED = "invalidated"
    """What it depends on has changed since."""
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    """Something lies under the name that this version has not written, or that is damaged."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Something that an answer depends on, and whether it is as it was when the answer was loaded."""

    tag: str
    current: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """Of an entry that can be read. What is left of each time is 0 when it is over.

    `cost_ms` is what its load took. `excuse` tells whether it may be shown, flagged, when that fails.
    """

    age_ms: int
    soft_left_ms: int
    stale_left_ms: int
    hard_left_ms: int
    raw_bytes: int
    rows: int
    cost_ms: int
    created_ms: int
    tags: tuple[Tagged, ...]
    killed_by: tuple[str, ...]
    excuse: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """`stored_bytes` is what it takes in the store; `contents` are there when they can be read."""

    name: str
    state: State
    stored_bytes: int | None = None
    contents: Contents | None = None
    in_memory: bool = False
    """Whether the process that was asked has it in its own memory, good or not."""

    @property
    def exists(self) -> bool:
        return self.state is not State.ABSENT


async def explained(store: Store, name: str, tags: tuple[str, ...] = ()) -> Explained:
    """Raises StoreDown, and what the store raises for a name that is not ours.

    The entry tells which tags to ask for; `tags` are those of the entry that was there a moment ago.
    """
    look = await store.look(name, tags)
    if isinstance(look.found, Missing):
        return Explained(name, State.ABSENT if look.found is Missing.ABSENT else State.UNREADABLE)
    entry = _entry(name, look.found.body)
    if entry is None:
        return Explained(name, State.UNREADABLE, len(look.found.body))
    stamped = tuple(sorted(entry.stamps.keys() - {SERVER}))
    if stamped != tags:
        return await explained(store, name, stamped)
    return _told(name, look.found, entry, look.stamps)


def _entry(name: str, body: bytes) -> Entry | None:
    """The entry, by what it says itself of the question that it answers."""
    header = header_of(body)
    match header:
        case {"sha256": str(sha256), "scope": str(scope)}:
            return Entry.decode(body, CacheKey(name, sha256, scope, text=""))
    return None


def _told(name: str, found: Found, entry: Entry, now: Stamps) -> Explained:
    lifetime = entry.lifetime
    age_ms = max(0, lifetime.hard_ms - found.remaining_ms)
    killers = differing(entry.stamps, now)
    contents = Contents(
        age_ms=age_ms,
        soft_left_ms=max(0, lifetime.soft_ms - age_ms),
        stale_left_ms=max(0, lifetime.stale_ms - age_ms),
        hard_left_ms=found.remaining_ms,
        raw_bytes=len(entry.body),
        rows=entry.rows,
        cost_ms=entry.cost_ms,
        created_ms=entry.created_ms,
        tags=tuple(Tagged(_name_of(tag), tag not in killers) for tag in sorted(entry.stamps, key=_of_all)),
        killed_by=tuple(_blamed(tag) for tag in killers),
        excuse=only_expired(entry.stamps, now),
    )
    return Explained(name, _state(entry, contents), len(found.body), contents)


def _state(entry: Entry, contents: Contents) -> State:
    if contents.killed_by:
        return State.INVALIDATED
    if contents.age_ms < entry.lifetime.soft_ms:
        return State.FRESH
    return State.STALE if contents.age_ms < entry.lifetime.stale_ms else State.EXPIRED


def _of_all(tag: str) -> tuple[bool, str]:
    """To sort by: what every answer depends on comes last."""
    return tag in _NAMES or tag.startswith(_KEY), tag


def _name_of(tag: str) -> str:
    """The cache's own tags have names that say nothing to others; those of others hold a colon."""
    return _KEY_NAME if tag.startswith(_KEY) else _NAMES.get(tag, tag)


def _blamed(tag: str) -> str:
    return _KEY_BLAMED if tag.startswith(_KEY) else _BLAMED.get(tag, tag)

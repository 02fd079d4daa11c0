"""Tokens: an unguessable text for each tag, put anew by every invalidation.

An answer is stamped with the tokens of its tags as they were before its data was read, and is good as long as
they are the same. A token is `<purge>.<fresh>`: an invalidation that only expires changes the second half, so
that an answer from before it may still be shown, flagged, when the database fails.
"""

from collections.abc import Mapping
from enum import Enum
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final, TypeAlias

EVERYTHING: Final = "__all"
"""The tag of every answer."""

MEMORY: Final = "__memory"
"""The tag of every answer in the memory of a process, but of none in the store."""

SERVER: Final = "server"
"""Stands among the stamps for the servers that vouch for them: after a restart or failover it is another."""

LONGEST_TAG: Final = 128
BUCKET_DIGITS: Final = 3
_PART_BYTES: Final = 9
"""A multiple of three: its text has no loose end."""
_LASTING: Final = ("__", "table:", "date:")
_VALUE_LIFE_MS: Final = 3 * 24 * 3600 * 1000

Stamps: TypeAlias = Mapping[str, str]


class Mode(Enum):
    """How an invalidation treats answers from before it."""

    EXPIRE = "expire"
    """Shown no more, unless the database fails: then flagged as stale."""
    PURGE = "purge"
    """Shown never again."""


def new_part() -> str:
    """Half of a token: 72 random bits."""
    return token_urlsafe(_PART_BYTES)


def new_token() -> str:
    both = token_urlsafe(2 * _PART_BYTES)
    return f"{both[: len(both) // 2]}.{both[len(both) // 2 :]}"


def only_expired(then: Stamps, now: Stamps) -> bool:
    """Whether all that was stamped has at most expired: the same tags and servers, and nothing purged."""
    if then.keys() != now.keys() or then.get(SERVER) != now.get(SERVER):
        return False
    return all(token.partition(".")[0] == now[tag].partition(".")[0] for tag, token in then.items())


def differing(then: Stamps, now: Stamps) -> tuple[str, ...]:
    """The tags whose tokens are no longer the same, sorted."""
    return tuple(sorted(tag for tag in then.keys() | now.keys() if then.get(tag) != now.get(tag)))


def bucket_of(name: str) -> str:
    """The tag that stands for deletions of this one key, shared by about one key of 4,096."""
    return f"__key:{name.rpartition(':')[2][:BUCKET_DIGITS]}"


def life_ms(tag: str) -> int | None:
    """How long its token lives; None for ever. A token that has ended is made anew, and nothing matches it.

    There are few tables and months, but as many values as anybody filters by.
    """
    return None if tag.startswith(_LASTING) else _VALUE_LIFE_MS


def bounded_tag(tag: str) -> str:
    """The tag itself, or its beginning and its digest when it is too long for a key."""
    if len(tag) <= LONGEST_TAG:
        return tag
    return f"{tag[:64]}#{sha256(tag.encode()).hexdigest()[:32]}"

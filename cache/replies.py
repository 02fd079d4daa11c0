"""Replies of the server, read without trust: what lies under our names may be another's, or damaged."""

from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from cache.store import Found, Missing, StoreDown


def sound(reply: Any) -> Any:
    """The reply itself. Raises StoreDown when it is an error."""
    if isinstance(reply, Exception):
        raise StoreDown(str(reply)) from reply
    return reply


def is_of_wrong_type(reply: Any) -> bool:
    """Whether something lies under a name that no command of ours has put there."""
    return isinstance(reply, ResponseError) and str(reply).startswith("WRONGTYPE")


def found_in(body: Any, remaining_ms: Any) -> Found | Missing:
    """An entry and how long it has left. Raises StoreDown for an error that tells of the server."""
    if is_of_wrong_type(body):
        return Missing.UNREADABLE
    sound(body)
    sound(remaining_ms)
    if body is None:
        return Missing.ABSENT
    # We write nothing without an end (-1). An entry that ended between the two commands (-2) was alive.
    if not isinstance(body, bytes) or not isinstance(remaining_ms, int) or remaining_ms == -1:
        return Missing.UNREADABLE
    return Found(body, max(0, remaining_ms))


def token_in(token: Any) -> str:
    """A token; "" where there is none, or something that is none."""
    if is_of_wrong_type(token):
        return ""
    sound(token)
    return token.decode(errors="replace") if isinstance(token, bytes) else ""


def is_full(fault: Exception) -> bool:
    """Whether a server refused to write for want of memory. A script's refusal is of no class of its own."""
    return "maxmemory" in str(fault)


def no_room_for(tags: Sequence[str], replies: Sequence[Any]) -> list[str]:
    """The tags whose token a full server refused to write. Raises any other error."""
    full = []
    for tag, reply in zip(tags, replies, strict=True):
        if isinstance(reply, Exception):
            if not is_full(reply):
                raise reply
            full.append(tag)
    return full

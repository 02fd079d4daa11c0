"""The tokens as they lie in the servers: read, made where there are none, and made anew."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

from redis.exceptions import ResponseError

from cache.links import Links
from cache.pool import Command
from cache.replies import no_room_for, sound, token_in
from cache.store import StoreDown
from cache.tokens import Mode, life_ms, new_part, new_token

_BATCH: Final = 500
_FEW: Final = 4
_EXPIRE: Final = """
local held = redis.pcall('GET', KEYS[1])
local kept = type(held) == 'string' and string.match(held, '^[^.]+') or ARGV[1]
local token = kept .. '.' .. ARGV[2]
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], token)
else
  redis.call('SET', KEYS[1], token, 'PX', ARGV[3])
end
"""
"""A new second half behind the first: in one step, so that no purge that comes between is undone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What reads the tokens of `tags`; `offered` are those that lie there from now on if there were none."""

    tags: Sequence[str]
    commands: Sequence[Command]
    offered: Sequence[str] = ()


class Ledger:
    """A few tokens are read by what also makes them, so that a question with a new tag needs no second trip.

    Many are read by one command where one server holds all; in a Cluster by one for each.
    """

    def __init__(self, links: Links, name: Callable[[str], str]) -> None:
        """`name` is that of a tag's token."""
        self._links = links
        self._name = name

    def asked(self, tags: Sequence[str]) -> Asked:
        """What is to be sent; give the replies to `told`."""
        if len(tags) > _FEW:
            return Asked(tags, self._reading(tags))
        offered = [new_token() for _ in tags]
        several = zip(map(self._name, tags), offered, map(_ending, tags), strict=True)
        commands = [("SET", name, token, "NX", "GET", *ending) for name, token, ending in several]
        return Asked(tags, commands, offered)

    async def told(self, asked: Asked, replies: Sequence[Any]) -> dict[str, str]:
        """The tokens in the replies; those that are missing are made. Raises StoreDown."""
        if asked.offered:
            replies = [_taken(*each) for each in zip(asked.offered, replies, strict=True)]
        else:
            replies = self._read(replies)
        tokens = {tag: token_in(reply) for tag, reply in zip(asked.tags, replies, strict=True)}
        for nx in (True, False):
            # What is there and no token is overwritten, once it is known that no other process was first.
            missing = [tag for tag, token in tokens.items() if not token]
            if missing:
                tokens.update(await self._made(missing, nx=nx))
        if not all(tokens.values()):
            raise StoreDown("a token could not be made: it is evicted at once, or the server is full")
        return tokens

    async def held(self, tags: Sequence[str]) -> dict[str, str]:
        """The tokens as they are; "" where there is none. On the connections of the sweeps."""
        replies = self._read(await self._links.sweep(self._reading(tags)))
        return {tag: token_in(reply) for tag, reply in zip(tags, replies, strict=True)}

    async def renew(self, tags: Iterable[str], mode: Mode) -> None:
        """New tokens, a few hundred at a time."""
        wanted = iter(dict.fromkeys(tags))
        while part := tuple(islice(wanted, _BATCH)):
            replies = await self._links.exchange([self._renewing(tag, mode) for tag in part])
            await self._unlink_instead([self._name(tag) for tag in no_room_for(part, replies)])

    def _reading(self, tags: Sequence[str]) -> Sequence[Command]:
        names = [self._name(tag) for tag in tags]
        return [("MGET", *names)] if self._links.together else [("GET", name) for name in names]

    def _read(self, replies: Sequence[Any]) -> Sequence[Any]:
        """The replies to what reads, one for each tag."""
        if not (replies and self._links.together):
            return replies
        (told,) = map(sound, replies)
        return cast("Sequence[Any]", told)

    def _renewing(self, tag: str, mode: Mode) -> Command:
        if mode is Mode.PURGE:
            return ("SET", self._name(tag), new_token(), *_ending(tag))
        return ("EVAL", _EXPIRE, 1, self._name(tag), new_part(), new_part(), life_ms(tag) or "")

    async def _made(self, tags: Sequence[str], *, nx: bool) -> dict[str, str]:
        """A token for each tag; with `nx` that of another process where it was first."""
        commands: list[Command] = []
        for tag in tags:
            made = ("SET", self._name(tag), new_token(), *_ending(tag), *(("NX",) if nx else ()))
            commands += (made, ("GET", self._name(tag)))
        replies = await self._links.exchange(commands)
        return {tag: token_in(reply) for tag, reply in zip(tags, replies[1::2], strict=True)}

    async def _unlink_instead(self, names: Sequence[str]) -> None:
        """A full server takes no new token, but lets go of the old one, which does as well: it is missed."""
        if names:
            for reply in await self._links.exchange([("UNLINK", name) for name in names]):
                sound(reply)


def _taken(offered: str, reply: Any) -> Any:
    """What lies there after an offer: whatever was there before, or the offer.

    A server that is full or may not write refuses even to look: then it seems that there is none, and it is
    asked in another way.
    """
    if isinstance(reply, ResponseError):
        return None
    return offered.encode() if reply is None else reply


def _ending(tag: str) -> Command:
    ms = life_ms(tag)
    return ("PX", ms) if ms else ()

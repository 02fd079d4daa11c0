"""The tokens as they lie in the servers: read, made where there are none, and made anew."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final

from cache.links import Links
from cache.pool import Command
from cache.replies import no_room_for, sound, token_in
from cache.store import StoreDown
from cache.tokens import Mode, life_ms, new_part, new_token

_BATCH: Final = 500
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


class Ledger:
    """Where one server holds all, tokens are read by one command; in a Cluster by one for each."""

    def __init__(self, links: Links, name: Callable[[str], str]) -> None:
        """`name` is that of a tag's token."""
        self._links = links
        self._name = name

    def asking(self, tags: Sequence[str]) -> list[Command]:
        """What reads them."""
        names = [self._name(tag) for tag in tags]
        if names and self._links.together:
            return [("MGET", *names)]
        return [("GET", name) for name in names]

    async def told(self, tags: Sequence[str], replies: Sequence[Any]) -> dict[str, str]:
        """The tokens in the replies; those that are missing are made. Raises StoreDown."""
        if tags and self._links.together:
            (replies,) = map(sound, replies)
        tokens = {tag: token_in(reply) for tag, reply in zip(tags, replies, strict=True)}
        for nx in (True, False):
            # What is there and no token is overwritten, once it is known that no other process was first.
            missing = [tag for tag, token in tokens.items() if not token]
            if missing:
                tokens.update(await self._made(missing, nx=nx))
        if not all(tokens.values()):
            raise StoreDown("a token could not be made: it is evicted at once, or the server is full")
        return tokens

    async def renew(self, tags: Iterable[str], mode: Mode) -> None:
        """New tokens, a few hundred at a time."""
        wanted = iter(dict.fromkeys(tags))
        while part := tuple(islice(wanted, _BATCH)):
            replies = await self._links.exchange([self._renewing(tag, mode) for tag in part])
            await self._unlink_instead([self._name(tag) for tag in no_room_for(part, replies)])

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


def _ending(tag: str) -> Command:
    ms = life_ms(tag)
    return ("PX", ms) if ms else ()

"""The tokens as they lie in the servers: read, made where there are none, and made anew."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final

from cache.links import Links
from cache.replies import no_room_for, token_in
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

    def ask(self, pipeline: Any, tags: Sequence[str]) -> None:
        """Put into a pipeline what reads them."""
        names = [self._name(tag) for tag in tags]
        if names and self._links.together:
            pipeline.mget(names)
            return
        for name in names:
            pipeline.get(name)

    async def told(self, tags: Sequence[str], replies: Sequence[Any]) -> dict[str, str]:
        """The tokens in the replies; those that are missing are made. Raises StoreDown."""
        if tags and self._links.together:
            (replies,) = replies
            if isinstance(replies, Exception):
                raise StoreDown(str(replies)) from replies
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
            async with self._links.client.pipeline(transaction=False) as pipeline:
                for tag in part:
                    if mode is Mode.PURGE:
                        pipeline.set(self._name(tag), new_token(), px=life_ms(tag))
                    else:
                        parts = (new_part(), new_part(), life_ms(tag) or "")
                        pipeline.eval(_EXPIRE, 1, self._name(tag), *parts)
                replies = await pipeline.execute(raise_on_error=False)
            await self._unlink_instead([self._name(tag) for tag in no_room_for(part, replies)])

    async def _made(self, tags: Sequence[str], *, nx: bool) -> dict[str, str]:
        """A token for each tag; with `nx` that of another process where it was first."""
        async with self._links.client.pipeline(transaction=False) as pipeline:
            for tag in tags:
                pipeline.set(self._name(tag), new_token(), nx=nx, px=life_ms(tag))
                pipeline.get(self._name(tag))
            replies = await pipeline.execute(raise_on_error=False)
        return {tag: token_in(reply) for tag, reply in zip(tags, replies[1::2], strict=True)}

    async def _unlink_instead(self, names: Sequence[str]) -> None:
        """A full server takes no new token, but lets go of the old one, which does as well: it is missed."""
        if names:
            async with self._links.client.pipeline(transaction=False) as pipeline:
                for name in names:
                    pipeline.unlink(name)
                await pipeline.execute()

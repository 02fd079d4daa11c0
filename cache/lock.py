"""The lock that keeps other processes from loading what one of them loads already.

It saves work and guards nothing: whoever loses it, or never gets it, loads all the same, and what is stored
carries its stamps. A holder that dies is replaced when its lease ends.

Source: https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias
from uuid import uuid4

from cache.pool import Command
from cache.replies import sound
from cache.store import Claim, Look, StoreDown

Exchange: TypeAlias = Callable[[Sequence[Command]], Awaitable[list[Any]]]
"""Sends commands in one trip, within a bounded time. Raises StoreDown."""

Errand: TypeAlias = Callable[[Command], Awaitable[None]]
"""Has a command carried out soon. Raises StoreDown."""

LookWith: TypeAlias = Callable[[str, Sequence[str], "RedisLease"], Awaitable[Look]]

_UNSHARED: Final = b"unshared"
_UNSHARED_MS: Final = 1_000
_LET_GO: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('UNLINK', KEYS[1]) end
"""
_HOLD_LONGER: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
"""


class RedisLease:
    """Implements `cache.store.LoadLease`. `look` makes the attempt and looks, in this order, in one trip."""

    def __init__(self, name: str, seconds: float, exchange: Exchange, look: LookWith, errand: Errand) -> None:
        self._name = name
        self._ms = round(seconds * 1000)
        self._exchange = exchange
        self._look = look
        self._errand = errand
        self._token = uuid4().hex.encode()

    @property
    def attempt(self) -> tuple[Command, Command]:
        """Give both replies to `claim_in`."""
        return ("SET", self._name, self._token, "NX", "GET", "PX", self._ms), ("PTTL", self._name)

    def claim_in(self, held: Any, left_ms: Any) -> Claim:
        """What came of an attempt, which is told what was there before."""
        # No lock is anything but bytes: nobody is waited for on a garbled word, nor on a refusal,
        # as of a server that is full or may not write: it answers looks all the same.
        if held is not None and not isinstance(held, bytes):
            return Claim.UNSHARED
        # Our own token: a reply to the attempt was lost, and it was repeated.
        if held is None or held == self._token:
            return Claim.OURS
        # A lock of ours always has an end: what has none is another's text, and nobody will take it away.
        return Claim.UNSHARED if held == _UNSHARED or left_ms == -1 else Claim.THEIRS

    async def take(self) -> bool:
        return self.claim_in(*await self._exchange(self.attempt)) is Claim.OURS

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        return await self._look(name, tags, self)

    async def renew(self) -> None:
        with suppress(StoreDown):
            await self._exchange([("EVAL", _HOLD_LONGER, 1, self._name, self._token, self._ms)])

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        put, _ = await self._exchange([("SET", name, body, "PX", ttl_ms), self.letting_go])
        sound(put)

    async def release(self, *, unshared: bool) -> None:
        # In place of the lock, so that it costs no more than letting go. If the lease was lost meanwhile, it
        # is another's lock that is overwritten: then there are two loads, which is what would come anyway.
        word: Command = ("SET", self._name, _UNSHARED, "PX", _UNSHARED_MS, "XX")
        with suppress(StoreDown):
            await self._errand(word if unshared else self.letting_go)

    @property
    def letting_go(self) -> Command:
        """By our own token, so that it also ends a lock of which we never heard that we have it."""
        return "EVAL", _LET_GO, 1, self._name, self._token

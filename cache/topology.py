"""Which primaries of a Cluster serve which slots, as its nodes tell.

Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import shuffle
from typing import Any, Final, TypeAlias

from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError

from cache.address import Place

ANSWER_SECONDS: Final = 0.1
ASKED_AT_ONCE: Final = 3
"""So many nodes that one which has not heard of a failover yet, or is cut off, is outvoted."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The slots from `first` to `last`, both included."""

    first: int
    last: int
    primary: Place


Slots: TypeAlias = tuple[Stretch, ...]

Ask: TypeAlias = Callable[..., Awaitable[Any]]
"""As `cache.wire.Wire.ask`."""


@dataclass(frozen=True, slots=True)
class _Told:
    slots: Slots
    nodes: frozenset[Place]


class Topology:
    """Any node is asked that was ever told of, and those of the address, so that any of them may die."""

    def __init__(self, places: tuple[Place, ...], ask: Ask) -> None:
        self.given = places
        self._ask = ask
        self._nodes: frozenset[Place] = frozenset()

    async def slots(self) -> Slots:
        """As most of those see it who are asked. Raises RedisError when none of all nodes answers."""
        nodes = list({*self.given, *self._nodes})
        shuffle(nodes)
        faults: list[str] = []
        for start in range(0, len(nodes), ASKED_AT_ONCE):
            asked = nodes[start : start + ASKED_AT_ONCE]
            answers = await asyncio.gather(*map(self._told_by, asked))
            told = [answer for answer in answers if isinstance(answer, _Told)]
            if told:
                return self._shared(told)
            faults += [f"{node}: {fault}" for node, fault in zip(asked, answers, strict=True)]
        raise BrokenConnection(f"no node of the Cluster tells its slots ({'; '.join(faults)})")

    def _shared(self, told: Sequence[_Told]) -> Slots:
        ((most, _),) = Counter(told).most_common(1)
        self._nodes = most.nodes
        return most.slots

    async def _told_by(self, node: Place) -> _Told | str:
        """Its view, or why there is none."""
        try:
            return _view(await self._ask(node, "CLUSTER", "SLOTS", seconds=ANSWER_SECONDS), node)
        except (RedisError, OSError) as fault:
            return str(fault) or "no answer"


def _view(rows: Sequence[Any], asked: Place) -> _Told:
    """From rows of first slot, last slot, primary, replicas. One without a host has that of the one asked."""
    if not rows:
        raise RedisError("it serves no slots")
    found = [(int(first), int(last), [_place(node, asked) for node in nodes]) for first, last, *nodes in rows]
    slots = sorted(
        (Stretch(first, last, nodes[0]) for first, last, nodes in found), key=lambda each: each.first
    )
    return _Told(tuple(slots), frozenset(node for *_, nodes in found for node in nodes))


def _place(node: Sequence[Any], asked: Place) -> Place:
    host, port, *_ = node
    return Place(host.decode() if host else asked.host, int(port))

"""Several servers under the same load, each in every round and in turn."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.comparison import Comparison, Measurement
from bench.faults import NotMeasured
from bench.load import Generator, Target
from bench.servers import Server

CONNECTIONS: Final = (1, 32, 100)

SECONDS_TO_RECOVER: Final = 1.5
"""After the warm-up: a cache that was given up for slow is tried again within a second."""

MOST_WARM_UPS: Final = 5
SECONDS_OF_REST: Final = 0.1
"""Between slices: what one left unfinished must not be done in the next."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how often: `seconds` for each server at each number of connections in each round."""

    seconds: int
    rounds: int
    connections: Sequence[int] = CONNECTIONS

    def lasts(self, ways: int) -> int:
        """Seconds, for so many ways."""
        return ways * (self.seconds * self.rounds * len(self.connections) + 1)


@dataclass(frozen=True, slots=True)
class Load:
    """Who asks, and how long and how often."""

    generator: Generator
    pace: Pace


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an answer: who gives it, to what, and the name of the way `beside` it."""

    name: str
    server: Server
    target: Target
    beside: str = ""


Measured = Mapping[tuple[str, int], tuple[Measurement, ...]]
"""By the name of the way and the number of connections; the same round at the same place of all."""


def warm_up(ways: Sequence[Way], load: Load) -> None:
    """Fill pools and caches, and compare every byte, until for a second all answers are right.

    Raises NotMeasured when some never are.
    """
    for way in ways:
        settle(way.name, way.target, load.generator, max(load.pace.connections))
    time.sleep(SECONDS_TO_RECOVER)


def settle(name: str, target: Target, generator: Generator, connections: int) -> None:
    """The first answers of a worker may still be others, since they say where they are from."""
    for _ in range(MOST_WARM_UPS):
        sample = generator.drive(target, connections, seconds=1)
        if sample.requests and not sample.wrong:
            return
    raise NotMeasured(
        f"After {MOST_WARM_UPS} warm-ups {name} still gave {sample.wrong} wrong answers of {sample.requests}."
    )


def in_turns(ways: Sequence[Way], load: Load) -> Measured:
    """Raises NotMeasured when an answer was not the right one."""
    measured: dict[tuple[str, int], list[Measurement]] = {}
    for turn in range(load.pace.rounds):
        for connections in load.pace.connections:
            # Whoever comes first in one round comes last in the next.
            for way in ways[:: -1 if turn % 2 else 1]:
                slices = measured.setdefault((way.name, connections), [])
                slices.append(_slice(way, load, connections))
    return {key: tuple(slices) for key, slices in measured.items()}


def _slice(way: Way, load: Load, connections: int) -> Measurement:
    time.sleep(SECONDS_OF_REST)
    before = way.server.cpu_seconds()
    sample = load.generator.drive(way.target, connections, load.pace.seconds, roughly=True)
    used = way.server.cpu_seconds() - before
    if sample.wrong or not sample.requests:
        raise NotMeasured(
            f"{way.name} at {connections} connections: {sample.wrong} failures or answers that are "
            f"not the right one, beside {sample.requests} answers. When Redis answers too late the "
            "database is asked: try again when the machine is quiet."
        )
    per_second = sample.requests / sample.seconds
    return Measurement(per_second, sample.p50_ms, sample.p99_ms, used / sample.requests * 1e6)


def compared(ways: Sequence[Way], load: Load, *labels: str) -> list[Comparison]:
    """One for each number of connections and way; their labels end with that number."""
    measured = in_turns(ways, load)
    return [
        Comparison(
            (*labels, str(each)),
            way.name,
            measured[way.name, each],
            way.beside,
            measured.get((way.beside, each), ()),
        )
        for each in load.pace.connections
        for way in ways
    ]

"""An open load: users ask when it is their time, whether or not those before have been answered.

How long an answer took is counted from when it was due, so whoever falls behind gets no less to do.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import httptools
import uvloop

from bench.load import PATIENCE, Target, percentile, request_of
from servery.embedded.port import HOST

SEED: Final = 5
GRACE_SECONDS: Final = 2.0
"""So long after the last one was due is an answer still waited for."""


@dataclass(frozen=True, slots=True)
class Due:
    """When, in seconds from the start, which user asks which question."""

    at: float
    user: int
    question: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`per_second` requests by `users` in turn, for so many seconds, each for the next question."""

    users: int
    per_second: float
    seconds: float
    patience: float = GRACE_SECONDS

    def due(self, questions: int) -> list[Due]:
        """At random; the same on every run."""
        draw, at = random.Random(SEED), 0.0
        found: list[Due] = []
        while (at := at + draw.expovariate(self.per_second)) < self.seconds:
            found.append(Due(at, len(found) % self.users, len(found) % questions))
        return found


@dataclass(frozen=True, slots=True)
class Rush:
    """All users at once, each with all questions one after the other."""

    users: int
    patience: float = PATIENCE
    seconds: float = 0.0

    def due(self, questions: int) -> list[Due]:
        return [Due(0.0, user, question) for question in range(questions) for user in range(self.users)]


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds of each answer, in order. `lag_ms` is how late the generator itself was, for 99 of 100.

    `wrong` counts answers that differ and failures, `unanswered` those that had not come in time.
    """

    ms: Sequence[float]
    wrong: int
    unanswered: int
    lag_ms: float
    seconds: float

    def percentile(self, percent: int) -> float:
        return percentile(self.ms, percent)

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds


def ask(targets: Sequence[Target], arrivals: Arrivals | Rush) -> Waits:
    """`targets` are the questions, all of one server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_asked(targets, arrivals))


async def _asked(targets: Sequence[Target], arrivals: Arrivals | Rush) -> Waits:
    users = [_User() for _ in range(arrivals.users)]
    for user in users:
        await user.connect(targets[0].port)
    asked = [(target.answer, request_of(target)) for target in targets]
    late = []
    began = time.perf_counter()
    for due in arrivals.due(len(targets)):
        wait = began + due.at - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        late.append(max(0.0, time.perf_counter() - began - due.at) * 1e3)
        users[due.user].ask(began + due.at, *asked[due.question])
    until = time.perf_counter() + arrivals.patience
    while any(user.waiting for user in users) and time.perf_counter() < until:  # noqa: ASYNC110  many users
        await asyncio.sleep(0.002)
    return _told(users, sorted(late), began, arrivals.seconds)


def _told(users: "Sequence[_User]", late: Sequence[float], began: float, seconds: float) -> Waits:
    unanswered = sum(user.waiting for user in users)
    for user in users:
        user.leave()
    took = max([began + seconds, *(user.last for user in users)]) - began
    waits = sorted(wait for user in users for wait in user.waits)
    return Waits(waits, sum(user.wrong for user in users), unanswered, percentile(late, 99), took)


class _User(asyncio.Protocol):
    """One connection; what is due while an answer is under way is sent after it."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.wrong = 0
        self.last = 0.0
        self._queue: deque[tuple[float, bytes, bytes]] = deque()
        self._pieces: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)

    @property
    def waiting(self) -> int:
        return len(self._queue)

    async def connect(self, port: int) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, HOST, port)

    def ask(self, due: float, answer: bytes, request: bytes) -> None:
        self._queue.append((due, answer, request))
        if len(self._queue) == 1:
            self._transport.write(request)

    def leave(self) -> None:
        self._queue.clear()
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports write, though they do not say so by their class.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        self.last = time.perf_counter()
        due, answer, _ = self._queue.popleft()
        self.waits.append((self.last - due) * 1e3)
        # An empty answer stands for any.
        right = not answer or b"".join(self._pieces) == answer
        self.wrong += self._parser.get_status_code() != 200 or not right
        self._pieces.clear()
        if self._queue:
            self._transport.write(self._queue[0][2])

"""Generators of load: as many connections as wanted, each asking again as soon as it was answered."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, cast

import httptools
import uvloop

from servery.embedded.port import HOST

SCRIPT: Final = Path(__file__).with_name("wrk.lua")
FIGURES: Final = "figures "
PATIENCE: Final = 30.0
"""Seconds after which an answer is no longer waited for."""

LARGE: Final = 64_000
"""Above this, comparing an answer costs wrk more than taking it."""

MOST_OF_HEADERS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Target:
    """One question, to one server on loopback, and the bytes of its only right answer."""

    port: int
    question: bytes
    answer: bytes
    path: str = "/graphql"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen in one slice of time. `wrong` counts answers that differ, and failures of any kind."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    wrong: int


class Generator(Protocol):
    """Asks for so many whole seconds; every answer is compared with the right one.

    `roughly`: where that costs more than the answer itself, lengths are compared instead.
    """

    @property
    def name(self) -> str: ...

    def drive(self, target: Target, connections: int, seconds: int, *, roughly: bool = False) -> Sample: ...


def best_generator(folder: Path) -> Generator:
    """wrk where it is installed, else our own: that may take longer for a request than a plain app."""
    program = shutil.which("wrk")
    return Wrk(program, folder) if program else Streams()


class Wrk:
    """One thread of wrk. `folder` is for the files that its script reads."""

    name = "wrk"

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._question = folder / "question"
        self._answer = folder / "answer"

    def drive(self, target: Target, connections: int, seconds: int, *, roughly: bool = False) -> Sample:
        """Answers that are under way when the time is over are not counted."""
        by_length = roughly and len(target.answer) > LARGE
        self._question.write_bytes(target.question)
        self._answer.write_bytes(b"" if by_length else target.answer)
        command = [self._program, "--threads", "1", "--connections", str(connections)]
        command += ["--duration", f"{seconds}s", "--timeout", f"{PATIENCE:.0f}s", "--script", str(SCRIPT)]
        command += [f"http://{HOST}:{target.port}{target.path}", "--"]
        command += [str(self._question), str(self._answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = [line for line in done.stdout.splitlines() if line.startswith(FIGURES)]
        if done.returncode or not told:
            raise RuntimeError(f"wrk ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        figures = json.loads(told[0].removeprefix(FIGURES))
        received = figures.pop("bytes")
        sample = Sample(**figures)
        if by_length and not _right_length(received, sample.requests, len(target.answer), connections):
            return replace(sample, wrong=max(1, sample.wrong))
        return sample


def _right_length(received: int, requests: int, length: int, connections: int) -> bool:
    """Whether so many bytes are these answers, their headers, and those that were under way."""
    most = length + MOST_OF_HEADERS
    return requests * length <= received <= (requests + connections) * most


class Streams:
    """Our own, on uvloop and httptools, which the servers need anyway."""

    name = "own generator (wrk is not installed)"

    def drive(
        self,
        target: Target,
        connections: int,
        seconds: int,
        *,
        roughly: bool = False,  # noqa: ARG002  a generator's
    ) -> Sample:
        """Every request that was sent is waited for, and counted."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_asked(target, connections, seconds))


async def _asked(target: Target, connections: int, seconds: int) -> Sample:
    began = time.perf_counter()
    askers = [_Asker(target, began + seconds) for _ in range(connections)]
    for asker in askers:
        await asker.connect()
    _, waiting = await asyncio.wait([asker.ended for asker in askers], timeout=seconds + PATIENCE)
    took = time.perf_counter() - began
    waits = sorted(wait for asker in askers for wait in asker.waits)
    wrong = sum(asker.wrong for asker in askers) + len(waiting)
    return Sample(len(waits), took, percentile(waits, 50) * 1e3, percentile(waits, 99) * 1e3, wrong)


class _Asker(asyncio.Protocol):
    """One connection. `ended` is set once it is closed, by either side."""

    def __init__(self, target: Target, until: float) -> None:
        self.waits: list[float] = []
        self.wrong = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._request = request_of(target)
        self._until = until
        self._waiting = False
        self._pieces: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, HOST, self._target.port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports write, though they do not say so by their class.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, _: Exception | None) -> None:
        self.wrong += self._waiting
        self.ended.set_result(None)

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self._waiting = False
        self.waits.append(now - self._sent)
        self.wrong += self._parser.get_status_code() != 200 or b"".join(self._pieces) != self._target.answer
        if now < self._until:
            self._ask()
        else:
            self._transport.close()

    def _ask(self) -> None:
        self._pieces.clear()
        self._waiting = True
        self._sent = time.perf_counter()
        self._transport.write(self._request)


def request_of(target: Target) -> bytes:
    """As it travels."""
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {HOST}:{target.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(target.question)}\r\n\r\n"
    )
    return head.encode() + target.question


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed; 0 of none."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0.0

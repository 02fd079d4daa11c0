"""The benchmarks measure what they say: tiny runs against real servers, and the arithmetic by hand."""

import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
import redis
from rich.console import Console

from bench.cached_answer import Pace, cache_answer, compare
from bench.comparison import FIGURES, Comparison, Measurement, table_of
from bench.faults import NotMeasured
from bench.load import Generator, Sample, Streams, Target, Wrk, percentile
from bench.report import Report, markdown, show
from bench.servers import (
    App,
    Reply,
    cores_of_this_machine,
    pinned_here,
    plain_app,
    post,
    served,
    servery_app,
)

ANSWER: Final = b'{"data":{"dishes":' + b"1" * 20_000 + b"}}"
REPLY: Final = Reply((("content-length", str(len(ANSWER))), ("x-dish", "soup")), ANSWER)
NO_REDIS: Final = "redis://127.0.0.1:1/0"

TWO_ROUNDS: Final = Comparison(
    connections=8,
    servery=(Measurement(100, 2.0, 4.0, 900), Measurement(300, 1.0, 2.0, 800)),
    plain=(Measurement(1000, 0.5, 1.0, 30), Measurement(2000, 0.25, 1.0, 40)),
)


@dataclass(frozen=True, slots=True)
class Forgetful:
    """A generator whose every slice begins with an empty cache, and tells what it is given to tell."""

    redis_url: str
    sample: Sample
    name: str = "forgetful"

    def drive(self, target: Target, connections: int, seconds: int) -> Sample:  # noqa: ARG002  a generator's
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushdb()
        post(target.port, target.question)
        return self.sample


@pytest.fixture(params=["wrk", "own"])
def generator(request: pytest.FixtureRequest, tmp_path: Path) -> Generator:
    if request.param == "own":
        return Streams()
    program = shutil.which("wrk")
    if program is None:
        pytest.skip("wrk is not installed")
    return Wrk(program, tmp_path)


@pytest.fixture
def plain(tmp_path: Path) -> App:
    return plain_app(REPLY, tmp_path)


@pytest.mark.integration
def test_the_plain_app_gives_the_reply_it_holds(plain: App, tmp_path: Path) -> None:
    with served(plain, tmp_path, None) as server:
        assert post(server.port, b"{}" * 100_000) == REPLY


@pytest.mark.integration
def test_a_generator_counts_right_answers(plain: App, generator: Generator, tmp_path: Path) -> None:
    with served(plain, tmp_path, None) as server:
        sample = generator.drive(Target(server.port, b"{}", ANSWER), connections=3, seconds=1)

    assert sample.requests > 10
    assert sample.wrong == 0
    assert 0 < sample.p50_ms <= sample.p99_ms < 1000
    assert 0.9 < sample.seconds < 10


@pytest.mark.integration
def test_a_generator_sees_one_wrong_byte(plain: App, generator: Generator, tmp_path: Path) -> None:
    other = ANSWER[:-3] + b"2}}"

    with served(plain, tmp_path, None) as server:
        sample = generator.drive(Target(server.port, b"{}", other), connections=2, seconds=1)

    assert sample.wrong >= sample.requests > 0


def test_our_own_generator_counts_a_hang_up_as_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as thread:
        hung_up = thread.submit(hang_up_on_one, listening)
        target = Target(listening.getsockname()[1], b"{}", ANSWER)
        sample = Streams().drive(target, connections=1, seconds=1)
        hung_up.result()

    assert (sample.requests, sample.wrong) == (0, 1)


@pytest.mark.integration
def test_a_cached_answer_is_compared_with_the_same_bytes(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    app = servery_app(restaurant_url, redis_url)
    pace = Pace(seconds=1, rounds=1, connections=(2,))

    found = compare(app, Streams(), pace, tmp_path, cores_of_this_machine())

    assert (found.cached.source, found.cached.rows, found.cached.columns) == ("MEMORY", 100, 5)
    assert (tmp_path / "held").read_bytes() == found.cached.reply.body
    [comparison] = found.comparisons
    assert comparison.connections == 2
    assert all(figure(comparison.servery[0]) > 0 for figure in FIGURES.values())
    assert comparison.ratio(FIGURES["CPU µs/request"]).median > 1


@pytest.mark.integration
@pytest.mark.parametrize(
    ("wrong", "complaint"), [(0, "Not every answer was a hit"), (3, "3 failures or answers")]
)
def test_a_run_that_was_not_all_hits_is_refused(
    restaurant_url: str, redis_url: str, tmp_path: Path, wrong: int, complaint: str
) -> None:
    app = servery_app(restaurant_url, redis_url)
    forgetful = Forgetful(redis_url, Sample(1, 1.0, 1.0, 1.0, wrong))

    with pytest.raises(NotMeasured, match=complaint):
        compare(app, forgetful, Pace(seconds=1, rounds=1, connections=(2,)), tmp_path, None)


@pytest.mark.integration
def test_nothing_is_measured_without_a_cache(restaurant_url: str, tmp_path: Path) -> None:
    app = servery_app(restaurant_url, NO_REDIS)

    with served(app, tmp_path, None) as server, pytest.raises(NotMeasured, match="not cached"):
        cache_answer(server)


@pytest.mark.integration
def test_the_time_of_a_process_is_its_own(plain: App, tmp_path: Path) -> None:
    with served(plain, tmp_path, None) as server:
        before = server.cpu_seconds()
        Streams().drive(Target(server.port, b"{}", ANSWER), connections=4, seconds=1)

        assert 0.05 < server.cpu_seconds() - before < 2


def test_a_pinned_block_gives_the_cores_back() -> None:
    cores = cores_of_this_machine()
    if cores is None:
        pytest.skip("needs two cores and Linux")
    before = os.sched_getaffinity(0)

    with pinned_here(cores.load):
        assert os.sched_getaffinity(0) == {cores.load}

    assert os.sched_getaffinity(0) == before


def test_ratios_are_taken_round_by_round() -> None:
    ratio = TWO_ROUNDS.ratio(FIGURES["requests/s"])

    assert (ratio.median, ratio.least, ratio.most) == (0.125, 0.1, 0.15)


def test_the_report_shows_medians_and_the_spread_of_ratios() -> None:
    report = Report("Title", {"load": "wrk"}, table_of((TWO_ROUNDS,)))

    lines = markdown(report).splitlines()

    assert lines == [
        "**Title**",
        "",
        "| connections | server | requests/s | p50 ms | p99 ms | CPU µs/request |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
        "| 8 | Servery | 200 | 1.5 | 3 | 850 |",
        "|  | plain ASGI | 1,500 | 0.375 | 1 | 35 |",
        "|  | ratio | 0.125 | 4 | 3 | 25 |",
        "|  | at least | 0.1 | 4 | 2 | 20 |",
        "|  | at most | 0.15 | 4 | 4 | 30 |",
        "",
        "- load: wrk",
    ]


def test_the_terminal_shows_the_same_figures() -> None:
    console = Console(record=True, width=80, file=StringIO())

    show(Report("Title", {"load": "wrk [own]"}, table_of((TWO_ROUNDS,))), console)

    told = console.export_text()
    assert "load: wrk [own]" in told
    assert all(word in told for word in ("Title", "plain ASGI", "850", "0.125"))


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (75, 3.0), (99, 4.0)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected
    assert percentile([], percent) == 0


def hang_up_on_one(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(1)

"""The generators count what they say, and a cached answer is measured only where it is one."""

import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import redis

from bench.cached import QUESTIONS, cache_answer
from bench.cached_answer import LIMITS, MEMORY, REDIS, apps_of, compare, targets
from bench.comparison import FIGURES
from bench.example import Example
from bench.faults import NotMeasured
from bench.load import LARGE, Generator, Sample, Streams, Target, Wrk
from bench.servers import (
    App,
    Reply,
    all_served,
    cores_of_this_machine,
    pinned_here,
    plain_app,
    plain_redis_app,
    post,
    served,
    servery_app,
)
from bench.turns import Load, Pace

ANSWER: Final = b'{"data":{"dishes":' + b"1" * 20_000 + b"}}"
REPLY: Final = Reply((("content-length", str(len(ANSWER))), ("x-dish", "soup")), ANSWER)
NO_REDIS: Final = "redis://127.0.0.1:1/0"
SHORT: Final = Pace(seconds=1, rounds=1, connections=(2,))


@dataclass(frozen=True, slots=True)
class Forgetful:
    """A generator whose slices begin with an empty cache, and tell what they are given to tell."""

    redis_url: str
    warm: Sample
    sample: Sample
    name: str = "forgetful"

    def drive(
        self,
        target: Target,
        connections: int,  # noqa: ARG002  a generator's
        seconds: int,  # noqa: ARG002  a generator's
        *,
        roughly: bool = False,
    ) -> Sample:
        if not roughly:
            return self.warm
        with redis.Redis.from_url(self.redis_url) as client:
            client.delete(*client.scan_iter("Servery:*"), "Servery:nothing")
        post(target.port, target.question)
        return self.sample


@pytest.fixture(params=["wrk", "own"])
def generator(request: pytest.FixtureRequest, tmp_path: Path) -> Generator:
    return Streams() if request.param == "own" else wrk_in(tmp_path)


@pytest.fixture
def plain(tmp_path: Path) -> App:
    return plain_app(REPLY, tmp_path)


@pytest.mark.integration
def test_the_plain_app_gives_the_reply_it_holds(plain: App, tmp_path: Path) -> None:
    with served(plain, tmp_path, None) as server:
        assert post(server.port, b"{}" * 100_000) == REPLY


@pytest.mark.integration
def test_the_other_plain_app_gets_its_reply_from_redis(redis_url: str, tmp_path: Path) -> None:
    app = plain_redis_app(REPLY, redis_url)

    with served(app, tmp_path, None) as server, redis.Redis.from_url(redis_url) as client:
        assert post(server.port, b"{}") == REPLY

        other = ANSWER.replace(b"1", b"2")
        client.set(app.environment["BENCH_KEY"], other)

        assert post(server.port, b"{}").body == other


@pytest.mark.integration
def test_a_generator_counts_right_answers(plain: App, generator: Generator, tmp_path: Path) -> None:
    with served(plain, tmp_path, None) as server:
        sample = generator.drive(Target(server.port, b"{}", ANSWER), connections=3, seconds=1)

    assert sample.requests > 10
    assert sample.wrong == 0
    assert 0 < sample.p50_ms <= sample.p99_ms < 1000
    assert 0.9 < sample.seconds < 10


@pytest.mark.integration
@pytest.mark.parametrize("roughly", [True, False])
def test_a_generator_sees_one_wrong_byte(
    plain: App, generator: Generator, tmp_path: Path, *, roughly: bool
) -> None:
    other = ANSWER[:-3] + b"2}}"

    with served(plain, tmp_path, None) as server:
        target = Target(server.port, b"{}", other)
        sample = generator.drive(target, connections=2, seconds=1, roughly=roughly)

    assert sample.wrong >= sample.requests > 0


@pytest.mark.integration
def test_large_answers_are_compared_by_their_length(tmp_path: Path) -> None:
    wrk, large = wrk_in(tmp_path), b"x" * (LARGE + 1_000)
    app = plain_app(Reply((("content-length", str(len(large))),), large), tmp_path)

    with served(app, tmp_path, None) as server:
        right, changed, longer = (
            wrk.drive(Target(server.port, b"{}", answer), 2, 1, roughly=True)
            for answer in (large, b"y" * len(large), large + b"x" * 2_000)
        )
        exactly = wrk.drive(Target(server.port, b"{}", b"y" * len(large)), 2, 1)

    assert (right.wrong, changed.wrong) == (0, 0)
    assert longer.wrong > 0
    assert exactly.wrong >= exactly.requests > 0


def test_our_own_generator_counts_a_hang_up_as_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as thread:
        hung_up = thread.submit(hang_up_on_one, listening)
        target = Target(listening.getsockname()[1], b"{}", ANSWER)
        sample = Streams().drive(target, connections=1, seconds=1)
        hung_up.result()

    assert (sample.requests, sample.wrong) == (0, 1)


@pytest.mark.integration
def test_each_way_to_a_cached_answer_stands_beside_its_limit(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    apps = apps_of(Example(restaurant_url, redis_url))

    with all_served(apps, tmp_path, cores_of_this_machine()) as servers:
        found = compare(servers, QUESTIONS[10], redis_url, Load(Streams(), SHORT), tmp_path)

    assert (found.cached.source, found.cached.rows, found.cached.columns) == ("MEMORY", 10, 5)
    assert (tmp_path / "plain_ASGI.held").read_bytes() == found.cached.reply.body
    assert {each.name: each.beside for each in found.comparisons if each.limit} == dict(LIMITS)
    assert all(each.median(figure) > 0 for each in found.comparisons for figure in FIGURES)
    assert targets([found]) == "none: they are for 32 connections"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("warm", "wrong", "complaint"),
    [
        (0, 0, "Not every answer of Servery, memory was a hit"),
        (0, 3, "3 failures or answers"),
        (1, 0, "After 5 warm-ups plain ASGI still gave 1 wrong answers of 1"),
    ],
)
def test_a_run_that_was_not_all_hits_is_refused(
    restaurant_url: str, redis_url: str, tmp_path: Path, warm: int, wrong: int, complaint: str
) -> None:
    app = servery_app(restaurant_url, redis_url)
    forgetful = Forgetful(redis_url, Sample(1, 1.0, 1.0, 1.0, warm), Sample(9, 1.0, 1.0, 1.0, wrong))
    load = Load(forgetful, SHORT)

    with served(app, tmp_path, None) as server, pytest.raises(NotMeasured, match=complaint):
        compare({MEMORY: server, REDIS: server}, QUESTIONS[10], redis_url, load, tmp_path)


@pytest.mark.integration
def test_nothing_is_measured_without_a_cache(restaurant_url: str, tmp_path: Path) -> None:
    app = servery_app(restaurant_url, NO_REDIS)

    with served(app, tmp_path, None) as server, pytest.raises(NotMeasured, match="not cached"):
        cache_answer(server, QUESTIONS[100])


@pytest.mark.integration
def test_a_question_has_as_many_rows_as_it_says(restaurant_url: str, redis_url: str, tmp_path: Path) -> None:
    with served(servery_app(restaurant_url, redis_url), tmp_path, None) as server:
        cached = cache_answer(server, QUESTIONS[100])

    assert (cached.rows, cached.columns) == (100, 5)
    assert cached.size.startswith("100 rows x 5 columns, 13,")


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


def wrk_in(folder: Path) -> Wrk:
    program = shutil.which("wrk")
    if program is None:
        pytest.skip("wrk is not installed")
    return Wrk(program, folder)


def hang_up_on_one(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(1)

"""Memory is sampled while the load is as mixed as it says, and a start ends with an answer out of Redis."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from bench.example import Example
from bench.faults import NotMeasured
from bench.memory import QUARTERS, Sample, limit_mb, quarters, table_of, under_load
from bench.mixture import CLEARS, KINDS, WRONG, Draw, known_question, large_question, question
from bench.servers import ADMINISTRATOR, post, served
from bench.starting import Starts, start_times


def test_the_table_shows_each_quarter_of_the_time() -> None:
    samples = [Sample(at / 10, 100 + at) for at in range(101)]

    assert quarters(samples) == [100, 125, 150, 175, 200]
    [row] = table_of([*samples, Sample(10.0, 260)]).rows
    assert row == ("resident MB", "100", "125", "150", "175", "200", "260", "214")
    assert limit_mb() == 64 + 150
    assert len(QUARTERS) == 5


def test_known_questions_come_again_and_new_ones_do_not() -> None:
    draw = Draw(1)

    known = {known_question(draw) for _ in range(5_000)}
    new = {question(draw) for _ in range(5_000)}

    assert 250 < len(known) <= 300
    assert len(new) > 4_900
    assert sum(weight for weight, _ in KINDS.values()) == 100


@pytest.fixture
def port(restaurant_url: str, redis_url: str, tmp_path: Path) -> Iterator[int]:
    app = Example(restaurant_url, redis_url).servery(SERVERY_ADMIN_TOKEN=ADMINISTRATOR)
    with served(app, tmp_path, None) as server:
        yield server.port


@pytest.mark.integration
def test_right_requests_are_right_and_wrong_ones_wrong(port: int) -> None:
    draw = Draw(3)
    right = [find(draw) for name, (_, find) in KINDS.items() if name != "wrong requests" for _ in range(9)]

    assert not [body for body in right if b'"errors"' in post(port, body).body]
    assert b'"rows"' not in post(port, large_question(draw)).body
    for text in CLEARS:
        told = post(port, orjson.dumps({"query": text}), Authorization=f"Bearer {ADMINISTRATOR}").body
        assert b'"errors"' not in told
    for wrong in WRONG[:-1]:
        assert b'"errors"' in post(port, orjson.dumps(wrong)).body
    with pytest.raises(RuntimeError, match="400"):
        post(port, orjson.dumps(WRONG[-1]))


@pytest.mark.integration
def test_a_worker_is_watched_under_a_mixed_load(restaurant_url: str, redis_url: str, tmp_path: Path) -> None:
    app = Example(restaurant_url, redis_url).servery(SERVERY_ADMIN_TOKEN=ADMINISTRATOR)

    samples, counts = under_load(app, tmp_path, None, seconds=3)

    assert set(KINDS) <= set(counts.kinds) <= {*KINDS, "clears"}
    assert counts.total() > 30
    assert 2.5 < samples[-1].at < 4
    assert all(50 < sample.mb < limit_mb() for sample in samples)


@pytest.mark.integration
def test_a_start_ends_with_an_answer(restaurant_url: str, redis_url: str) -> None:
    starts = start_times(Example(restaurant_url, redis_url), rounds=1)

    assert 0.3 < starts.answers[0] < 30
    assert 0.1 < starts.imports[0] < 30


def test_starts_are_a_table() -> None:
    first, second = Starts((1.0, 3.0), (0.5, 1.0)).table().rows

    assert first == ("servery serve, to the first answer", "2", "1", "3", "2.5", "2", "3")
    assert second == ("imports alone", "0.75", "0.5", "1", "", "", "")


@pytest.mark.integration
def test_a_start_whose_answer_was_not_cached_is_refused(restaurant_url: str) -> None:
    with pytest.raises(NotMeasured, match="not come out of Redis in 4 starts: DATABASE"):
        start_times(Example(restaurant_url, "redis://127.0.0.1:1/0"), rounds=1)

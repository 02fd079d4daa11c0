from random import Random

import pytest

from cache.histogram import BUCKETS, Histogram, Latencies, bucket_of, middle_of


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 0.99, 1.0])
def test_a_percentile_is_right_to_a_tenth(share: float) -> None:
    dice, histogram = Random(7), Histogram()
    took = sorted(dice.lognormvariate(1, 2) for _ in range(2_000))
    for ms in took:
        histogram.record(ms)

    told = histogram.latencies().percentile(share)

    exact = took[max(0, round(share * 2_000) - 1)]
    assert told == pytest.approx(exact, rel=0.1)


def test_before_the_first_there_is_no_percentile() -> None:
    assert Histogram().latencies().percentile(0.5) is None


def test_a_bucket_without_durations_is_no_percentile() -> None:
    assert Latencies({5: 0}).percentile(0.0) is None


def test_one_duration_is_every_percentile() -> None:
    histogram = Histogram()
    histogram.record(12)

    told = histogram.latencies()

    assert [told.percentile(share) for share in (0.01, 0.5, 1)] == [pytest.approx(12, rel=0.1)] * 3
    assert (told.count, told.sum_ms) == (1, 12)


@pytest.mark.parametrize("ms", [0.0, -1.0, 1e-9, 1e12])
def test_no_duration_is_too_short_or_too_long(ms: float) -> None:
    histogram = Histogram()

    histogram.record(ms)

    assert histogram.latencies().count == 1


def test_the_buckets_hold_a_microsecond_and_a_quarter_of_an_hour() -> None:
    assert 0 < bucket_of(0.002) < bucket_of(800_000) < BUCKETS - 1


@pytest.mark.parametrize("number", range(1, BUCKETS - 1))
def test_the_middle_of_a_bucket_lies_in_it(number: int) -> None:
    assert bucket_of(middle_of(number)) == number


def test_those_of_two_processes_are_added() -> None:
    one, other, both = Histogram(), Histogram(), Histogram()
    for histogram in (one, both):
        histogram.record(1)
    for histogram in (other, both):
        histogram.record(1)
        histogram.record(50)

    assert one.latencies() + other.latencies() == both.latencies()
    assert one.latencies() + Latencies() == one.latencies()


def test_what_was_told_does_not_grow_with_what_comes_after() -> None:
    histogram = Histogram()
    told = histogram.latencies()

    histogram.record(1)

    assert told.count == 0

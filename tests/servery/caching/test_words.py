import pytest

from servery.caching.words import duration, many, size


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 ms"),
        (0.0512, "0.0512 ms"),
        (12, "12 ms"),
        (999, "999 ms"),
        (1_000, "1 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (61_000, "1 min 1 s"),
        (3_840_000, "1 h 4 min"),
        (3_601_000, "1 h"),
        (90_000_000, "1 d 1 h"),
        (400 * 86_400_000, "400 d"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(ms: float, words: str) -> None:
    assert duration(ms) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (1_023, "1,023 bytes"), (1_536, "1.5 kB"), (3 * 1024**3, "3.0 GB")],
)
def test_a_size_is_told_in_the_largest_unit_that_it_fills(count: int, words: str) -> None:
    assert size(count) == words


def test_one_is_one_and_two_are_many() -> None:
    assert (many(1, "answer"), many(2_000, "answer")) == ("1 answer", "2,000 answers")
    assert (many(1, "process", "es"), many(2, "process", "es")) == ("1 process", "2 processes")

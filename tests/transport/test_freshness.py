"""How long others may keep an answer: as long as its worst part is good, and never longer than we say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from cache.hit import Source
from cache.lifetime import ANY, Freshness, Lifetime, Use
from servery.transport.freshness import Left, cache_control, left_of

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
LIFETIME = Lifetime(300_000, 360_000, 3_600_000)


@dataclass(frozen=True, slots=True)
class Known:
    age_ms: int = 0
    lifetime: Lifetime | None = LIFETIME
    source: Source = Source.MEMORY
    until: datetime | None = None


def left(answer: Known, accepted: Freshness = ANY) -> Left | None:
    return left_of(answer, accepted, NOW)


def told(*lefts: Left | None, most_s: int = 100_000, private: bool = False) -> str:
    return cache_control(lefts, private=private, most_s=most_s).decode()


def test_what_is_left_counts_from_when_the_data_was_read() -> None:
    assert left(Known(age_ms=100_000)) == Left(200_000, 260_000)


@pytest.mark.parametrize("source", [Source.MEMORY, Source.REDIS, Source.DATABASE])
def test_it_does_not_matter_where_an_answer_came_from(source: Source) -> None:
    assert left(Known(source=source)) == Left(300_000, 360_000)


def test_nothing_is_left_past_the_moment_when_the_dates_mean_others() -> None:
    assert left(Known(until=NOW + timedelta(seconds=90))) == Left(90_000, 90_000)
    assert left(Known(until=NOW + timedelta(seconds=330))) == Left(300_000, 330_000)


def test_nothing_is_left_past_the_age_that_was_asked_for() -> None:
    assert left(Known(age_ms=10_000), Freshness(max_age_ms=60_000)) == Left(50_000, 50_000)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        (Known(lifetime=None), ANY),
        (Known(source=Source.STALE), ANY),
        (Known(), Freshness(Use.REFRESH)),
        (Known(), Freshness(Use.BYPASS)),
    ],
)
def test_some_answers_must_be_asked_for_each_time(answer: Known, accepted: Freshness) -> None:
    assert left(answer, accepted) is None
    assert told(Left(1000, 1000), left(answer, accepted)) == "no-store"


def test_seconds_are_whole_and_never_rounded_up() -> None:
    assert told(Left(61_999, 120_999)) == "public, max-age=61, stale-while-revalidate=59"


def test_a_response_is_as_good_as_the_worst_in_it() -> None:
    assert told(Left(9000, 90_000), Left(80_000, 81_000)) == "public, max-age=9, stale-while-revalidate=72"


def test_what_only_one_may_see_is_kept_by_nobody_else() -> None:
    assert told(Left(9000, 9000), private=True) == "private, max-age=9"


def test_a_setting_caps_either_time() -> None:
    assert told(Left(900_000, 960_000), most_s=60) == "public, max-age=60, stale-while-revalidate=60"
    assert told(Left(10_000, 960_000), most_s=60) == "public, max-age=10, stale-while-revalidate=60"
    assert told(Left(900_000, 960_000), most_s=0) == "public, no-cache"
    assert told(Left(900_000, 960_000), most_s=0, private=True) == "private, no-cache"


def test_an_answer_at_its_end_may_be_shown_while_the_next_is_fetched() -> None:
    assert told(Left(400, 60_000)) == "public, max-age=0, stale-while-revalidate=60"


@pytest.mark.parametrize("over", [Left(0, 0), Left(-5000, -1), Left(-5000, 999)])
def test_an_answer_past_its_end_is_asked_for(over: Left) -> None:
    assert told(over) == "public, no-cache"

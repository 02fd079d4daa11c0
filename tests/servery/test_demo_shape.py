from datetime import UTC, date, datetime

import numpy as np
import pytest

from servery.demo.shape import (
    Days,
    bad_week,
    day_weights,
    first_day,
    hour_weights,
    microseconds,
    promotion_day,
)

UNTIL = date(2026, 11, 22)


def test_the_example_covers_24_months_that_end_on_the_last_day() -> None:
    days = Days.until(UNTIL)

    assert (days.first, days.last, len(days)) == (date(2024, 11, 23), UNTIL, 730)


def test_a_leap_day_as_the_last_day_has_a_first_day() -> None:
    assert first_day(date(2024, 2, 29)) == date(2022, 3, 1)
    assert first_day(date(2026, 2, 28)) == date(2024, 2, 29)


def test_local_midnight_is_counted_as_postgresql_counts_it() -> None:
    in_utc = datetime(2026, 11, 22, 3, tzinfo=UTC)

    since = (in_utc - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()

    assert microseconds(UNTIL) == since * 1_000_000


def test_summer_time_of_earlier_years_is_known() -> None:
    assert microseconds(date(2018, 1, 15)) - microseconds(date(2018, 1, 14)) == 86_400_000_000
    # In the night to this day clocks went back by an hour.
    assert microseconds(date(2018, 2, 19)) - microseconds(date(2018, 2, 17)) == 49 * 3_600_000_000


@pytest.mark.parametrize("last", [UNTIL, date(2026, 1, 1), date(2024, 2, 29)])
def test_the_bad_week_is_a_whole_week_well_before_the_promotion(last: date) -> None:
    monday, sunday = bad_week(last)

    assert (monday.weekday(), sunday.weekday(), (sunday - monday).days) == (0, 6, 6)
    assert first_day(last) < monday < sunday < promotion_day(last) < last


def test_the_days_of_the_bad_week_weigh_forty_percent_less_than_a_week_earlier() -> None:
    days = Days.until(UNTIL)
    start = (bad_week(UNTIL)[0] - days.first).days

    weights = day_weights(days)

    assert weights[start : start + 7].sum() / weights[start - 7 : start].sum() == pytest.approx(0.6, abs=0.03)


def test_there_are_24_hours_in_every_row_of_weights() -> None:
    assert hour_weights().shape == (4, 24)
    assert np.all(hour_weights() >= 0)

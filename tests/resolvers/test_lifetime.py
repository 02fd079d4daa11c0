"""How long answers are good, by their youngest data."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cache.lifetime import Lifetime
from model.dates import CompareTo, Current, DateRange, Last
from model.grain import Grain
from model.query import Top, Window
from resolvers.lifetime import LifetimeRules
from tests.plan.questions import RESTAURANT
from tests.resolvers.dependent import NOW, SMALL, days, instants, plan

RULES = LifetimeRules()
TODAY, RECENT, OLD = RULES.today, RULES.recent, RULES.old


def soft(range_: DateRange | None, *, now: datetime = NOW, **asked: Any) -> timedelta:
    """How long an answer is fresh."""
    found = RULES.of(RESTAURANT, plan(range_=range_, **asked), now)
    return timedelta(milliseconds=found.soft_ms)


@pytest.mark.parametrize(
    ("range_", "wanted"),
    [
        (None, TODAY),
        (days("2026-01-01", None), TODAY),
        (days(None, "2026-06-15"), TODAY),
        (days("2026-06-15", "2026-06-15"), TODAY),
        (days("2026-06-01", "2027-01-01"), TODAY),
        (days("2026-06-14", "2026-06-14"), RECENT),
        (days(None, "2026-06-14"), RECENT),
        (days("2020-01-01", "2026-05-16"), RECENT),
        (days("2020-01-01", "2026-05-15"), OLD),
        (days(None, "2026-05-15"), OLD),
        (Current(Grain.MONTH), TODAY),
        (Last(7, Grain.DAY), RECENT),
        (Last(7, Grain.DAY, include_current=True), TODAY),
        (Current(Grain.YEAR, offset=-1), OLD),
    ],
)
def test_the_youngest_day_of_the_range_decides(range_: DateRange | None, wanted: timedelta) -> None:
    assert soft(range_) == wanted


def test_today_begins_at_midnight_in_the_zone_of_the_model() -> None:
    """São Paulo is three hours behind UTC."""
    yesterday = days("2026-06-14", "2026-06-14")

    assert soft(yesterday, now=datetime(2026, 6, 15, 2, 59, tzinfo=UTC)) == TODAY
    assert soft(yesterday, now=datetime(2026, 6, 15, 3, 0, tzinfo=UTC)) == RECENT


def test_the_last_moment_of_a_range_is_not_in_it() -> None:
    midnight = "2026-06-15T03:00:00+00:00"

    assert soft(instants("2026-06-01T00:00:00+00:00", midnight)) == RECENT
    assert soft(instants(midnight, "2026-06-15T03:00:00.000001+00:00")) == TODAY


def test_a_day_of_another_zone_lasts_into_today() -> None:
    yesterday = days("2026-06-14", "2026-06-14")

    assert soft(yesterday, timezone="America/Los_Angeles") == TODAY
    assert soft(yesterday, timezone="Asia/Kolkata") == RECENT


def test_dates_are_the_days_that_are_asked_for() -> None:
    asked = plan(
        "orders_made", model=SMALL, range_=days("2026-06-01", "2026-06-14"), timezone="America/Los_Angeles"
    )

    assert RULES.of(SMALL, asked, NOW).soft_ms == RECENT / timedelta(milliseconds=1)


def test_rows_whose_time_another_table_tells_are_as_old_as_that() -> None:
    assert soft(days("2026-01-01", "2026-01-31"), metrics="qtd_produtos") == OLD


def test_the_youngest_of_two_ranges_decides() -> None:
    old = days("2026-01-01", "2026-01-31")

    assert soft(old, compare=days("2026-06-01", "2026-06-15")) == TODAY
    assert soft(old, compare=days("2026-06-01", "2026-06-10")) == RECENT
    assert soft(days("2026-06-01", "2026-06-10"), compare=CompareTo.PREVIOUS_YEAR) == RECENT


def test_windows_and_rankings_are_as_young_as_the_range() -> None:
    asked = plan(
        "faturamento",
        "time__day",
        "store",
        range_=days("2026-01-01", "2026-01-31"),
        top=Top(3, "valor_pago", "store"),
    )
    windows = plan("faturamento", "time__day", windows=(Window("faturamento", rolling=7),))

    assert RULES.of(RESTAURANT, asked, NOW).soft_ms == OLD / timedelta(milliseconds=1)
    assert RULES.of(RESTAURANT, windows, NOW).soft_ms == OLD / timedelta(milliseconds=1)


def test_rows_without_a_time_may_be_of_today() -> None:
    asked = plan("banners_known", model=SMALL, range_=None)

    assert RULES.of(SMALL, asked, NOW).soft_ms == TODAY / timedelta(milliseconds=1)


def test_the_rules_are_settings() -> None:
    rules = LifetimeRules(
        today=timedelta(seconds=1),
        recent=timedelta(seconds=2),
        old=timedelta(seconds=3),
        while_revalidating=timedelta(seconds=4),
        if_error=timedelta(seconds=5),
    )

    found = [
        rules.of(RESTAURANT, plan(range_=range_), NOW)
        for range_ in (None, Last(1, Grain.DAY), days("2026-01-01", "2026-01-01"))
    ]

    assert found == [
        Lifetime(1000, 5000, 6000),
        Lifetime(2000, 6000, 7000),
        Lifetime(3000, 7000, 8000),
    ]

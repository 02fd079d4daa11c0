from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.dates import Current, DateRange, Days, Instants, Interval, Last, ToDate
from model.faults import Fault
from model.grain import Grain
from plan.ranges import midnight, resolve, shifted, start_of, zone_of

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2024, 3, 8, 15, tzinfo=UTC)


def days_of(
    asked: DateRange, now: datetime = NOW, zone: ZoneInfo = SAO_PAULO, week_start: int = 1
) -> list[str]:
    found = resolve(asked, now, zone, week_start)
    return [str(found.first), str(found.last)]


def test_plain_days_include_both_ends_and_become_half_open_instants() -> None:
    found = resolve(Days(date(2026, 1, 1), date(2026, 1, 31)), NOW, SAO_PAULO)

    assert found == Interval(
        datetime(2026, 1, 1, 3, tzinfo=UTC),
        datetime(2026, 2, 1, 3, tzinfo=UTC),
        date(2026, 1, 1),
        date(2026, 1, 31),
    )


@pytest.mark.parametrize(
    ("first", "last"), [(None, date(2026, 1, 1)), (date(2026, 1, 1), None), (None, None)]
)
def test_a_missing_day_leaves_that_side_open(first: date | None, last: date | None) -> None:
    found = resolve(Days(first, last), NOW, SAO_PAULO)

    assert (found.start is None, found.end is None) == (first is None, last is None)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Last(7, Grain.DAY), ["2024-03-01", "2024-03-07"]),
        (Last(7, Grain.DAY, include_current=True), ["2024-03-02", "2024-03-08"]),
        (Last(1, Grain.DAY, offset=-1), ["2024-03-06", "2024-03-06"]),
        (Last(2, Grain.WEEK), ["2024-02-19", "2024-03-03"]),
        (Last(1, Grain.MONTH), ["2024-02-01", "2024-02-29"]),
        (Last(12, Grain.MONTH), ["2023-03-01", "2024-02-29"]),
        (Last(1, Grain.QUARTER), ["2023-10-01", "2023-12-31"]),
        (Last(1, Grain.YEAR), ["2023-01-01", "2023-12-31"]),
        (Current(Grain.DAY), ["2024-03-08", "2024-03-08"]),
        (Current(Grain.WEEK), ["2024-03-04", "2024-03-10"]),
        (Current(Grain.MONTH), ["2024-03-01", "2024-03-31"]),
        (Current(Grain.MONTH, -1), ["2024-02-01", "2024-02-29"]),
        (Current(Grain.QUARTER), ["2024-01-01", "2024-03-31"]),
        (Current(Grain.YEAR, 1), ["2025-01-01", "2025-12-31"]),
        (ToDate(Grain.YEAR), ["2024-01-01", "2024-03-08"]),
        (ToDate(Grain.MONTH), ["2024-03-01", "2024-03-08"]),
        (ToDate(Grain.YEAR, -1), ["2023-01-01", "2023-03-08"]),
    ],
    ids=str,
)
def test_relative_ranges_are_whole_local_units(asked: DateRange, expected: list[str]) -> None:
    assert days_of(asked) == expected


def test_today_is_the_day_of_the_zone_and_not_of_utc() -> None:
    late = datetime(2024, 3, 8, 1, tzinfo=UTC)

    assert days_of(Current(Grain.DAY), late, SAO_PAULO) == ["2024-03-07", "2024-03-07"]
    assert days_of(Current(Grain.DAY), late, KOLKATA) == ["2024-03-08", "2024-03-08"]


def test_a_week_starts_on_the_day_that_the_model_says() -> None:
    assert days_of(Current(Grain.WEEK), week_start=7) == ["2024-03-03", "2024-03-09"]


def test_the_last_hours_are_complete_hours_of_the_zone() -> None:
    found = resolve(Last(3, Grain.HOUR), datetime(2024, 3, 8, 15, 45, tzinfo=UTC), KOLKATA)

    assert found.end == datetime(2024, 3, 8, 15, 30, tzinfo=UTC)  # 21:00 at +05:30
    assert found.start == datetime(2024, 3, 8, 12, 30, tzinfo=UTC)


def test_the_last_quarters_of_an_hour_end_before_the_current_one() -> None:
    found = resolve(Last(1, Grain.MINUTE_15), datetime(2024, 3, 8, 15, 59, 59, tzinfo=UTC), SAO_PAULO)

    assert (found.start, found.end) == (
        datetime(2024, 3, 8, 15, 30, tzinfo=UTC),
        datetime(2024, 3, 8, 15, 45, tzinfo=UTC),
    )


def test_a_day_of_a_clock_change_has_23_or_25_hours() -> None:
    spring = resolve(Days(date(2024, 3, 10), date(2024, 3, 10)), NOW, NEW_YORK)
    autumn = resolve(Days(date(2024, 11, 3), date(2024, 11, 3)), NOW, NEW_YORK)

    assert spring.start
    assert spring.end
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.start
    assert autumn.end
    assert autumn.end - autumn.start == timedelta(hours=25)


def test_a_day_whose_midnight_is_skipped_starts_at_the_change() -> None:
    assert midnight(date(2018, 11, 4), SAO_PAULO) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_a_day_whose_midnight_is_repeated_starts_at_the_first_one() -> None:
    havana = ZoneInfo("America/Havana")

    assert midnight(date(2024, 11, 3), havana) == datetime(2024, 11, 3, 4, tzinfo=UTC)


def test_instants_touch_the_local_days_that_they_lie_in() -> None:
    asked = Instants(datetime(2024, 1, 1, 2, tzinfo=UTC), datetime(2024, 1, 2, 3, tzinfo=UTC))

    found = resolve(asked, NOW, SAO_PAULO)

    assert (found.first, found.last, found.whole_days) == (date(2023, 12, 31), date(2024, 1, 1), False)


def test_instants_at_local_midnights_are_whole_days() -> None:
    asked = Instants(datetime(2024, 1, 1, 3, tzinfo=UTC), datetime(2024, 1, 3, 3, tzinfo=UTC))

    assert resolve(asked, NOW, SAO_PAULO) == resolve(Days(date(2024, 1, 1), date(2024, 1, 2)), NOW, SAO_PAULO)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Days(date(2026, 2, 1), date(2026, 1, 31)), "ends (2026-01-31) before it starts (2026-02-01)"),
        (Instants(NOW, NOW), "2024-03-08T15:00:00+00:00"),
        (Last(0, Grain.DAY), "last.n is 0"),
        (Last(10_001, Grain.DAY), "last.n is 10001"),
        (Last(10_000, Grain.YEAR), "beyond the calendar"),
        (Current(Grain.YEAR, 9_000), "beyond the calendar"),
        (Days(date(1, 1, 1), date(9999, 12, 31)), "beyond the calendar"),
        (ToDate(Grain.HOUR), "not HOUR"),
    ],
    ids=str,
)
def test_a_range_that_cannot_be_is_refused_with_its_value(asked: DateRange, words: str) -> None:
    with pytest.raises(Fault) as refused:
        resolve(asked, NOW, SAO_PAULO)

    assert refused.value.code == "INVALID_DATE_RANGE"
    assert words in refused.value.message


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "America", "utc+3", "a\0b"]
)
def test_a_zone_that_is_not_one_is_refused_by_name(name: str) -> None:
    with pytest.raises(Fault) as refused:
        zone_of(name)

    assert refused.value.code == "INVALID_TIMEZONE"
    assert name in refused.value.message


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.sampled_from(list(Grain)), st.integers(1, 7))
def test_a_unit_holds_its_day_and_begins_where_the_one_before_ends(
    day: date, unit: Grain, week_start: int
) -> None:
    first = start_of(day, unit, week_start)

    assert first <= day < shifted(first, unit, 1) or unit.is_instant
    assert start_of(first, unit, week_start) == first
    assert shifted(shifted(first, unit, 1), unit, -1) == first


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["UTC", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.integers(1, 40),
    st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH]),
)
def test_the_last_units_end_where_the_current_one_begins(
    now: datetime, name: str, n: int, unit: Grain
) -> None:
    zone = ZoneInfo(name)

    last, current = resolve(Last(n, unit), now, zone), resolve(Current(unit), now, zone)

    assert last.end == current.start
    assert current.start
    assert current.end
    assert current.start <= now < current.end

"""Until when a question means the range that it means now."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from model.dates import CompareTo, Current, DateRange, Days, Instants, Last, ToDate
from model.faults import Fault
from model.grain import Grain
from model.query import Query
from plan.ranges import SUB_DAY
from resolvers.boundary import boundary_of
from resolvers.question import Question, query_of
from tests.resolvers.kiosk import KIOSK

NOON = datetime(2026, 3, 15, 12, 7, 31, 250_000, tzinfo=UTC)


def until(zone: str, now: datetime, asked: DateRange | None, compare: object = None) -> datetime | None:
    question = Question(("revenue",), date_range=asked, compare=compare)  # type: ignore[arg-type]
    return boundary_of(question, now, ZoneInfo(zone))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "asked",
    [None, Days(NOON.date(), NOON.date()), Days(NOON.date()), Instants(NOON), Instants(None, NOON)],
)
@pytest.mark.parametrize("compare", [None, *CompareTo, Days(NOON.date(), NOON.date())])
def test_absolute_dates_hold_for_good(asked: DateRange | None, compare: object) -> None:
    assert until("America/Sao_Paulo", NOON, asked, compare) is None


@pytest.mark.parametrize("unit", [each for each in Grain if each not in SUB_DAY])
def test_days_and_coarser_units_turn_at_local_midnight(unit: Grain) -> None:
    for asked in (Last(7, unit), Last(1, unit, include_current=True), Current(unit, -1), ToDate(unit)):
        assert until("America/Sao_Paulo", NOON, asked) == at("2026-03-16T03:00Z")
        assert until("Asia/Kathmandu", NOON, asked) == at("2026-03-15T18:15Z")
        assert until("UTC", NOON, asked) == at("2026-03-16T00:00Z")


@pytest.mark.parametrize("unit", list(SUB_DAY))
def test_finer_units_turn_at_the_next_quarter_of_an_hour(unit: Grain) -> None:
    for asked in (Last(7, unit), Current(unit), Last(2, unit, include_current=True, offset=-3)):
        assert until("America/Sao_Paulo", NOON, asked) == at("2026-03-15T12:15Z")
        assert until("Australia/Lord_Howe", at("2026-03-15T12:15Z"), asked) == at("2026-03-15T12:30Z")


def test_what_is_compared_with_counts_as_well() -> None:
    fixed = Days(NOON.date(), NOON.date())

    assert until("UTC", NOON, fixed, Current(Grain.MONTH, -1)) == at("2026-03-16T00:00Z")
    assert until("UTC", NOON, ToDate(Grain.YEAR), Current(Grain.HOUR)) == at("2026-03-15T12:15Z")


@pytest.mark.parametrize(
    ("zone", "now", "turn"),
    [
        ("Europe/Lisbon", "2026-03-28T23:59:59.999999Z", "2026-03-29T00:00Z"),
        ("Europe/Lisbon", "2026-03-29T00:00Z", "2026-03-29T23:00Z"),  # a day of 23 hours
        ("Europe/Lisbon", "2026-10-24T23:00Z", "2026-10-26T00:00Z"),  # and one of 25
        ("Africa/Cairo", "2026-04-23T20:00Z", "2026-04-23T22:00Z"),  # 00:00 is left out: it is 01:00 at once
        ("Africa/Cairo", "2026-10-29T20:30Z", "2026-10-29T22:00Z"),  # 23:00 to 24:00 comes twice
        ("Africa/Cairo", "2026-10-29T21:30Z", "2026-10-29T22:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T14:00Z", "2026-10-04T13:00Z"),  # half an hour is left out
        ("Pacific/Apia", "2011-12-30T09:00Z", "2011-12-30T10:00Z"),  # the 30th is left out
    ],
)
def test_days_turn_when_the_clocks_of_the_zone_say_so(zone: str, now: str, turn: str) -> None:
    assert until(zone, at(now), Current(Grain.DAY)) == at(turn)


def meaning(question: Question, now: datetime) -> Query | str:
    try:
        return query_of(question, KIOSK, now, 10)
    except Fault as fault:
        return fault.code


ZONES = (
    "Africa/Cairo",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "UTC",
)
STARTS = [
    at(f"2026-{day}T00:00Z")
    for day in ("03-07", "03-28", "04-04", "04-23", "10-03", "10-29", "11-01", "12-31")
]


def any_relative(dice: Random) -> DateRange:
    unit, offset = dice.choice(list(Grain)), dice.randint(-2, 1)
    days = dice.choice([each for each in Grain if each not in SUB_DAY])
    return dice.choice(
        (
            Last(dice.randint(1, 9), unit, include_current=dice.random() < 0.5, offset=offset),
            Current(unit, offset),
            ToDate(days, offset),
        )
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_question_means_the_same_all_the_time_until_then(seed: int) -> None:
    dice, turned = Random(seed), 0
    for _ in range(150):
        zone = dice.choice(ZONES)
        compare = dice.choice((None, None, CompareTo.PREVIOUS_YEAR, any_relative(dice)))
        question = Question(("revenue",), date_range=any_relative(dice), timezone=zone, compare=compare)
        now = dice.choice(STARTS) + timedelta(
            seconds=dice.randrange(2 * 86_400), microseconds=dice.randrange(10**6)
        )
        end = boundary_of(question, now, ZoneInfo(zone))

        assert end is not None
        assert end > now
        span = end - now
        moments = [now + span * part / 7 for part in range(7)] + [end - timedelta(microseconds=1)]
        assert {repr(meaning(question, each)) for each in moments} == {repr(meaning(question, now))}
        turned += meaning(question, end) != meaning(question, now)
    assert turned > 15  # or the end would be far too early

"""Ranges of time become absolute: local days and units of the question's zone become instants in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from model.dates import Current, DateRange, Days, Instants, Interval, Last, ToDate
from model.faults import Fault, did_you_mean, similar
from model.grain import Grain
from model.zones import ZONES

SUB_DAY = {
    Grain.MINUTE_15: timedelta(minutes=15),
    Grain.MINUTE_30: timedelta(minutes=30),
    Grain.HOUR: timedelta(hours=1),
}
MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
LONGEST = 10_000
"""More units back than this is a mistake, and soon before the year 1."""


def zone_of(name: str) -> ZoneInfo:
    """Raises INVALID_TIMEZONE for anything but the name of an IANA zone."""
    if name not in ZONES:
        suggestions = [zone for zone in ZONES if zone.lower() == name.lower()] or similar(name, ZONES)
        hint = did_you_mean(suggestions) or " Use an IANA name such as 'America/Sao_Paulo' or 'UTC'."
        message = f"There is no time zone '{name}'.{hint}"
        raise Fault("INVALID_TIMEZONE", message, timezone=name, suggestions=suggestions)
    return ZoneInfo(name)


def resolve(asked: DateRange, now: datetime, zone: ZoneInfo, week_start: int = 1) -> Interval:
    """The absolute bounds of `asked` as seen at `now` (aware) in `zone`.

    Raises INVALID_DATE_RANGE when the end lies before the start, or out of the calendar.
    """
    try:
        match asked:
            case Days(first, last):
                return of_days(first, last, zone)
            case Instants(start, end):
                return of_instants(start, end, zone)
            case Last():
                return _last(asked, now, zone, week_start)
            case Current(unit, offset):
                return _unit_around(unit, offset, now, zone, week_start)
            case ToDate(unit, offset):
                return _to_date(unit, offset, now, zone, week_start)
    except (OverflowError, ValueError):
        message = "The dateRange reaches beyond the calendar, which has the years 1 to 9999."
        raise Fault("INVALID_DATE_RANGE", message) from None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which the local day begins, in UTC.

    Where a clock change skips midnight that is the moment of the change, where it repeats it the first one.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def of_days(first: date | None, last: date | None, zone: ZoneInfo) -> Interval:
    """These local days, both included. Raises INVALID_DATE_RANGE."""
    if first and last and last < first:
        message = f"The dateRange ends ({last}) before it starts ({first}). Swap startDate and endDate."
        raise Fault("INVALID_DATE_RANGE", message, startDate=first.isoformat(), endDate=last.isoformat())
    start = midnight(first, zone) if first else None
    end = midnight(last + timedelta(days=1), zone) if last else None
    return Interval(start, end, first, last)


def of_instants(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> Interval:
    """From `start` until just before `end`. Raises INVALID_DATE_RANGE."""
    if start and end and end <= start:
        message = (
            f"The dateRange ends ({end.isoformat()}) before anything after its start ({start.isoformat()}): "
            "it runs from start until just before end."
        )
        raise Fault("INVALID_DATE_RANGE", message, start=start.isoformat(), end=end.isoformat())
    first = start.astimezone(zone).date() if start else None
    last = (end - timedelta(microseconds=1)).astimezone(zone).date() if end else None
    whole = (not start or start == midnight(start.astimezone(zone).date(), zone)) and (
        not end or end == midnight(end.astimezone(zone).date(), zone)
    )
    utc = (start.astimezone(UTC) if start else None, end.astimezone(UTC) if end else None)
    return Interval(*utc, first, last, whole_days=whole)


def _last(asked: Last, now: datetime, zone: ZoneInfo, week_start: int) -> Interval:
    if not 1 <= asked.n <= LONGEST:
        message = f"last.n is {asked.n}; it must lie between 1 and {LONGEST}."
        raise Fault("INVALID_DATE_RANGE", message, n=asked.n)
    extra = int(asked.include_current)
    if asked.unit in SUB_DAY:
        step = SUB_DAY[asked.unit]
        end = floor(now, step, zone) + step * (extra + asked.offset)
        return of_instants(end - step * asked.n, end, zone)
    unit = asked.unit
    current = start_of(now.astimezone(zone).date(), unit, week_start)
    end_day = shifted(current, unit, extra + asked.offset)
    return of_days(shifted(end_day, unit, -asked.n), end_day - timedelta(days=1), zone)


def _unit_around(unit: Grain, offset: int, now: datetime, zone: ZoneInfo, week_start: int) -> Interval:
    if unit in SUB_DAY:
        start = floor(now, SUB_DAY[unit], zone) + SUB_DAY[unit] * offset
        return of_instants(start, start + SUB_DAY[unit], zone)
    first = shifted(start_of(now.astimezone(zone).date(), unit, week_start), unit, offset)
    return of_days(first, shifted(first, unit, 1) - timedelta(days=1), zone)


def _to_date(unit: Grain, offset: int, now: datetime, zone: ZoneInfo, week_start: int) -> Interval:
    if unit in SUB_DAY:
        message = f"toDate takes DAY or coarser, not {unit.name}."
        raise Fault("INVALID_DATE_RANGE", message, toDate=unit.name)
    today = now.astimezone(zone).date()
    first = shifted(start_of(today, unit, week_start), unit, offset)
    return of_days(first, shifted(today, unit, offset), zone)


def floor(now: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """The start of the quarter, half or whole local hour; zones differ by multiples of 15 minutes."""
    offset = now.astimezone(zone).utcoffset() or timedelta()
    past = (now.astimezone(UTC) + offset - datetime(1970, 1, 1, tzinfo=UTC)) % step
    return now.astimezone(UTC) - past


def start_of(day: date, unit: Grain, week_start: int = 1) -> date:
    """The first day of the unit that `day` lies in."""
    match unit:
        case Grain.WEEK:
            return day - timedelta(days=(day.isoweekday() - week_start) % 7)
        case Grain.MONTH | Grain.QUARTER | Grain.YEAR:
            step = MONTHS[unit]
            return day.replace(month=(day.month - 1) // step * step + 1, day=1)
        case _:
            return day


def shifted(day: date, unit: Grain, count: int) -> date:
    """`day` moved by `count` units; the 31st becomes the last day of a shorter month."""
    if unit not in MONTHS:
        return day + timedelta(days=count * (7 if unit is Grain.WEEK else 1))
    index = day.year * 12 + day.month - 1 + count * MONTHS[unit]
    month_start = date(index // 12, index % 12 + 1, 1)
    next_month = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(month_start + timedelta(days=day.day - 1), next_month - timedelta(days=1))

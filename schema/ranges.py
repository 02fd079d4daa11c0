"""Ranges of dates, and what to compare them with, as they are asked for."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from model.dates import CompareTo, Current, DateRange, Days, Instants, Last, ToDate
from model.faults import Fault
from model.grain import Grain
from schema.moments import day_of, instant_of


def date_range(given: Mapping[str, Any] | None) -> DateRange | None:
    """Exactly one way of saying a range. Raises INVALID_DATE_RANGE."""
    if given is None:
        return None
    told = {name: value for name, value in given.items() if value is not None}
    ways = [name for name, keys in _WAYS.items() if keys & told.keys()]
    if len(ways) != 1:
        message = f"The dateRange says {' and '.join(ways) or 'nothing'}. Say one of: {', '.join(_WAYS)}."
        raise Fault("INVALID_DATE_RANGE", message)
    _refuse_strays(ways[0], told)
    match ways[0]:
        case "startDate and endDate":
            return Days(_bound(told, "startDate"), _bound(told, "endDate"))
        case "start and end":
            return Instants(_moment(told, "start"), _moment(told, "end"))
        case "last":
            last, unit = told["last"], Grain(told["last"]["unit"].value)
            return Last(last["n"], unit, bool(told.get("includeCurrent")), told.get("offset", 0))
        case "current":
            return Current(Grain(told["current"].value), told.get("offset", 0))
        case _:
            return ToDate(Grain(told["toDate"].value), told.get("offset", 0))


_WAYS = {
    "startDate and endDate": {"startDate", "endDate"},
    "start and end": {"start", "end"},
    "last": {"last"},
    "current": {"current"},
    "toDate": {"toDate"},
}


def _refuse_strays(way: str, told: dict[str, Any]) -> None:
    if "includeCurrent" in told and way != "last":
        raise Fault("INVALID_DATE_RANGE", "includeCurrent goes with last only. Remove it.")
    if "offset" in told and "and" in way:
        message = "offset moves relative ranges only (last, current, toDate). Remove it."
        raise Fault("INVALID_DATE_RANGE", message)


def _bound(told: dict[str, Any], name: str) -> date | None:
    text = told.get(name)
    day = day_of(text) if text is not None else None
    if text is not None and day is None:
        message = f"{name} is '{text}', which is not a day of the calendar. Write it as 2026-01-31."
        raise Fault("INVALID_DATE_RANGE", message, **{name: text})
    return day


def _moment(told: dict[str, Any], name: str) -> datetime | None:
    text = told.get(name)
    moment = instant_of(text) if text is not None else None
    if text is not None and moment is None:
        message = f"{name} is '{text}', which is not an instant with an offset. Write 2026-01-31T12:00:00Z."
        raise Fault("INVALID_DATE_RANGE", message, **{name: text})
    return moment


def compare_of(given: Mapping[str, Any] | None) -> CompareTo | DateRange | None:
    """What to compare with. Raises INVALID_COMPARE unless exactly one thing is said."""
    if given is None:
        return None
    to, other = given.get("to"), given.get("dateRange")
    if (to is None) is (other is None):
        message = (
            "compare takes either 'to' (PREVIOUS_PERIOD, PREVIOUS_YEAR) or 'dateRange'. Say one of them."
        )
        raise Fault("INVALID_COMPARE", message)
    return date_range(other) if to is None else to

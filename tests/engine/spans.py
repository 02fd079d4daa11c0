"""Random ranges of time around a moment."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tests.engine.clock import DAY_GRAINS, GRAINS
from tests.engine.data import QUARTER, Moments

Told = Mapping[str, Any]


def range_near(moments: Moments, *, of_dates: bool) -> Told:
    """Any range; instants only where times are instants."""
    match moments.dice.number(0, 3 if of_dates else 4):
        case 0:
            return days_near(moments)
        case 1:
            return months_near(moments)
        case 2:
            return relative(moments, of_dates=of_dates)
        case 3:
            return {moments.dice.pick(["startDate", "endDate"]): str(moments.day())}
    return instants_near(moments)


def days_near(moments: Moments, most: int = 12) -> Told:
    first = moments.day()
    return {"startDate": str(first), "endDate": str(first + timedelta(days=moments.dice.number(0, most)))}


def months_near(moments: Moments) -> Told:
    """One whole month or several."""
    first = _month(moments.turn.date(), moments.dice.number(-2, 1))
    last = _month(first, moments.dice.number(1, 3)) - timedelta(days=1)
    return {"startDate": str(first), "endDate": str(last)}


def _month(day: date, later: int) -> date:
    index = day.year * 12 + day.month - 1 + later
    return date(index // 12, index % 12 + 1, 1)


def instants_near(moments: Moments) -> Told:
    start, end = sorted([moments.instant(), moments.instant()])
    return {"start": start.isoformat(), "end": (end + QUARTER).isoformat()}


def relative_days(moments: Moments) -> Told:
    """last, current or toDate, of days and longer units."""
    return relative(moments, of_dates=True)


def relative(moments: Moments, *, of_dates: bool) -> Told:
    """last, current or toDate; perhaps moved."""
    dice = moments.dice
    units = [unit.upper() for unit in (DAY_GRAINS if of_dates else (*DAY_GRAINS, *GRAINS))]
    told: dict[str, Any] = {"offset": dice.number(-2, 1)} if dice.rarely() else {}
    match dice.number(0, 2):
        case 0:
            told["last"] = {"n": dice.number(1, 5), "unit": dice.pick(units)}
            return {**told, "includeCurrent": True} if dice.rarely() else told
        case 1:
            return {**told, "current": dice.pick(units)}
    return {**told, "toDate": dice.pick(DAY_GRAINS).upper()}

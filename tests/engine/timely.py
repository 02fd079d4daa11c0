"""Random questions along one axis of time: filled, compared, with windows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.asking import Asking
from tests.engine.clock import DAY_GRAINS, GRAINS, MINUTES, Clock
from tests.engine.dimensions import TIMES, base_of, is_grain, own_times, type_of
from tests.engine.names import (
    dimensions_over,
    has_mean,
    is_windowable,
    metrics_over,
    steps_over,
)
from tests.engine.question import Question, Window
from tests.engine.spans import Told, days_near, instants_near, months_near, relative_days

FACTS = (
    {"orders"},
    {"items"},
    {"tickets"},
    {"order_tags"},
    {"balances"},
    {"orders", "tickets"},
    {"orders", "items", "tickets"},
    {"orders", "balances"},
)
IRREGULAR = "Australia/Lord_Howe"
"""Where an hour may last for half an hour, so that positions and elapsed time differ."""


def filled(asking: Asking) -> Question:
    """Every bucket of a range."""
    question, grain = _by_time(asking, (*DAY_GRAINS, *GRAINS))
    covered = _short(asking, grain, question)
    return asking.finished(replace(question, date_range=covered, fill=True))


def compared(asking: Asking) -> Question:
    """Beside another range; perhaps filled, perhaps without an axis."""
    question, grain = _by_time(asking, (*DAY_GRAINS, "hour", "minute_30"))
    if grain == "hour" and question.timezone == IRREGULAR:
        question = replace(question, timezone=None)
    if asking.dice.rarely():
        dimensions = [*question.dimensions[:-1], *asking.dice.some(_parts(question), 1)]
        question, grain = replace(question, dimensions=tuple(dict.fromkeys(dimensions))), ""
    covered = _comparable(asking, grain, question)
    dimensions = [each for each in question.dimensions if base_of(each)[1] or type_of(each) not in TIMES]
    question = replace(question, dimensions=tuple(dimensions))
    question = replace(question, date_range=covered, compare=_other(asking, covered))
    return asking.finished(replace(question, fill=bool(grain) and asking.dice.rarely()))


def windowed(asking: Asking) -> Question:
    """Running, rolling and to date, over whole buckets and others; perhaps filled."""
    question, grain = _by_time(asking, (*DAY_GRAINS, "hour", "minute_30"))
    covered = (
        aligned(asking, grain)
        if asking.dice.evenly()
        else days_near(asking.moments, 1 + 30 * (grain not in MINUTES))
    )
    metrics = [name for name in metrics_over(question.tables) if is_windowable(name)]
    windows = {each.key: each for each in (_window(asking, metrics, grain) for _ in range(2))}
    question = replace(question, date_range=covered, windows=tuple(windows.values()))
    return asking.finished(replace(question, fill=asking.dice.evenly()))


def _by_time(asking: Asking, grains: Sequence[str]) -> tuple[Question, str]:
    """Some metrics by a grain of their own time, the last of the dimensions, and by other things."""
    question = asking.metrics_of(FACTS)
    of_dates = "balances" in question.tables
    grain = asking.dice.pick([each for each in grains if each in DAY_GRAINS or not of_dates])
    others = asking.dice.some(_untimely(question), 2)
    names = sorted(own_times(question.tables), reverse=True)
    own = asking.dice.pick(names if len(question.tables) == 1 else ["time"])
    return replace(question, dimensions=(*others, f"{own}__{grain}")), grain


def _untimely(question: Question) -> list[str]:
    """Things, and other times: a bucket has steps of its own already."""
    own = own_times(question.tables)
    names = [each for each in dimensions_over(question.tables) if each not in own]
    return [*names, *(each for each in steps_over(question.tables) if base_of(each)[0] not in own)]


def _parts(question: Question) -> list[str]:
    """Parts of time, of their own time, too."""
    return [each for each in steps_over(question.tables) if not is_grain(each)]


def _short(asking: Asking, grain: str, question: Question) -> Told | None:
    """A range that has few enough buckets to be filled; long ones may be open."""
    if grain in MINUTES:
        return days_near(asking.moments, 1)
    if grain == "day" or asking.dice.often():
        return asking.dice.pick([days_near, months_near])(asking.moments)
    return asking.dice.pick([None, {"startDate": str(asking.moments.day())}])


def _comparable(asking: Asking, grain: str, question: Question) -> Told:
    moments = asking.moments
    if grain in MINUTES:
        return days_near(moments, 1)
    of_dates = "balances" in question.tables
    if grain or of_dates or asking.dice.often():
        return asking.dice.pick([days_near, months_near, relative_days])(moments)
    return instants_near(moments)


def _other(asking: Asking, covered: Told) -> dict[str, Any]:
    match asking.dice.number(0, 2):
        case 0 if "start" not in covered:
            return {"to": "PREVIOUS_YEAR"}
        case 1:
            return {"dateRange": days_near(asking.moments)}
    return {"to": "PREVIOUS_PERIOD"}


def aligned(asking: Asking, grain: str) -> Told:
    """Whole buckets, some of them."""
    clock = Clock(ZoneInfo("UTC"), asking.week_start)
    unit = "day" if grain in MINUTES else grain
    first = clock.day_bucket(asking.moments.day(), unit)
    count = asking.dice.number(1, 2 if grain in MINUTES else 6)
    last = clock.later(first, unit, count) - timedelta(days=1)
    return {"startDate": str(first), "endDate": str(last)}


def _window(asking: Asking, metrics: Sequence[str], grain: str) -> Window:
    dice = asking.dice
    metric = dice.pick(metrics)
    coarser = [each.upper() for each in DAY_GRAINS if grain in MINUTES or _is_coarser(each, grain)]
    match dice.number(0, 2):
        case 0:
            return Window(metric, running=True)
        case 1 if coarser:
            return Window(metric, to_date=dice.pick(coarser))
    mean = has_mean(metric) and dice.rarely()
    return Window(metric, rolling=dice.number(2, 4), mean=mean)


def _is_coarser(unit: str, grain: str) -> bool:
    """Whether units hold whole buckets: a month has no whole weeks."""
    return grain != "week" and DAY_GRAINS.index(unit) > DAY_GRAINS.index(grain)

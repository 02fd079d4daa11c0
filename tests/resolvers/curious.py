"""Random questions over the kiosk, with everything that may be asked of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from model.dates import CompareTo, Current, DateRange, Days, Instants, Last
from model.faults import Fault
from model.filters import EVERYTHING, And, Condition, Filter, Not, Op, Or
from model.grain import Grain
from model.query import Direction, OrderBy, Share, Top, Window
from model.value import Value
from model.viewer import ANONYMOUS, Viewer
from plan.limits import Limits
from plan.parts import Plan
from plan.plan import make_plan
from resolvers.question import Question, query_of
from tests.resolvers.kiosk import KIOSK, MONTHS, ZONE

NOW = datetime(2026, 1, 31, 20, tzinfo=UTC)
ZONES = [ZONE, ZONE, "UTC", "Asia/Kolkata", "Pacific/Auckland"]
METRICS = list(KIOSK.metrics)
GROUPS = ["city", "channel", "first_channel", "origin_city", "district", "kind", "hour", "store", "product"]
TIMES = ["time__month", "time__day", "time__week", "time__year", "time__day_of_week"]
VALUES: dict[str, list[Value | None]] = {
    "city": ["recife", "natal", "belem"],
    "origin_city": ["recife", "natal", "belem"],
    "channel": ["app", "web", "desk"],
    "first_channel": ["app", "web", "desk"],
    "district": ["old", "new"],
    "kind": ["a", "b"],
    "hour": [*range(24)],
    "rate": [Decimal("1.5"), Decimal("2.00"), "0.25"],
    "product": ["ice", "tea", "pie"],
    "gift": [True, False],
    "quantity": [1, 2, 3],
    "reason": ["cold", "late"],
    "dear": [True, False],
}
PINNED: list[tuple[Filter, tuple[str, ...]]] = [
    (Condition("city", Op.EQ, ("recife",)), ("origin_city",)),
    (Condition("city", Op.EQ, ("natal",)), ("origin_city",)),
    (Condition("product", Op.EQ, ("ice",)), ()),
    (And((Condition("product", Op.EQ, ("ice",)), Condition("quantity", Op.NE, (2,)))), ("kind",)),
    (And((Condition("product", Op.IN, ("tea", "pie")), Condition("gift", Op.EQ, (True,)))), ()),
    (
        And((Condition("product", Op.EQ, ("tea",)), Not(Condition("gift", Op.EQ, (True,))))),
        ("channel",),
    ),
]
"""Held to few values, while rows with others are met, too: on another way, or by another condition."""
SOME = {"totals": True, "fill": True, "deduplicate": True, "group_count": True}


@dataclass(slots=True)
class Curious:
    dice: Random

    def plan(self) -> Plan:
        """Of a question that can be answered."""
        while True:
            viewer = self.dice.choice([ANONYMOUS, Viewer(tenant="acme")])
            try:
                return make_plan(KIOSK, query_of(self.question(), KIOSK, NOW, 50), viewer, Limits())
            except Fault:
                continue

    def question(self) -> Question:
        dice = self.dice
        metrics = tuple(dice.sample(METRICS, dice.choice([0, 1, 1, 1, 2, 3])))
        times = dice.sample(TIMES, dice.choice([0, 0, 1]))
        dimensions = (*times, *dice.sample(GROUPS, dice.choice([0, 1, 1, 2] if metrics else [1, 2])))
        filters = self._filters()
        if dice.random() < 0.15:
            metrics, (filters, dimensions) = ("revenue", "sold"), dice.choice(PINNED)
        more: dict[str, Any] = {name: value for name, value in SOME.items() if dice.random() < 0.15}
        makers: list[Callable[[tuple[str, ...], tuple[str, ...]], dict[str, Any]]]
        makers = [self._compared, self._ranked, self._windowed, self._shared, self._ordered]
        for make in makers:
            if metrics and dice.random() < 0.2:
                more |= make(metrics, dimensions)
        return Question(
            metrics,
            dimensions,
            filters=filters,
            date_range=self.range(),
            timezone=dice.choice(ZONES),
            **more,
        )

    def _filters(self) -> Filter:
        parts = tuple(self._filter(2) for _ in range(self.dice.choice([0, 0, 1, 1, 1, 2])))
        return And(parts) if parts else EVERYTHING

    def _filter(self, depth: int) -> Filter:
        dice = self.dice
        if depth and dice.random() < 0.15:
            return Or((self._filter(depth - 1), self._filter(depth - 1)))
        if depth and dice.random() < 0.1:
            return Not(self._filter(depth - 1))
        name = dice.choice(list(VALUES))
        values = list(VALUES[name])
        op = dice.choice([Op.EQ, Op.EQ, Op.EQ, Op.IN, Op.IN, Op.NE, Op.NOT_IN, Op.IS_NULL])
        if op is Op.IS_NULL:
            return Condition(name, op, (dice.choice([True, False]),))
        if op in {Op.EQ, Op.NE}:
            return Condition(name, op, (dice.choice(values),))
        return Condition(name, op, tuple(dice.sample([*values, None], 2)))

    def range(self) -> DateRange | None:
        dice = self.dice
        month = dice.choice(MONTHS)
        first = month + timedelta(days=dice.choice([-31, -1, 0, 0, 1, 9]))
        moment = datetime(month.year, month.month, 1, 3, tzinfo=UTC) + timedelta(hours=dice.randint(-20, 20))
        ranges: list[Callable[[], DateRange | None]] = [
            lambda: None,
            lambda: Days(month, month.replace(day=31 if month.month != 11 else 30)),
            lambda: None,
            lambda: Days(first, first + timedelta(days=dice.choice([0, 31, 200, 400, 900, 9000]))),
            lambda: Days(None, first),
            lambda: Days(first, None),
            lambda: Instants(moment, moment + timedelta(hours=dice.choice([1, 30, 900]))),
            lambda: Last(dice.randint(1, 9), Grain.MONTH, offset=-dice.randint(0, 4)),
            lambda: Current(Grain.MONTH, offset=-dice.choice([0, 1, 12, 26])),
            lambda: Current(Grain.YEAR, offset=-dice.randint(0, 2)),
        ]
        return dice.choice(ranges)()

    def _compared(self, _metrics: tuple[str, ...], _dimensions: tuple[str, ...]) -> dict[str, Any]:
        other = Days(date(2024, 3, 1), date(2024, 4, 30))
        return {"compare": self.dice.choice([CompareTo.PREVIOUS_PERIOD, CompareTo.PREVIOUS_YEAR, other])}

    def _ranked(self, metrics: tuple[str, ...], dimensions: tuple[str, ...]) -> dict[str, Any]:
        by, others = self.dice.choice(["revenue", *metrics]), self.dice.choice([True, False])
        of = self.dice.choice([*dimensions, ""])
        return {"top": Top(self.dice.randint(1, 2), by, of, others=others, direction=self._direction())}

    def _windowed(self, metrics: tuple[str, ...], _dimensions: tuple[str, ...]) -> dict[str, Any]:
        metric = self.dice.choice([*metrics, "revenue", "people"])
        windows = [
            Window(metric, running=True),
            Window(metric, rolling=self.dice.randint(2, 40)),
            Window(metric, to_date=Grain.YEAR),
        ]
        return {"windows": (self.dice.choice(windows),)}

    def _shared(self, metrics: tuple[str, ...], dimensions: tuple[str, ...]) -> dict[str, Any]:
        return {"shares": (Share(metrics[0]),), "subtotals": (dimensions[:1],) if len(dimensions) > 1 else ()}

    def _ordered(self, _metrics: tuple[str, ...], _dimensions: tuple[str, ...]) -> dict[str, Any]:
        return {"order_by": (OrderBy(self.dice.choice(METRICS), self._direction()),), "limit": 2}

    def _direction(self) -> Direction:
        return self.dice.choice([Direction.ASC, Direction.DESC])

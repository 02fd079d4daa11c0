"""Random small data sets for the shop, around moments when clocks, months or years change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.engine.dice import Dice
from tests.engine.dimensions import NEW_YORK, SAO_PAULO
from tests.engine.shop import TABLES, Row, Shop

TURNS = [
    datetime.fromisoformat(text)
    for text in (
        "2024-02-29T12:00+00:00",
        "2024-03-10T07:00+00:00",  # New York skips an hour
        "2024-11-03T06:00+00:00",  # New York repeats an hour
        "2024-04-06T15:00+00:00",  # Lord Howe repeats half an hour
        "2024-10-05T15:30+00:00",  # Lord Howe skips half an hour
        "2018-11-04T03:00+00:00",  # Sao Paulo skips a midnight
        "2018-02-18T02:00+00:00",  # Sao Paulo repeats the hour before a midnight
        "2024-11-03T04:00+00:00",  # Havana repeats a midnight
        "2024-12-30T00:00+00:00",
        "2023-06-30T23:59+00:00",
    )
]
QUARTER = timedelta(minutes=15)
CUSTOMERS = (1, 2, 3, 1, 4, 99, None)
ORDERS = (1, 2, 3, 1, 2, 4, 5, 98, None)
COUNTRIES = {"FR": "France", "JP": "Japan", "US": "United States"}
CONTINENTS = ("Europe", "Asia", None)
NAMES = ("ann", "bob", "mcKay", None)
REGIONS = ("north", "south", "", None)
STATUSES = ("paid", "new", "reFunded", "50%", "a_b", "", None)
CATEGORIES = ("toys", "books", "food", None)
LABELS = ("gift", "urgent", "", None)
AMOUNTS = (*map(Decimal, ("100.00", "0.00", "99.99", "33.33", "-5.00", "0.01", "250.50")), None)
PRICES = (*map(Decimal, ("10.00", "19.99", "0.00")), None)
WEIGHTS = (1.5, 0.0, 0.25, 12.75, -2.0, None)


@dataclass(frozen=True, slots=True)
class Moments:
    """Random moments around a turn."""

    dice: Dice
    turn: datetime

    def instant(self) -> datetime:
        """A quarter of an hour near the turn, days and months from it, or the very end of a day."""
        match self.dice.number(0, 5):
            case 0 | 1 | 2:
                return self.turn + self.dice.number(-110, 110) * QUARTER
            case 3:
                return self.turn + timedelta(days=self.dice.number(-70, 40))
            case 4:
                return self.turn + timedelta(days=self.dice.number(-2, 2), microseconds=-500)
        return self.turn + timedelta(days=self.dice.pick([-365, -366, 365]))

    def day(self) -> date:
        apart = self.dice.number(-4, 4) if self.dice.often() else self.dice.number(-70, 40)
        return (self.turn + timedelta(days=apart)).date()

    def wall(self, zone: ZoneInfo) -> datetime:
        """A wall time near the turn, perhaps one that was never on the wall."""
        return self.turn.astimezone(zone).replace(tzinfo=None) + self.dice.number(-110, 110) * QUARTER


def shop_of(moments: Moments) -> Shop:
    """A data set."""
    dice = moments.dice
    return {
        "countries": _rows(lambda: _country(dice), "countries", dice.number(0, 3)),
        "customers": _rows(lambda: _customer(moments), "customers", dice.number(0, 4)),
        "orders": _rows(lambda: _order(moments), "orders", dice.number(0, 9)),
        "items": _rows(lambda: _item(dice), "items", dice.number(0, 10)),
        "tickets": _rows(lambda: _ticket(moments), "tickets", dice.number(0, 6)),
        "tags": _rows(lambda: {"label": dice.pick(LABELS)}, "tags", dice.number(0, 3)),
        "order_tags": _rows(lambda: _tagging(dice), "order_tags", dice.number(0, 7)),
        "tiers": [row for status in ("paid", "new", "50%") for row in _tiers(moments, status)],
        "balances": _rows(lambda: _balance(moments), "balances", dice.number(0, 9)),
    }


def _rows(make: Callable[[], Row], table: str, count: int) -> Sequence[Row]:
    """Rows with keys of their own: numbers, or what is made, where it was not made before."""
    made = [make() for _ in range(count)]
    if "id" in TABLES[table].columns:
        return [{"id": number, **row} for number, row in enumerate(made, 1)]
    return list({TABLES[table].key_of(row): row for row in made}.values())


def _country(dice: Dice) -> Row:
    code = dice.pick(list(COUNTRIES))
    return {"code": code, "name": COUNTRIES[code], "continent": dice.pick(CONTINENTS)}


def _customer(moments: Moments) -> Row:
    dice = moments.dice
    return {
        "name": dice.pick(NAMES),
        "region": dice.pick(REGIONS),
        "country": dice.pick(["FR", "JP", "US", "XX", None]),
        "vip": dice.pick([True, False, None]),
        "joined_on": moments.day() if dice.often() else None,
    }


def _order(moments: Moments) -> Row:
    dice = moments.dice
    return {
        "customer_id": dice.pick(CUSTOMERS),
        "ship_to": dice.pick(["FR", "JP", "US", "XX", None]),
        "ordered_at": moments.instant() if dice.number(0, 9) else None,
        "due_on": moments.day() if dice.often() else None,
        "packed_at": moments.wall(SAO_PAULO) if dice.often() else None,
        "status": dice.pick(STATUSES),
        "amount": dice.pick(AMOUNTS),
        "shipping": dice.pick([Decimal("5.00"), Decimal("0.00"), None]),
        "weight": dice.pick(WEIGHTS),
    }


def _item(dice: Dice) -> Row:
    return {
        "order_id": dice.pick(ORDERS),
        "category": dice.pick(CATEGORIES),
        "qty": dice.pick([1, 2, 3, 0, None]),
        "price": dice.pick(PRICES),
    }


def _ticket(moments: Moments) -> Row:
    dice = moments.dice
    return {
        "customer_id": dice.pick(CUSTOMERS),
        "opened_at": moments.wall(NEW_YORK) if dice.often() else None,
        "minutes": dice.pick([10, 5, 60, 0, None]),
    }


def _tagging(dice: Dice) -> Row:
    return {"order_id": dice.number(1, 6), "tag_id": dice.number(1, 4)}


def _tiers(moments: Moments, status: str) -> list[Row]:
    """What a status was worth: one tier after the other, perhaps with a gap, perhaps without an end."""
    dice = moments.dice
    days = sorted({moments.day() for _ in range(dice.number(0, 3))})
    ends = [*days[1:], moments.turn.date() + timedelta(days=50) if dice.evenly() else None][: len(days)]
    spans = zip(days, ends, strict=True)
    tiers = [
        {"status": status, "valid_from": first, "valid_to": end, "tier": dice.pick(["low", "high", None])}
        for first, end in spans
    ]
    return [tier for tier in tiers if dice.number(0, 4)]


def _balance(moments: Moments) -> Row:
    dice = moments.dice
    return {
        "day": moments.day(),
        "acct": dice.pick(["a", "b", "c"]),
        "branch": dice.pick(["n", "s", None]),
        "amount": dice.pick([100, 50, 7, -3, 0, None]),
    }

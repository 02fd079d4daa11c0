"""A small shop whose rows change at random: its model, its tables, and each row's date and values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from model.dimension import Dimension
from model.load import model_of_text
from model.model import Model
from model.routes import Route
from model.value import ValueType

ZONE = "America/Sao_Paulo"
LISBON = ZoneInfo("Europe/Lisbon")
KIOSK = model_of_text(f"""
timezone: {ZONE}
tables:
  stores:
    key: id
    dimensions: {{city: {{}}, store: {{column: name}}}}
    metrics: {{stores_known: {{type: count}}}}
  channels: {{key: id, dimensions: {{channel: {{column: name}}}}}}
  first_channels: {{source: channels, key: id, dimensions: {{first_channel: {{column: name}}}}}}
  deliveries:
    key: sale_id
    joins: {{sales: {{on: {{sale_id: id}}}}}}
    dimensions: {{district: {{}}}}
  sales:
    key: id
    time: sold_at
    row_filter: tenant = :tenant or tenant is null
    joins:
      stores: {{on: {{store_id: id}}}}
      origins: {{to: stores, on: {{origin_id: id}}}}
      channels: {{on: {{channel_id: id}}}}
      first_channels: {{on: {{first_channel_id: id}}}}
      deliveries: {{on: {{id: sale_id}}}}
    paths: {{stores: [stores]}}
    dimensions:
      sold_at: {{type: timestamptz}}
      kind: {{}}
      rate: {{type: decimal}}
      hour: {{type: integer, sql: extract(hour from local(sold_at))}}
      origin_city: {{dimension: city, via: origins}}
    segments: {{dear: {{sql: amount > 5}}}}
    metrics:
      revenue: {{type: sum, sql: amount}}
      sold: {{type: count}}
      kinds: {{type: count_distinct, sql: kind}}
      late: {{type: max, sql: sold_at}}
      south: {{type: count, only: {{city: recife}}}}
      closing: {{type: sum, sql: amount, last: {{over: sold_at, per: [store_id]}}}}
  lines:
    key: id
    time: sold_at
    joins: {{sales: {{on: {{sale_id: id}}}}}}
    dimensions: {{product: {{}}, gift: {{type: boolean}}, quantity: {{type: integer}}}}
    metrics: {{units: {{type: sum, sql: quantity}}}}
  refunds:
    key: id
    time: refunded_at
    joins: {{sales: {{on: {{sale_id: id}}}}}}
    dimensions: {{refunded_at: {{type: timestamp, zone: {LISBON.key}}}, reason: {{}}}}
    metrics: {{refunded: {{type: sum, sql: amount}}, refunds_made: {{type: count}}}}
  visits:
    key: id
    time: day
    joins: {{stores: {{on: {{store_id: id}}}}}}
    dimensions: {{day: {{type: date}}}}
    metrics: {{people: {{type: sum, sql: people}}, visits_known: {{type: count}}}}
metrics:
  ticket: {{type: ratio, numerator: revenue, denominator: sold}}
  net: {{type: derived, sql: revenue - refunded}}
""")

CREATE = """
create table stores (id int primary key, name text, city text);
create table channels (id int primary key, name text);
create table deliveries (sale_id int primary key, district text);
create table sales (id int primary key, store_id int, origin_id int, channel_id int, first_channel_id int,
  sold_at timestamptz, amount numeric, kind text, rate numeric, tenant text);
create table lines (id int primary key, sale_id int, product text, gift boolean, quantity int);
create table refunds (id int primary key, sale_id int, refunded_at timestamp, amount numeric, reason text);
create table visits (id int primary key, store_id int, day date, people int);
"""

MONTHS = [date(2023, 11, 1), date(2025, 1, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 1)]
"""Where most rows lie, so that ranges meet them: one far back, neighbours, and ends of years."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row as it was and as it is; none where there was or is no such row."""

    table: str
    key: int
    before: Row | None
    after: Row | None

    @property
    def sql(self) -> tuple[str, tuple[Any, ...]]:
        name = KEYS[self.table]
        if self.after is None:
            return f"delete from {self.table} where {name} = $1", (self.key,)
        columns = ", ".join(self.after)
        values = ", ".join(f"${number}" for number, _ in enumerate(self.after, 1))
        if self.before is None:
            return f"insert into {self.table} ({columns}) values ({values})", tuple(self.after.values())
        sets = f"update {self.table} set ({columns}) = row({values}) where {name} = ${len(self.after) + 1}"
        return sets, (*self.after.values(), self.key)


SIZES = {"stores": 4, "channels": 3, "sales": 16, "deliveries": 16, "lines": 24, "refunds": 10, "visits": 10}
KEYS = dict.fromkeys(SIZES, "id") | {"deliveries": "sale_id"}


@dataclass(slots=True)
class Kiosk:
    """The rows of each table by their keys."""

    dice: Random
    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: {name: {} for name in SIZES})

    def change(self) -> Change:
        """Of a row that may be there: it comes, goes, or becomes another one in some of its columns."""
        table = self.dice.choice([*SIZES, "sales", "sales", "lines"])
        key = self.dice.randint(1, SIZES[table])
        before = self.rows[table].get(key)
        drawn = {KEYS[table]: key, **self._drawn(table)}
        if before is None:
            return Change(table, key, before, drawn)
        kept = {name for name in drawn if self.dice.random() < 0.6}
        after = None if self.dice.random() < 0.25 else drawn | {name: before[name] for name in kept}
        return Change(table, key, before, after)

    def apply(self, change: Change) -> None:
        if change.after is None:
            del self.rows[change.table][change.key]
        else:
            self.rows[change.table][change.key] = change.after

    def _drawn(self, table: str) -> dict[str, Any]:
        pick, number = self.dice.choice, self.dice.randint
        sale, store = {"sale_id": number(1, SIZES["sales"])}, {"store_id": number(1, SIZES["stores"])}
        found: dict[str, Any]
        match table:
            case "stores":
                found = {"name": pick("abc"), "city": pick(["recife", "natal", "belem", None])}
            case "channels":
                found = {"name": pick(["app", "web", "desk"])}
            case "deliveries":
                found = {"district": pick(["old", "new"])}
            case "visits":
                found = {"day": self._day(), "people": number(1, 9), **store}
            case "lines":
                found = {"product": pick(["ice", "tea", "pie"]), "gift": pick([True, False]), **sale}
                found["quantity"] = number(1, 3)
            case "refunds":
                found = {"refunded_at": self._wall(), "reason": pick(["cold", "late", None]), **sale}
                found["amount"] = number(1, 9)
            case _:
                found = {"sold_at": self._moment(), "amount": Decimal(number(1, 99)) / 10, **store}
                found |= {"origin_id": number(1, SIZES["stores"]), "kind": pick(["a", "b", None])}
                found |= {"channel_id": number(1, 3), "first_channel_id": number(1, 3)}
                found["rate"] = pick([Decimal("1.50"), Decimal(2), Decimal("0.25")])
                found["tenant"] = pick(["acme", None, None, "other"])
        return found

    def _moment(self) -> datetime | None:
        """Often within hours of the start of a month; sometimes there is none."""
        if self.dice.random() < 0.05:
            return None
        month = self.dice.choice(MONTHS)
        start = datetime(month.year, month.month, 1, 3, tzinfo=UTC)
        return start + timedelta(hours=self.dice.choice([-14, -3, -1, 0, 2, 9, 60, 240]))

    def _day(self) -> date | None:
        moment = self._moment()
        return moment.date() if moment else None

    def _wall(self) -> datetime | None:
        moment = self._moment()
        return moment.astimezone(LISBON).replace(tzinfo=None) if moment else None

    # What a row's date and values are, over the joins of the model

    def days(self, table: str, row: Row) -> Iterator[date]:
        """The row's day in the model's zone; none when it has none."""
        time = KIOSK.time_of(table)
        value = self.value(table, row, time) if time else None
        if time is None or value is None:
            return
        if time.type is ValueType.TIMESTAMP:
            value = value.replace(tzinfo=LISBON)
        yield value if time.type is ValueType.DATE else value.astimezone(ZoneInfo(ZONE)).date()

    def value(self, table: str, row: Row, dimension: Dimension) -> Any:
        """Null where nothing is looked up."""
        (route,) = KIOSK.routes_to(table, dimension)
        found = self._found(row, route)
        if found is None:
            return None
        if dimension.name == "hour":
            return found["sold_at"] and found["sold_at"].astimezone(ZoneInfo(ZONE)).hour
        return found[dimension.sql.column or ""]

    def _found(self, row: Row, route: Route) -> Row | None:
        found: Row | None = row
        for join in route:
            ((ours, theirs),) = join.on
            source = KIOSK.tables[join.target].source[0]
            assert theirs == KEYS[source]
            found = self.rows[source].get(found[ours]) if found else None
        return found


def dimensions_of(model: Model, table: str) -> list[Dimension]:
    """Those that tell something of each of its rows, without times."""
    return [
        each
        for each in model.dimensions.values()
        if not each.type.is_time and len(model.routes_to(table, each)) == 1
    ]

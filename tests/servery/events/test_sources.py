"""What change events know of a model."""

from db.outbox.source import Axis, Source, TimeType
from model.load import model_of_text
from servery.events.sources import sources_of

MODEL = """
timezone: America/Sao_Paulo
tables:
  stores:
    source: shop.stores
    key: id
    refresh_key: select max(changed_at) from shop.stores
    dimensions: {store: {column: name}}
  sales:
    key: id
    time: sold
    dimensions: {sold: {column: sold_at, type: timestamptz}}
    metrics: {sales_made: {type: count}}
  visits:
    key: id
    time: came
    dimensions: {came: {sql: '"Came At"', type: timestamp, zone: Europe/Lisbon}}
  days:
    key: id
    time: day
    dimensions: {day: {type: date}}
  lines:
    key: id
    time: sold
    joins: {sales: {on: {sale_id: id}}}
  parsed:
    key: id
    time: at
    dimensions: {at: {type: date, sql: "to_date(text, 'YYYY-MM-DD')"}}
    metrics: {parsed_lines: {type: count}}
"""

ZONE = "America/Sao_Paulo"


def test_each_table_has_its_own_time_where_that_is_a_column() -> None:
    found = {source.name: source for source in sources_of(model_of_text(MODEL))}

    assert found == {
        "stores": Source("stores", "shop", "stores", None, polled=True),
        "sales": Source("sales", "", "sales", Axis("sold_at", TimeType.TIMESTAMPTZ, ZONE)),
        "visits": Source("visits", "", "visits", Axis("Came At", TimeType.TIMESTAMP, ZONE, "Europe/Lisbon")),
        "days": Source("days", "", "days", Axis("day", TimeType.DATE, ZONE)),
        "lines": Source("lines", "", "lines"),
        "parsed": Source("parsed", "", "parsed"),
    }


def test_axes_that_tell_other_months_have_other_texts() -> None:
    axes = [
        Axis("at", TimeType.TIMESTAMPTZ, "UTC"),
        Axis("at", TimeType.TIMESTAMPTZ, ZONE),
        Axis("at", TimeType.TIMESTAMP, ZONE, "UTC"),
        Axis("at", TimeType.TIMESTAMP, ZONE, ZONE),
        Axis("at", TimeType.DATE, ZONE),
        Axis("to", TimeType.DATE, ZONE),
    ]

    assert len({axis.text for axis in axes}) == len(axes)


def test_days_are_the_same_in_every_zone() -> None:
    assert Axis("at", TimeType.DATE, ZONE).text == Axis("at", TimeType.DATE, "UTC").text

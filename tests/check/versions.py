"""Prices and the ranges of days in which they were valid, and sales that look them up."""

from servery.check.finding import Finding, Severity
from tests.check.holding import found

TABLES = """
create table prices (
    sku text not null,
    valid_from date not null,
    valid_to date,
    price numeric not null,
    primary key (sku, valid_from)
);
create table sales (id int primary key, sku text not null, sold_on date not null);
create index on sales (sku);
"""

FULL = """
insert into prices
select 'S' || n, date '2026-01-01' + 10 * m, date '2026-01-11' + 10 * m, n + m
from generate_series(1, 50) as n, generate_series(0, 3) as m;
insert into sales select n, 'S' || 1 + n % 50, date '2026-01-01' + n % 40 from generate_series(1, 200) as n;
analyze prices;
analyze sales;
"""

MODEL = """
timezone: Europe/Lisbon
tables:
  prices:
    key: [sku, valid_from]
    dimensions:
      price: {type: decimal}
  sales:
    key: id
    joins:
      prices:
        on: {sku: sku}
        valid: {at: sold_on, from: valid_from, to: valid_to}
    metrics:
      made: {type: count}
"""

JOIN = ("tables", "sales", "joins", "prices")
VALID = (*JOIN, "valid")


async def warned(url: str, model: str = MODEL) -> tuple[Finding, ...]:
    return tuple(each for each in await found(url, model) if each.severity is not Severity.ADVICE)

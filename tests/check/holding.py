"""A database made of a few statements, a model of a few lines, and what the check finds of the two."""

from typing import Any

import asyncpg

from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from model.model import Model
from servery.check.check import LARGE, check_model
from servery.check.finding import Finding, Severity

TABLES = """
create table stores (id int primary key, name text not null);
create table sales (
    id int primary key,
    store_id int not null,
    sold_at timestamptz not null,
    status text not null,
    amount numeric(10, 2) not null
);
create index on sales (sold_at);
create index on sales (store_id);
create statistics sales_days on ((sold_at at time zone 'Europe/Lisbon')::date) from sales;
create statistics sales_months
    on (date_trunc('month', sold_at at time zone 'Europe/Lisbon')::date) from sales;
"""

MODEL = """
timezone: Europe/Lisbon
tables:
  stores:
    key: id
    dimensions:
      store: {column: name}
  sales:
    key: id
    time: sold_at
    joins:
      stores: {on: {store_id: id}}
    dimensions:
      sold_at: {type: timestamptz}
      status: {}
      hour: {type: integer, sql: extract(hour from local(sold_at))}
    metrics:
      revenue: {type: sum, sql: amount, where: status = 'paid'}
      made: {type: count}
      per_sale: {type: ratio, numerator: revenue, denominator: made}
"""

FULL = """
insert into stores select n, 'Store ' || n from generate_series(1, 50) as n;
insert into sales
select n, 1 + n % 50, '2026-01-01'::timestamptz + n * interval '1 hour', 'paid', n
from generate_series(1, 200) as n;
analyze stores;
analyze sales;
"""


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def read(url: str, statement: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def found(url: str, model: str | Model = MODEL, *, large: int = LARGE) -> tuple[Finding, ...]:
    database = PostgresDatabase(PoolSettings(url))
    try:
        return await check_model(model_of_text(model) if isinstance(model, str) else model, database, large)
    finally:
        await database.close()


def of(severity: Severity, findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is severity]


def told(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.severity}: {finding.message}" for finding in findings]


def bare(sql: str) -> str:
    """Without the quotes around names, which are a matter of the plan."""
    return sql.replace('"', "")

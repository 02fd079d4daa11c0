"""Semi-additive metrics: their columns, what has several rows at a moment, and the index that they want."""

import pytest

from servery.check.finding import Finding, Severity
from tests.check.holding import bare, found, of, read, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TABLES = """
create table balances (
    id int primary key,
    account int not null,
    day date not null,
    currency text not null,
    amount numeric not null
);
insert into balances
select n, n % 50, date '2026-01-01' + n / 50, 'EUR', n from generate_series(0, 199) as n;
analyze balances;
"""

MODEL = """
tables:
  balances:
    key: id
    dimensions:
      day: {type: date}
      currency: {}
    metrics:
      closing: {type: sum, sql: amount, last: {over: day, per: account}}
"""

LAST = ("tables", "balances", "metrics", "closing", "last")
TWICE = "insert into balances values (1000, 7, '2026-01-02', 'USD', 1), (1001, 8, '2026-01-02', 'USD', 1)"


def warnings(findings: tuple[Finding, ...]) -> list[Finding]:
    return of(Severity.WARNING, findings)


async def test_moments_of_one_row_are_no_finding(database_url: str) -> None:
    await run(database_url, TABLES)

    assert told(await found(database_url, MODEL)) == []


@pytest.mark.parametrize(
    ("wrong", "column", "key"), [("over: day", "dai", "over"), ("per: account", "akkount", "per")]
)
async def test_the_columns_of_a_moment_are_there(
    database_url: str, wrong: str, column: str, key: str
) -> None:
    await run(database_url, TABLES)
    name, _ = wrong.split(": ")

    findings = await found(database_url, MODEL.replace(wrong, f"{name}: {column}"))

    assert told(findings) == [f"error: public.balances has no column '{column}'."]
    assert findings[0].path == (*LAST, key)


async def test_moments_of_several_rows_are_a_warning_that_finds_them(database_url: str) -> None:
    await run(database_url, TABLES, TWICE)

    findings = warnings(await found(database_url, MODEL))

    assert told(tuple(findings)) == [
        (
            "warning: 2 values of (account, day) in public.balances have several rows; "
            "'closing' adds up the rows of one moment."
        )
    ]
    assert findings[0].path == LAST
    rows = await read(database_url, findings[0].sql)
    assert sorted((row["account"], row["times"]) for row in rows) == [(7, 2), (8, 2)]


async def test_the_first_moment_is_told_at_its_own_place(database_url: str) -> None:
    await run(database_url, TABLES, TWICE)

    findings = warnings(await found(database_url, MODEL.replace("last:", "first:")))

    assert [each.path[-1] for each in findings] == ["first"]


@pytest.mark.parametrize(
    "narrowed",
    [
        "last: {over: day, per: [account, currency]}",
        "last: {over: day}",
        "where: currency = 'EUR', last: {over: day, per: account}",
        "only: {currency: EUR}, last: {over: day, per: account}",
    ],
)
async def test_rows_that_are_told_apart_or_left_out_or_meant_are_no_finding(
    database_url: str, narrowed: str
) -> None:
    await run(database_url, TABLES, TWICE)

    assert told(await found(database_url, MODEL.replace("last: {over: day, per: account}", narrowed))) == []


async def test_what_a_unique_index_keeps_apart_is_not_looked_at(database_url: str) -> None:
    await run(database_url, TABLES, "create unique index on balances (day, account)")

    assert told(await found(database_url, MODEL, large=1000)) == []


@pytest.mark.parametrize(
    ("kind", "index"), [("last", "(account, day desc nulls last)"), ("first", "(account, day)")]
)
async def test_moments_of_a_large_table_want_an_index(database_url: str, kind: str, index: str) -> None:
    await run(database_url, TABLES)
    model = MODEL.replace("last:", f"{kind}:")

    findings = await found(database_url, model, large=100)

    assert [bare(each.sql) for each in findings] == [f"create index concurrently on public.balances {index};"]
    assert findings[0].path == (*LAST[:-1], kind)
    await run(database_url, findings[0].sql)
    assert told(await found(database_url, model, large=100)) == []


@pytest.mark.parametrize("index", ["(day, account)", "(account)", "(account, currency, day)"])
async def test_an_index_on_other_columns_or_in_another_order_does_not_serve(
    database_url: str, index: str
) -> None:
    await run(database_url, TABLES, f"create index on balances {index}")

    assert len(await found(database_url, MODEL, large=100)) == 1


async def test_one_index_serves_the_moments_and_the_join(database_url: str) -> None:
    await run(database_url, TABLES, "create table accounts (id int primary key, name text)")
    await run(database_url, "insert into accounts select n, 'A' from generate_series(0, 49) as n")
    joined = MODEL.replace(
        "    dimensions:\n", "    joins:\n      accounts: {on: {account: id}}\n    dimensions:\n", 1
    )
    model = joined + "  accounts:\n    key: id\n    dimensions:\n      owner_name: {column: name}\n"

    findings = await found(database_url, model, large=100)

    assert [bare(each.sql) for each in findings] == [
        "create index concurrently on public.balances (account, day desc nulls last);"
    ]


async def test_moments_without_per_want_an_index_on_their_time(database_url: str) -> None:
    await run(database_url, TABLES, "update balances set day = date '2026-01-01' + id; analyze balances")

    findings = await found(database_url, MODEL.replace(", per: account", ""), large=100)

    assert [bare(each.sql) for each in findings] == ["create index concurrently on public.balances (day);"]

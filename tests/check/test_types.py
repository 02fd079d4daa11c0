"""Types that do not fit, and expressions that PostgreSQL refuses."""

import pytest

from servery.check.finding import Severity
from servery.check.types import comparable
from tests.check.holding import FULL, MODEL, TABLES, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.mark.parametrize(
    ("declared", "column", "remedy"),
    [
        ("{type: timestamptz}", "timestamp", "Write 'type: timestamp', and 'zone'"),
        ("{type: timestamptz}", "date", "Write 'type: date'"),
        ("{type: date}", "timestamptz", "Write 'type: timestamptz'."),
        ("{type: timestamp, zone: UTC}", "timestamptz", "Write 'type: timestamptz'."),
    ],
)
async def test_a_time_is_declared_as_it_is(
    database_url: str, declared: str, column: str, remedy: str
) -> None:
    await run(database_url, TABLES, FULL, f"alter table sales alter sold_at type {column}")

    findings = await found(database_url, MODEL.replace("{type: timestamptz}", declared))

    kind = declared.strip("{}").split(",")[0].split()[-1]
    assert f"error: 'sold_at' is declared {kind}, and 'sold_at' is {column}." in told(findings)
    assert findings[0].path == ("tables", "sales", "dimensions", "sold_at")
    assert findings[0].remedy.startswith(remedy)


FITTING = [
    ("string", "varchar(10)"),
    ("string", "named"),
    ("uuid", "uuid"),
    ("boolean", "boolean"),
    ("integer", "smallint"),
    ("decimal", "numeric(10, 2)"),
    ("decimal", "bigint"),
    ("float", "real"),
]
OTHER_NUMBERS = [("integer", "numeric"), ("decimal", "double precision"), ("float", "numeric")]
WRONG = [
    ("string", "integer"),
    ("string", "uuid"),
    ("string", "jsonb"),
    ("string", "mood"),
    ("string", "text[]"),
    ("uuid", "text"),
    ("boolean", "integer"),
    ("integer", "text"),
]


async def test_a_dimension_has_the_type_of_its_column(database_url: str) -> None:
    pairs = [*FITTING, *OTHER_NUMBERS, *WRONG]
    columns = ", ".join(f"add column_{number} {column}" for number, (_, column) in enumerate(pairs))
    await run(
        database_url,
        TABLES,
        "create type mood as enum ('good', 'bad')",
        "create domain named as text check (value <> '')",
        f"alter table sales {columns}",
    )
    dimensions = [f"      column_{number}: {{type: {kind}}}" for number, (kind, _) in enumerate(pairs)]

    findings = await found(
        database_url, MODEL.replace("      status: {}", "\n".join(["      status: {}", *dimensions]))
    )

    judged = {str(finding.path[-1]): finding.severity for finding in findings}
    severities = [judged.get(f"column_{number}") for number in range(len(pairs))]
    assert len(judged) == len(findings) == len(OTHER_NUMBERS) + len(WRONG)
    assert severities[: len(FITTING)] == [None] * len(FITTING)
    assert severities[len(FITTING) : -len(WRONG)] == [Severity.WARNING] * len(OTHER_NUMBERS)
    assert severities[-len(WRONG) :] == [Severity.ERROR] * len(WRONG)


async def test_an_integer_formula_may_be_numeric_in_the_database(database_url: str) -> None:
    await run(database_url, TABLES)

    findings = await found(database_url, MODEL.replace("type: integer, sql: extract", "sql: extract"))

    assert told(findings) == [
        "error: 'hour' is declared string, and 'extract(hour from local(sold_at))' is numeric."
    ]
    assert told(await found(database_url)) == []


@pytest.mark.parametrize("kind", ["sum", "avg", "median", "percentile, p: 0.9"])
async def test_numbers_are_made_of_numbers(database_url: str, kind: str) -> None:
    await run(database_url, TABLES)
    model = MODEL.replace("{type: sum, sql: amount,", f"{{type: {kind}, sql: status,")

    findings = await found(database_url, model)

    name = kind.split(",", maxsplit=1)[0]
    assert told(findings)[0] == f"error: 'revenue' is a {name} over 'status', which is text and not a number."
    assert findings[0].remedy.startswith("Write 'sql: cast(status as numeric)'")


async def test_the_least_of_texts_is_no_fault(database_url: str) -> None:
    await run(database_url, TABLES)
    model = MODEL.replace("      per_sale", "      first: {type: min, sql: status}\n      per_sale")

    assert told(await found(database_url, model)) == []


EXTREMES = "alter table sales add day date, add wall timestamp, add span interval, add rate float8"


@pytest.mark.parametrize(
    "told_of_it",
    [
        "sql: sold_at",
        "sql: status",
        "sql: amount",
        "sql: id",
        "sql: rate",
        "sql: day, value_type: date",
        "sql: id, value_type: integer",
        "sql: lower(status), value_type: string",
        "sql: sold_at + interval '1 day', value_type: timestamptz",
    ],
)
async def test_the_greatest_is_of_the_type_that_the_model_says(database_url: str, told_of_it: str) -> None:
    await run(database_url, TABLES, EXTREMES)
    model = MODEL.replace("      per_sale", f"      top_value: {{type: max, {told_of_it}}}\n      per_sale")

    assert told(await found(database_url, model)) == []


@pytest.mark.parametrize(
    ("told_of_it", "said", "remedy"),
    [
        ("sql: day", "taken for a decimal, and 'day' is date.", "Write 'value_type: date'."),
        (
            "sql: lower(status)",
            "taken for a decimal, and 'lower(status)' is text.",
            "Write 'value_type: string'.",
        ),
        ("sql: day, value_type: timestamptz", "taken for a timestamptz, and 'day' is date.", "Write"),
        ("sql: sold_at, value_type: date", "taken for a date, and 'sold_at' is timestamptz.", "Write"),
        (
            "sql: wall, value_type: timestamp",
            "taken for a timestamptz, and 'wall' is timestamp.",
            "Declare a dimension of it with 'type: timestamp', and 'zone'",
        ),
        ("sql: span", "taken for a decimal, and 'span' is interval.", "Write 'sql: cast(span as text)'"),
    ],
)
async def test_another_type_than_the_model_says_is_an_error(
    database_url: str, told_of_it: str, said: str, remedy: str
) -> None:
    await run(database_url, TABLES, EXTREMES)
    model = MODEL.replace("      per_sale", f"      top_value: {{type: max, {told_of_it}}}\n      per_sale")

    findings = await found(database_url, model)

    assert told(findings) == [f"error: 'top_value' is {said}"]
    assert findings[0].path == ("tables", "sales", "metrics", "top_value")
    assert findings[0].remedy.startswith(remedy)


async def test_another_kind_of_number_is_a_warning(database_url: str) -> None:
    await run(database_url, TABLES)
    extreme = "top_value: {type: max, sql: amount, value_type: integer}"

    findings = await found(database_url, MODEL.replace("      per_sale", f"      {extreme}\n      per_sale"))

    assert told(findings) == ["warning: 'top_value' is taken for an integer, and 'amount' is numeric."]


async def test_the_type_of_a_dimension_is_not_told_of_its_extremes(database_url: str) -> None:
    await run(database_url, TABLES, "alter table sales alter status type int using 1")
    extreme = "top_value: {type: max, sql: status}"
    model = MODEL.replace("      per_sale", f"      {extreme}\n      per_sale")

    findings = await found(database_url, model.replace(", where: status = 'paid'", ""))

    assert told(findings) == ["error: 'status' is declared string, and 'status' is int4."]


async def test_the_extreme_of_a_timestamp_is_read_in_the_zone_of_its_dimension(database_url: str) -> None:
    await run(database_url, TABLES, "alter table sales alter sold_at type timestamp")
    model = MODEL.replace("{type: timestamptz}", "{type: timestamp, zone: Europe/Lisbon}")

    assert (
        told(
            await found(
                database_url,
                model.replace("      per_sale", "      latest: {type: max, sql: sold_at}\n      per_sale"),
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("where: status = 'paid'", "where: amount", "'revenue': argument of FILTER must be type boolean"),
        ("sql: amount,", "sql: amount + status,", "'revenue': operator does not exist: numeric + text"),
        (
            "hour from local(sold_at)",
            "fortnight from local(sold_at)",
            "'hour': unit \"fortnight\" not recognized",
        ),
        ("sql: amount,", "sql: amount / 0,", "'revenue': division by zero"),
    ],
)
async def test_what_postgresql_refuses_is_told_in_its_words(
    database_url: str, before: str, after: str, said: str
) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(database_url, MODEL.replace(before, after))

    assert findings
    assert told(findings)[0].startswith(f"error: PostgreSQL refuses {said}")


async def test_a_formula_over_metrics_is_planned_as_well(database_url: str) -> None:
    await run(database_url, TABLES)
    model = MODEL.replace(
        "per_sale: {type: ratio, numerator: revenue, denominator: made}",
        "last: {type: max, sql: status}\n      per_sale: {type: ratio, numerator: last, denominator: made}",
    )

    findings = await found(database_url, model)

    assert len(findings) == 1
    assert findings[0].path == ("metrics", "per_sale")
    assert "operator does not exist" in findings[0].message


async def test_a_join_pairs_columns_that_can_be_compared(database_url: str) -> None:
    await run(database_url, TABLES, "alter table sales alter store_id type text")

    findings = await found(database_url)

    assert "error: sales.store_id is text and stores.id is int4; PostgreSQL does not compare these." in told(
        findings
    )
    assert findings[0].path == ("tables", "sales", "joins", "stores")
    assert len(of(Severity.ERROR, findings)) == 1


async def test_a_domain_is_compared_as_what_it_is_made_of(database_url: str) -> None:
    await run(
        database_url,
        TABLES,
        "create domain number_of_store as int",
        "alter table sales alter store_id type number_of_store",
    )

    assert told(await found(database_url)) == []


async def test_keys_of_different_lengths_meet(database_url: str) -> None:
    await run(database_url, TABLES, "alter table sales alter store_id type bigint")

    assert told(await found(database_url)) == []


def test_types_compare_within_their_kind() -> None:
    assert comparable("text", "varchar")
    assert comparable("int4", "numeric")
    assert not comparable("uuid", "text")
    assert not comparable("date", "text")

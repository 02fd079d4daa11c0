"""Questions whose SQL once went wrong: names, definitions and ways that look alike."""

import asyncpg
import pytest

from model.faults import Fault
from model.filters import EVERYTHING, Condition, Filter, Op
from model.load import model_of_text
from model.model import Model
from model.query import Direction, OrderBy, Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.ranges import zone_of
from plan.sql import render
from tests.plan.questions import RESTAURANT

WORDS = ["user", "current_user", "current_date", "order", "group", "to", "select", "table", "check", "both"]


def planned(model: Model, filters: Filter = EVERYTHING, **asked: tuple[str, ...]) -> str:
    query = Query(
        metrics=asked["metrics"], timezone="UTC", dimensions=asked.get("dimensions", ()), filters=filters
    )
    return make_plan(model, query, ANONYMOUS, Limits()).fingerprint


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("word", WORDS)
async def test_a_word_of_sql_may_name_tables_columns_and_dimensions(word: str, database_url: str) -> None:
    model = model_of_text(
        f"tables: {{{word}: {{key: id, dimensions: {{{word}: {{}}}}, metrics: {{n: {{type: count}}}}}}}}"
        if word != "table"
        else "tables: {t: {source: table, key: id, dimensions: {table: {}}, metrics: {n: {type: count}}}}"
    )
    query = Query(("n",), "UTC", (word,), order_by=(OrderBy(word, Direction.DESC),), totals=True)
    statement = render(model, make_plan(model, query, ANONYMOUS, Limits()))
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f'create table "{word}" (id int primary key, "{word}" text)')
        await connection.execute(f"""insert into "{word}" values (1, 'a'), (2, 'b'), (3, 'b')""")
        rows = await connection.fetch(statement.text, *statement.args)
    finally:
        await connection.close()

    assert [tuple(row)[:2] for row in rows] == [("b", 2), ("a", 1), (None, 3)]


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("totals", [False, True])
async def test_what_orders_and_filters_groups_is_joined_although_it_is_not_shown(
    database_url: str, *, totals: bool
) -> None:
    query = Query(
        (),
        "UTC",
        ("product",),
        having=Condition("qtd_produtos", Op.GT, (3,)),
        order_by=(OrderBy("qtd_produtos", Direction.DESC),),
        totals=totals,
    )
    statement = render(RESTAURANT, make_plan(RESTAURANT, query, ANONYMOUS, Limits()))

    assert '"sales"."status"' in statement.text
    assert 'LEFT JOIN "restaurant"."sales"' in statement.text


LOCAL = """
tables:
  t:
    key: id
    dimensions:
      wall: {column: at, type: timestamp, zone: UTC}
      early: {type: integer, sql: extract(hour from local(at))}
    metrics:
      n: {type: count, where: extract(hour from local(at)) < 6}
"""
TOTAL = "tables: {t: {key: id, dimensions: {d: {}}, metrics: {n: {type: sum, sql: Total}}}}"


def test_another_zone_of_the_column_behind_local_is_another_definition() -> None:
    before, after = model_of_text(LOCAL), model_of_text(LOCAL.replace("zone: UTC", "zone: Asia/Tokyo"))

    assert planned(before, metrics=("n",)) != planned(after, metrics=("n",))
    assert planned(before, metrics=("n",), dimensions=("early",)) != planned(
        after, metrics=("n",), dimensions=("early",)
    )


def test_a_column_in_quotes_is_another_column() -> None:
    quoted = TOTAL.replace("sql: Total", "sql: '\"Total\"'")

    assert planned(model_of_text(TOTAL), metrics=("n",)) != planned(model_of_text(quoted), metrics=("n",))


TWO_WAYS = """
tables:
  customers: {key: id, metrics: {customers_found: {type: count}}}
  products: {key: id, dimensions: {product_name: {}}}
  sales: {key: id, joins: {customers: {on: {customer_id: id}}}}
  lines: {key: id, joins: {sales: {on: {sale_id: id}}, products: {on: {product_id: id}}}}
  reviews: {key: id, joins: {customers: {on: {customer_id: id}}, products: {on: {product_id: id}}}}
"""


def test_two_ways_down_are_two_questions_even_when_one_is_shorter() -> None:
    with pytest.raises(Fault) as refused:
        planned(
            model_of_text(TWO_WAYS),
            Condition("product_name", Op.EQ, ("pizza",)),
            metrics=("customers_found",),
        )

    assert refused.value.code == "AMBIGUOUS_JOIN_PATH"
    assert refused.value.fields["paths"] == [
        "customers -> reviews -> products",
        "customers -> sales -> lines -> products",
    ]


@pytest.mark.parametrize("name", ["CET", "EET", "MET", "WET", "localtime", "Factory"])
def test_a_zone_that_postgresql_reads_otherwise_is_refused(name: str) -> None:
    with pytest.raises(Fault) as refused:
        zone_of(name)

    assert refused.value.code == "INVALID_TIMEZONE"

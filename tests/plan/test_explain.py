"""A plan in words: tables, joins, and why a filter went where it did."""

from typing import Any

from model.filters import And, Condition, Op, Or
from model.query import Query, Top
from model.viewer import ANONYMOUS
from plan.explain import explained
from plan.limits import Limits
from plan.plan import make_plan
from tests.plan.questions import JANUARY, QUESTIONS, RESTAURANT, ZONE


def told(query: Query) -> dict[str, Any]:
    return explained(RESTAURANT, make_plan(RESTAURANT, query, ANONYMOUS, Limits()))


def test_it_names_the_table_its_joins_and_its_keys() -> None:
    (sales,) = told(QUESTIONS["months_and_stores"])["aggregates"]

    assert sales["table"] == "restaurant.sales"
    assert sales["joins"] == ["stores (left join, one row at most) on sales.store_id = stores.id"]
    assert sales["groupBy"] == ["time__month", "store from stores"]


def test_it_says_why_each_filter_went_where_it_did() -> None:
    query = Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        interval=JANUARY,
        filters=And(
            (
                Condition("category", Op.EQ, ("Sorvetes",)),
                Or((Condition("city", Op.EQ, ("Recife",)), Condition("channel_id", Op.IN, (1, None)))),
            )
        ),
    )

    (sales,) = told(query)["aggregates"]

    places = {each["filter"]: each["where"] for each in sales["filters"]}
    assert places["category eq Sorvetes"] == (
        "semi-join: a row of sales meets many of product_sales, and some row must pass"
    )
    assert places["channel_id in [null, 1] or city eq Recife"] == (
        "channel_id on the table itself; city on the row that is looked up in stores"
    )
    assert places["from 2026-01-01T03:00:00+00:00 until before 2026-02-01T03:00:00+00:00"] == (
        "on the column of sold_at, as a half-open range"
    )


def test_metrics_of_several_tables_are_several_aggregates() -> None:
    found = told(QUESTIONS["four_tables"])

    assert [each["table"] for each in found["aggregates"]] == [
        "restaurant.sales",
        "restaurant.product_sales",
        "restaurant.item_product_sales",
        "restaurant.payments",
    ]
    assert "UNION ALL" in found["combined"]


def test_a_ranking_is_a_plan_of_its_own() -> None:
    query = Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("time__month", "store"),
        top=Top(3, "faturamento", "store"),
    )

    found = told(query)

    assert found["ranking"]["aggregates"][0]["metrics"] == ["faturamento"]
    assert "top: the first 3 of store by faturamento, ranked over base rows, then joined" in found["steps"]


def test_rows_that_meet_many_are_said_to_be_made_distinct() -> None:
    groups, total = told(QUESTIONS["sales_by_product_deduplicated"])["aggregates"]

    assert "distinct" in groups
    assert "product_sales (left join, many rows) on sales.id = product_sales.sale_id" in groups["joins"]
    assert total["table"] == "restaurant.sales"


def test_every_golden_question_can_be_explained() -> None:
    for query in QUESTIONS.values():
        assert told(query)["aggregates"]

"""SQL expressions become trees of bare columns."""

import pytest

from model.expression import DEEPEST, LONGEST, Sql, local_calls, parse_expression
from model.grammar import ExpressionRefused


def _parse(text: str) -> Sql:
    return parse_expression(text, table="sales")


def test_the_columns_are_those_that_it_reads_in_order_and_once() -> None:
    assert _parse("b + a * b - coalesce(c, 0)").columns == ("b", "a", "c")


def test_its_own_table_may_stand_before_a_column() -> None:
    sql = _parse("sales.amount - sales.discount")

    assert sql.columns == ("amount", "discount")
    assert sql.tree.sql("postgres") == "amount - discount"


def test_an_unquoted_name_is_small_and_a_quoted_one_as_it_is() -> None:
    assert _parse('Amount + "Amount"').columns == ("amount", "Amount")


def test_a_bare_column_is_known_as_one() -> None:
    assert _parse("sales.Amount").column == "amount"
    assert _parse("(amount)").column is None
    assert _parse("amount::date").column is None


def test_expressions_are_equal_when_their_text_is() -> None:
    assert _parse("a + b") == _parse("a + b")
    assert _parse("a + b") != _parse("b + a")


@pytest.mark.parametrize(
    "name", ["stores.name", "restaurant.sales.amount", "other.restaurant.sales.amount", "sales.address.city"]
)
def test_a_column_of_another_table_is_refused(name: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        _parse(f"amount + {name}")

    assert str(refused.value) == f"'{name}' is not a column of sales."
    assert refused.value.hint.startswith("An expression reads its own table")


def test_local_calls_show_their_arguments_as_they_are_written() -> None:
    sql = _parse("local(sold_at) - LOCAL(\"Sold\") + local('sold_at') + local(a, b) + local(a::date)")

    assert sorted(local_calls(sql)) == [
        ("'sold_at'",),
        ("CAST(a AS DATE)",),
        ("Sold",),
        ("a", "b"),
        ("sold_at",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1900 + "a" + ")" * 1900,
        "(" * 120 + "a" + ")" * 120,
        "lower(" * 200 + "a" + ")" * 200,
        "- " * 1500 + "a",
        "not " * 900 + "a",
        "case when a then " * 100 + "b" + " end" * 100,
        "+".join("a" * 1000),
        " and ".join(["a"] * 500),
        "a" + "::int" * 500,
        "[" * 1900,
    ],
)
def test_a_deeply_nested_expression_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(ExpressionRefused, match=r"nested too deeply|not one SQL expression"):
        _parse(text)


def test_the_deepest_expression_that_is_taken_can_be_written_and_copied() -> None:
    sql = _parse("+".join("a" * (DEEPEST - 1)))

    assert sql.tree.copy().sql("postgres", pretty=True)


def test_a_very_long_expression_is_refused_before_it_is_read() -> None:
    with pytest.raises(ExpressionRefused, match=f"at most {LONGEST} characters, not {LONGEST + 1}"):
        _parse("a" * (LONGEST + 1))


def test_a_long_expression_is_shown_short() -> None:
    with pytest.raises(ExpressionRefused) as refused:
        _parse(f"sum({'amount + ' * 50}1)")

    assert len(str(refused.value)) < 100

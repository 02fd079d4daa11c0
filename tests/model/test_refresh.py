"""Refresh keys: which queries they may be, and what becomes of them."""

import pytest

from model.grammar import ExpressionRefused
from model.refresh import LONGEST, Refresh, parse_refresh_key
from tests.model.texts import model_with_sales


@pytest.mark.parametrize(
    "query",
    [
        "select max(updated_at) from shop.sales",
        "select max(id), count(*) from sales where not deleted",
        "with days as (select max(day) as day from loads) select day from days",
        "(select max(id) from a) union all (select max(id) from b)",
        "select date_trunc('hour', now())",
        'select max("Updated At") from "Odd Schema"."Odd;Table"',
        "select pg_relation_size('sales'), $$a;b$$",
    ],
)
def test_a_query_is_kept_as_it_was_written(query: str) -> None:
    assert parse_refresh_key(query) == query


def test_a_semicolon_at_the_end_is_no_second_query() -> None:
    assert parse_refresh_key(" select 1 ; ") == "select 1"


@pytest.mark.parametrize(
    "query",
    [
        "select 1; select 2",
        "delete from sales",
        "insert into sales select 1",
        "update sales set id = 1",
        "merge into sales using b on true when matched then delete",
        "with gone as (delete from sales returning 1) select count(*) from gone",
        "with made as (insert into sales values (1) returning 1) select * from made",
        "select * into copied from sales",
        "select id from sales for update",
        "create table sales (id int)",
        "truncate sales",
        "copy sales to stdout",
        "explain select 1",
        "show all",
        "set work_mem = '1GB'",
        "values (1)",
        "call procedure()",
        "do $$ begin end $$",
        "select $1",
        "select :tenant",
        "select 1 -- the end",
        "select 1 /* a */",
        "",
        "select 1) as a, (select 2",
        "max(updated_at)",
        ";",
    ],
)
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_refresh_key(query)

    assert refused.value.hint


def test_a_query_has_an_end() -> None:
    query = f"select {' + '.join(['1'] * LONGEST)}"

    with pytest.raises(ExpressionRefused, match="at most 4000 characters"):
        parse_refresh_key(query)


def test_a_table_holds_its_key_and_how_often_it_is_asked() -> None:
    model = model_with_sales("refresh_key: select 1\nrefresh_every: 60\nmetrics: {made: {type: count}}")

    assert model.tables["sales"].refresh == Refresh("select 1", 60)


def test_ten_seconds_are_usual() -> None:
    model = model_with_sales("refresh_key: select 1\nmetrics: {made: {type: count}}")

    assert model.tables["sales"].refresh == Refresh("select 1", 10)
    assert model.tables["stores"].refresh is None


def test_a_key_changes_no_answer_and_so_no_fingerprint() -> None:
    with_key = model_with_sales("refresh_key: select 1\nmetrics: {made: {type: count}}")
    without = model_with_sales("metrics: {made: {type: count}}")

    assert with_key.fingerprint(["made"], [], ["sales"]) == without.fingerprint(["made"], [], ["sales"])

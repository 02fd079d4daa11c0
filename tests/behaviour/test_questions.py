"""The questions in examples/restaurant/questions, asked and held against SQL that is written by hand."""

import re

import pytest

from tests.behaviour.comparison import differences, rows_of
from tests.behaviour.documents import (
    CHECKED,
    NAMES,
    SQL,
    answer,
    question,
    sql,
    told_where_from,
    written,
)
from tests.service import Service

ONLY_A_NUMBER = "how_many_customers_stay_away"
TOTALS = sorted(path.stem.removesuffix(".totals") for path in SQL.glob("*.totals.sql"))
WITHOUT_LIMIT = re.compile(r"\nlimit \d+\n")


def test_each_says_in_its_first_line_what_it_asks() -> None:
    assert [name for name in NAMES if not re.match(r"# [A-Z].*[.:]\n", question(name))] == []


def test_each_but_the_one_that_only_counts_has_its_sql() -> None:
    assert {*CHECKED, ONLY_A_NUMBER} == set(NAMES)


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("name", CHECKED)
async def test_each_gives_rows(name: str, restaurant: Service) -> None:
    assert (await answer(restaurant, question(name)))["data"]


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("name", CHECKED)
async def test_each_gives_the_rows_of_its_sql(name: str, restaurant: Service, restaurant_url: str) -> None:
    found = await answer(restaurant, question(name))

    assert differences(found["data"], await rows_of(restaurant_url, sql(name))) == []


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("name", TOTALS)
async def test_totals_are_those_of_their_sql(name: str, restaurant: Service, restaurant_url: str) -> None:
    found = await answer(restaurant, question(name))

    assert differences([found["totals"]], await rows_of(restaurant_url, sql(f"{name}.totals"))) == []


@pytest.mark.anyio
@pytest.mark.integration
async def test_the_number_of_customers_who_stay_away_is_the_length_of_their_list(
    restaurant: Service, restaurant_url: str
) -> None:
    found = await answer(restaurant, question(ONLY_A_NUMBER))
    everybody = WITHOUT_LIMIT.sub("\n", sql("customers_who_stay_away"))

    assert found == {"data": [], "metadata": {"groupCount": len(await rows_of(restaurant_url, everybody))}}


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize(("place", "column"), [(0, "state"), (1, "channel")])
async def test_subtotals_count_a_customer_of_several_groups_once(
    place: int, column: str, restaurant: Service, restaurant_url: str
) -> None:
    other = {"state": "c.name as channel,", "channel": "t.state,"}[column]
    by_one = re.sub(r"group by 1, 2\norder by 1, 2", "group by 1 order by 1", sql("subtotals_and_totals"))

    found = (await answer(restaurant, question("subtotals_and_totals")))["subtotals"][place]

    assert found["by"] == [column]
    assert differences(found["rows"], await rows_of(restaurant_url, by_one.replace(other, ""))) == []


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("name", NAMES)
async def test_a_hit_repeats_the_miss_byte_for_byte(name: str, restaurant: Service) -> None:
    document = told_where_from(question(name))

    miss, hit = [await written(restaurant, document) for _ in range(2)]

    assert (miss.pop("told"), hit.pop("told")) == ({"fromCache": False}, {"fromCache": True})
    assert hit == miss

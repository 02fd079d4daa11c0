"""Servery's SQL and a person's give the same answers, or nothing is measured."""

import asyncio
import os
from dataclasses import replace

import pytest

from bench.equality import check_equal
from bench.faults import NotMeasured
from bench.handwritten import TARGET, Found, Way, compare, explained, method, pairs_in, table_of
from bench.processor import BackendTime
from bench.questions import PAIRS
from db.database import Column, Result
from db.postgres import PostgresDatabase
from db.settings import PoolSettings

NAMES = ("channel", "total")
COLUMNS = (Column("channel", "text"), Column("total", "numeric"))
ANSWER = Result(COLUMNS, [("iFood", "10.50"), (None, None)], 1.0)
TWICE_AS_FAST = Found(ours=Way((5.0, 6.0), 1.5), by_hand=Way((10.0, 12.0), 2.0), rows=1_234)
SLOW = Found(ours=Way((12.0,), 0.01), by_hand=Way((10.0,), 0.02), rows=1)


def test_every_question_has_sql_beside_it() -> None:
    questions = {path.stem for path in PAIRS.glob("*.graphql")}

    assert {path.stem for path in PAIRS.glob("*.sql")} == questions
    assert len(questions) >= 10


@pytest.mark.integration
def test_both_ways_of_every_pair_give_the_same_answer(restaurant_url: str) -> None:
    pairs = pairs_in(PAIRS)

    found = asyncio.run(compare(restaurant_url, pairs, rounds=2))

    assert list(found) == [pair.name for pair in pairs]
    assert all(len(each.ours.ms) == len(each.by_hand.ms) >= 2 for each in found.values())
    assert sum(each.rows for each in found.values()) > 100


@pytest.mark.integration
def test_a_pair_that_differs_is_not_measured(restaurant_url: str) -> None:
    pair = next(pair for pair in pairs_in(PAIRS) if pair.name == "values_of_a_lookup")
    wrong = replace(pair, by_hand=pair.by_hand.replace("city", "'Recife' as city", 1))

    with pytest.raises(NotMeasured, match=r"values_of_a_lookup: .* from Servery, .* by hand"):
        asyncio.run(compare(restaurant_url, [wrong], rounds=1))


@pytest.mark.integration
def test_what_postgresql_does_is_told_for_both_ways(restaurant_url: str) -> None:
    pair = pairs_in(PAIRS)[0]

    told = asyncio.run(explained(restaurant_url, pair))

    assert told.count("Execution Time") == 2
    assert pair.by_hand in told


@pytest.mark.integration
def test_the_time_of_a_backend_grows_with_its_work(restaurant_url: str) -> None:
    async def used() -> float:
        database = PostgresDatabase(PoolSettings(restaurant_url, max_size=1))
        processor = BackendTime.of((await database.fetch("select pg_backend_pid()")).rows[0][0])
        if processor is None:
            pytest.skip("this PostgreSQL runs on another machine")
        before = processor.seconds()
        await database.fetch("select sum(number) from generate_series(1, 2000000) as number")
        after = processor.seconds()
        await database.close()
        return after - before

    assert asyncio.run(used()) > 0.05


def test_there_is_no_time_of_a_backend_elsewhere() -> None:
    assert BackendTime.of(os.getpid()) is None


def test_columns_are_compared_by_name_and_those_beyond_are_left_alone() -> None:
    columns = (Column("total", "numeric"), Column("channel", "text"), Column("set", "int4"))

    check_equal("revenue", NAMES, Result(columns, [("10.5", "iFood", 0), (None, None, 1)], 1.0), ANSWER)


@pytest.mark.parametrize(
    "rows", [[("iFood", "10.51"), (None, None)], [("iFood", "10.50")], [(None, None), ("iFood", "10.50")]]
)
def test_a_wrong_number_a_missing_row_and_another_order_are_seen(rows: list[tuple[object, ...]]) -> None:
    with pytest.raises(NotMeasured, match="revenue"):
        check_equal("revenue", NAMES, Result(COLUMNS, rows, 1.0), ANSWER)


def test_a_missing_column_is_seen() -> None:
    with pytest.raises(NotMeasured, match="There is no column total among channel"):
        check_equal("revenue", NAMES, Result(COLUMNS[:1], [("iFood",)], 1.0), ANSWER)


def test_floats_may_differ_in_their_last_digits_and_no_further() -> None:
    columns = (Column("channel", "text"), Column("total", "float8"))

    check_equal(
        "revenue", NAMES, Result(columns, [("a", 0.1 + 0.2)], 1.0), Result(columns, [("a", 0.3)], 1.0)
    )
    with pytest.raises(NotMeasured):
        check_equal(
            "revenue", NAMES, Result(columns, [("a", 0.3001)], 1.0), Result(columns, [("a", 0.3)], 1.0)
        )


def test_the_table_shows_medians_and_the_spread_of_the_ratio() -> None:
    quick, slow = table_of({"quick": TWICE_AS_FAST, "slow": SLOW}).rows

    assert quick == ("quick", "1,234", "5.5", "11", "0.5", "0.5", "0.5", "0.75")
    assert slow == ("slow", "1", "12", "10", "1.2", "1.2", "1.2", "")


def test_the_method_names_what_is_above_the_target() -> None:
    told = method({"quick": TWICE_AS_FAST, "slow": SLOW}, 5_000, 9, "a machine")

    assert told["target"] == f"{TARGET} or less for each; above it: slow"
    assert "5,000 sales" in told["data"]

"""Large answers are asked for as JSON from the second time on, and nobody could tell."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import pytest

from cache.hit import Loaded
from db.database import Result
from db.errors import BadValue, DatabaseError, QueryTimeout, Refused
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from model.query import Direction, OrderBy
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from resolvers.loads import Loads
from resolvers.question import Question, query_of
from tests.fakes import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

MODEL = model_of_text("""
timezone: UTC
tables:
  sales:
    key: id
    dimensions: {shop: {column: shop}, at: {type: timestamp, column: sold_at, zone: UTC}}
    metrics:
      sold: {type: count}
      revenue: {type: sum, sql: amount}
""")
MANY = 20
SHOPS = 30


@dataclass
class Heard:
    """The database behind it, and what was asked there; `fail` may raise instead of an answer as JSON."""

    database: PostgresDatabase
    as_json: list[bool] = field(default_factory=list)
    fail: Callable[[], None] = lambda: None
    change: Callable[[Result], Result] = lambda result: result

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:
        self.as_json.append("string_agg" in text)
        if not self.as_json[-1]:
            return await self.database.fetch(text, args, timeout_ms=timeout_ms)
        self.fail()
        return self.change(await self.database.fetch(text, args, timeout_ms=timeout_ms))

    async def ready(self) -> float:
        return await self.database.ready()

    async def close(self) -> None:
        await self.database.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "create table sales (id int primary key, shop text, sold_at timestamptz, amount numeric(12, 2))"
    )
    await _sell(connection, SHOPS)
    yield connection
    await connection.close()


async def _sell(connection: Any, shops: int) -> None:
    await connection.execute("truncate sales")
    rows = [
        (number, None if number == 3 else f'Loja "{number}"\n', NOW, number) for number in range(1, shops + 1)
    ]
    await connection.copy_records_to_table("sales", records=rows)


@pytest.fixture
async def heard(database_url: str, owner: Any) -> AsyncIterator[Heard]:
    heard = Heard(PostgresDatabase(PoolSettings(database_url)))
    yield heard
    await heard.close()


@pytest.fixture
def loads(heard: Heard) -> Loads:
    return Loads(heard, many_rows=MANY)


async def load(loads: Loads, limit: int = 1_000, **given: Any) -> Loaded:
    dimensions = given.pop("dimensions", ("shop",))
    order = (OrderBy("revenue", Direction.DESC),)
    question = Question(("sold", "revenue"), dimensions, order_by=order, limit=limit, **given)
    plan = make_plan(MODEL, query_of(question, MODEL, NOW, default_limit=100), ANONYMOUS, Limits())
    return await loads.load(plan, render(MODEL, plan), NOW)


async def test_a_large_answer_is_the_same_the_second_time_as_json(loads: Loads, heard: Heard) -> None:
    first, second, third = [await load(loads) for _ in range(3)]

    assert first == second == third
    assert first.rows == SHOPS
    assert heard.as_json == [False, True, True]


@pytest.mark.parametrize("limit", [MANY, SHOPS - 1, SHOPS, SHOPS + 1])
async def test_no_more_rows_are_shown_than_were_asked_for(loads: Loads, heard: Heard, limit: int) -> None:
    first, second = [await load(loads, limit) for _ in range(2)]

    assert first == second
    assert first.rows == min(limit, SHOPS)
    assert orjson.loads(first.body.split(b"\n")[0])["truncated"] is (limit < SHOPS)
    assert heard.as_json == [False, True]


async def test_one_text_serves_other_limits(loads: Loads, heard: Heard) -> None:
    await load(loads, SHOPS)
    limited = await load(loads, MANY)

    assert (limited.rows, heard.as_json) == (MANY, [False, True])


async def test_small_answers_are_put_together_row_by_row(loads: Loads, heard: Heard) -> None:
    for _ in range(3):
        await load(loads, MANY - 1)

    assert heard.as_json == [False] * 3


async def test_an_answer_that_became_small_is_row_by_row_again(
    loads: Loads, heard: Heard, owner: Any
) -> None:
    await load(loads)
    await _sell(owner, 0)
    empty = [await load(loads) for _ in range(2)]
    await _sell(owner, SHOPS)
    await load(loads)
    await load(loads)

    assert [each.rows for each in empty] == [0, 0]
    assert empty[0] == empty[1]
    assert heard.as_json == [False, True, False, False, False, True]


@pytest.mark.parametrize(
    "given",
    [{"totals": True}, {"group_count": True}, {"subtotals": (("shop",),), "dimensions": ("shop", "at")}],
)
async def test_rows_that_must_be_told_apart_are_not_left_to_postgresql(
    loads: Loads, heard: Heard, given: dict[str, Any]
) -> None:
    first, second = [await load(loads, **given) for _ in range(2)]

    assert first == second
    assert heard.as_json == [False, False]


async def test_instants_are_not_left_to_postgresql(loads: Loads, heard: Heard, owner: Any) -> None:
    await owner.execute("update sales set sold_at = sold_at + make_interval(secs => id)")
    first, second = [await load(loads, dimensions=("at",)) for _ in range(2)]

    assert first == second
    assert heard.as_json == [False, False]


async def test_a_column_whose_type_was_changed_is_shown_as_it_is_now(
    loads: Loads, heard: Heard, owner: Any
) -> None:
    await load(loads)
    await owner.execute("alter table sales alter amount type bigint using 7")
    now = [await load(loads) for _ in range(3)]

    assert now[0] == now[1] == now[2]
    assert b'"revenue":"' in now[0].body  # of whole numbers PostgreSQL's sum is exact, too
    await owner.execute("alter table sales alter amount type int using 7")
    numbers = [await load(loads) for _ in range(3)]
    assert numbers[0] == numbers[1] == numbers[2]
    assert b'"revenue":7' in numbers[0].body
    assert heard.as_json == [False, True, True, True, True, False, True, True]


async def test_a_domain_is_shown_as_its_type(loads: Loads, heard: Heard, owner: Any) -> None:
    await owner.execute("create domain shop_name as text")
    await owner.execute("alter table sales alter shop type shop_name")
    found = [await load(loads) for _ in range(4)]

    assert all(each == found[0] for each in found)
    assert heard.as_json == [False, True, False, False, False]  # it is told by another name, and left alone


@pytest.mark.parametrize("fault", [Refused, BadValue])
async def test_what_postgresql_does_not_do_is_done_row_by_row(
    loads: Loads, heard: Heard, fault: type[DatabaseError]
) -> None:
    def fail() -> None:
        raise fault

    heard.fail = fail
    found = [await load(loads) for _ in range(3)]

    assert all(each == found[0] for each in found)
    assert heard.as_json == [False, True, False, False]


async def test_another_fault_is_raised_and_not_met_again_on_the_same_way(loads: Loads, heard: Heard) -> None:
    def fail() -> None:
        raise QueryTimeout(15_000)

    await load(loads)
    heard.fail = fail
    with pytest.raises(QueryTimeout):
        await load(loads)
    await load(loads)

    assert heard.as_json == [False, True, False]


async def test_a_fault_of_the_data_is_met_both_ways_and_mended_with_it(
    loads: Loads, heard: Heard, owner: Any
) -> None:
    await load(loads)
    await owner.execute("alter table sales add column zero int default 0")
    await owner.execute("create function odd(numeric) returns numeric language sql as 'select 1 / ($1 - $1)'")
    await owner.execute(
        "alter table sales rename to kept; create view sales as select * from kept where odd(id) > 0"
    )
    with pytest.raises(BadValue):
        await load(loads)
    await owner.execute("drop view sales; alter table kept rename to sales")
    for _ in range(2):
        await load(loads)

    assert heard.as_json == [False, True, False, False, True]


async def test_an_empty_answer_tells_the_types_of_now(loads: Loads, heard: Heard, owner: Any) -> None:
    await load(loads)
    await owner.execute("truncate sales; alter table sales alter amount type int using 1")
    empty = [await load(loads) for _ in range(2)]

    assert empty[0] == empty[1]
    assert orjson.loads(empty[0].body.split(b"\n")[0])["types"] == ["text", "int8", "int8"]
    assert heard.as_json == [False, True, False, False]


async def test_what_might_not_fit_into_one_value_is_row_by_row(
    loads: Loads, heard: Heard, owner: Any
) -> None:
    await owner.execute("update sales set shop = repeat('x', 1000) || id")
    found = [await load(loads, limit) for limit in (1_000, 1_000, 10_000, 1_000)]

    assert all(each == found[0] for each in found)
    assert heard.as_json == [False, True, False, True]


async def test_functions_of_others_are_not_taken_for_postgresqls(
    loads: Loads, heard: Heard, owner: Any
) -> None:
    await owner.execute(
        "create function public.to_json(text) returns json language sql as 'select ''1''::json'"
    )
    first, second = [await load(loads) for _ in range(2)]

    assert first == second
    assert heard.as_json == [False, True]


async def test_those_who_ask_at_one_time_do_not_disturb_each_other(loads: Loads, heard: Heard) -> None:
    first = await load(loads)
    found = await asyncio.gather(*(load(loads) for _ in range(8)))

    assert all(each == first for each in found)
    assert heard.as_json == [False] + [True] * 8

"""Random filters over random rows, compared with plain Python: the answer, and that complements add up."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.filters import And, Condition, Filter, Not, Op, Or
from model.load import model_of_text
from model.query import Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render

pytestmark = pytest.mark.integration

MODEL = model_of_text("""
tables:
  t:
    key: id
    dimensions:
      word: {}
      number: {type: integer}
      exact: {type: decimal}
      flag: {type: boolean}
      day: {type: date}
      at: {type: timestamptz}
      code: {type: uuid}
    metrics:
      rows_found: {type: count}
""")
CREATE = """
create table t (id serial primary key, word text, number int, exact numeric, flag boolean, day date,
                at timestamptz, code uuid)
"""
WORDS = ["", "a", "A", "ab", "50%", "5_0", "b\\", "é", "e\u0301", "null"]
NUMBERS = [-1, 0, 1, 2, 2**31 - 1]
EXACT = [Decimal("0.1"), Decimal("0.10"), Decimal("2.5"), Decimal(-3)]
DAYS = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
INSTANTS = [datetime(2024, 3, 1, hour, tzinfo=UTC) for hour in (0, 12, 23)]
CODES = [uuid.UUID(int=1), uuid.UUID(int=2)]
VALUES: dict[str, list[Any]] = {
    "word": WORDS,
    "number": NUMBERS,
    "exact": EXACT,
    "flag": [True, False],
    "day": DAYS,
    "at": INSTANTS,
    "code": CODES,
}
ORDERED = {"number", "exact", "day", "at"}


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    row = st.tuples(*(st.one_of(st.none(), st.sampled_from(values)) for values in VALUES.values()))
    return draw(st.lists(row, min_size=1, max_size=12))


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(list(VALUES)))
    ops = [Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.IS_NULL]
    ops += [Op.GT, Op.GTE, Op.LT, Op.LTE] if name in ORDERED else []
    ops += [Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH] if name == "word" else []
    op = draw(st.sampled_from(ops))
    value = st.sampled_from(VALUES[name])
    match op:
        case Op.IS_NULL:
            return Condition(name, op, (draw(st.booleans()),))
        case Op.IN | Op.NOT_IN:
            return Condition(name, op, tuple(draw(st.lists(st.one_of(st.none(), value), max_size=4))))
        case Op.EQ | Op.NE:
            return Condition(name, op, (draw(st.one_of(st.none(), value)),))
        case _:
            return Condition(name, op, (draw(value),))


def trees() -> st.SearchStrategy[Filter]:
    return st.recursive(
        conditions(),
        lambda part: st.one_of(
            st.lists(part, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(part, max_size=3).map(lambda parts: Or(tuple(parts))),
            part.map(Not),
        ),
        max_leaves=6,
    )


def holds(tree: Filter, row: dict[str, Any]) -> bool:
    match tree:
        case Condition():
            return _condition_holds(tree, row[tree.name])
        case And(parts):
            return all(holds(part, row) for part in parts)
        case Or(parts):
            return any(holds(part, row) for part in parts)
        case Not(part):
            return not holds(part, row)


def _condition_holds(condition: Condition, value: Any) -> bool:
    wanted: Any = condition.values[0] if condition.values else None
    match condition.op:
        case Op.IS_NULL:
            return (value is None) is wanted
        case Op.EQ:
            return bool(value == wanted)
        case Op.NE:
            return bool(value != wanted)
        case Op.IN:
            return value in condition.values
        case Op.NOT_IN:
            return value not in condition.values
        case _:
            return value is not None and _compares(condition.op, value, wanted)


def _compares(op: Op, value: Any, wanted: Any) -> bool:
    results = {
        Op.GT: lambda: value > wanted,
        Op.GTE: lambda: value >= wanted,
        Op.LT: lambda: value < wanted,
        Op.LTE: lambda: value <= wanted,
        Op.CONTAINS: lambda: wanted in value,
        Op.STARTS_WITH: lambda: value.startswith(wanted),
        Op.ENDS_WITH: lambda: value.endswith(wanted),
    }
    return bool(results[op]())  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Rows:
    """One connection on a loop of its own, because the examples of a property are not asynchronous."""

    loop: asyncio.AbstractEventLoop
    connection: asyncpg.Connection

    def fill(self, rows: list[tuple[Any, ...]]) -> None:
        self.loop.run_until_complete(self._fill(rows))

    async def _fill(self, rows: list[tuple[Any, ...]]) -> None:
        await self.connection.execute("truncate t")
        await self.connection.copy_records_to_table("t", records=rows, columns=list(VALUES))

    def count(self, tree: Filter) -> int:
        plan = make_plan(MODEL, Query(("rows_found",), "UTC", filters=tree), ANONYMOUS, Limits())
        statement = render(MODEL, plan)
        found: int = self.loop.run_until_complete(self.connection.fetchval(statement.text, *statement.args))
        return found


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(database_url))
    try:
        loop.run_until_complete(connection.execute(CREATE))
        yield Rows(loop, connection)
    finally:
        loop.run_until_complete(connection.close())
        loop.close()


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tables(), st.lists(trees(), min_size=1, max_size=5))
def test_a_filter_finds_what_plain_python_finds_and_its_complement_the_rest(
    rows: Rows, content: list[tuple[Any, ...]], filters: list[Filter]
) -> None:
    rows.fill(content)
    records = [dict(zip(VALUES, row, strict=True)) for row in content]

    for tree in filters:
        expected = sum(holds(tree, record) for record in records)
        assert rows.count(tree) == expected
        assert rows.count(Not(tree)) == len(records) - expected

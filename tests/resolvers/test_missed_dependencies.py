"""Random rows change under random answers: no answer that differs then was left to look good."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from random import Random
from typing import Any

import asyncpg
import pytest

from plan.parts import Plan
from plan.sql import render
from resolvers.depends import tags_of
from resolvers.invalidation import changed, expanded, same_rows
from resolvers.tags import text_of, value_tag
from tests.resolvers.curious import Curious
from tests.resolvers.kiosk import CREATE, KIOSK, Change, Kiosk, Row, dimensions_of

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

SEED = 20260131
FIRST_ROWS = 90
CHANGES = 240
CHANGES_OF_A_ROUND = 15
QUESTIONS = 30


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(CREATE)
    yield connection
    await connection.close()


@dataclass(slots=True)
class Asked:
    """A question, what its answer depends on, and the rows of its answer as they were last."""

    plan: Plan
    tags: frozenset[str]
    statement: Any
    args: tuple[object, ...]
    rows: list[Any]

    async def differs(self) -> bool:
        before = self.rows
        self.rows = await self.statement.fetch(*self.args)
        return before != self.rows


async def asked(connection: Any, plan: Plan) -> Asked:
    statement = render(KIOSK, plan)
    prepared = await connection.prepare(statement.text)
    tags = frozenset(tags_of(KIOSK, plan, plan.viewer))
    return Asked(plan, tags, prepared, statement.args, await prepared.fetch(*statement.args))


@dataclass(frozen=True, slots=True)
class Sight:
    """A row as it was or is: its day, and by table of the model and dimension the tag of its value."""

    days: frozenset[date]
    values: Mapping[tuple[str, str], str]


def sight(kiosk: Kiosk, change: Change, row: Row | None) -> Sight:
    if row is None:
        return Sight(frozenset(), {})
    values = {
        (table, each.name): value_tag(each.name, text_of(value, each.type))
        for table in same_rows(KIOSK, change.table)
        for each in dimensions_of(KIOSK, table)
        if (value := kiosk.value(table, row, each)) is not None
    }
    return Sight(frozenset(kiosk.days(change.table, row)), values)


def clears(change: Change, sights: Sequence[Sight]) -> Iterator[tuple[str, frozenset[str]]]:
    """What somebody who saw the change may set, each with its reason: one alone must do.

    By all rows; by months where rows have such; by date where this one has one; by the value of one dimension
    of it, in each table of the model that it belongs to.
    """
    tables = same_rows(KIOSK, change.table)
    days = frozenset().union(*(each.days for each in sights))
    yield "table", frozenset(tag for each in tables for tag in changed(each, None))
    if KIOSK.time_of(change.table):
        yield "rows", frozenset(tag for each in tables for tag in changed(each, days))
    if days:
        yield "date", frozenset(expanded(KIOSK, [f"date:{day}" for day in days]))
    told = sorted({name for each in sights for name in each.values})
    by_table = [[name for name in told if name[0] == table] for table in tables]
    for names in product(*by_table):
        tags = [each.values[name] for each in sights for name in names if name in each.values]
        yield "values", frozenset(expanded(KIOSK, tags))


async def test_no_answer_that_a_change_makes_another_stays_good(connection: Any) -> None:
    dice = Random(SEED)
    kiosk, curious = Kiosk(dice), Curious(dice)
    for _ in range(FIRST_ROWS):
        await changed_row(connection, kiosk)
    seen: Counter[str] = Counter()

    for number in range(CHANGES):
        if number % CHANGES_OF_A_ROUND == 0:
            questions = [await asked(connection, curious.plan()) for _ in range(QUESTIONS)]
        change, sights = await changed_row(connection, kiosk)
        outdating = list(clears(change, sights))
        for each in questions:
            differs = await each.differs()
            seen["other" if differs else "same"] += 1
            for why, tags in outdating:
                hit = bool(tags & each.tags)
                assert hit or not differs, (why, sorted(tags), change, each.plan.query, sorted(each.tags))
                seen[f"{why} spared"] += not hit

    assert_both_sides_were_met(seen)


def assert_both_sides_were_met(seen: Counter[str]) -> None:
    """Or the test could not fail."""
    assert seen["other"] > 200, seen
    for why in ("table", "rows", "date", "values"):
        assert seen[f"{why} spared"] > 300, seen


async def changed_row(connection: Any, kiosk: Kiosk) -> tuple[Change, list[Sight]]:
    change = kiosk.change()
    before = sight(kiosk, change, change.before)
    kiosk.apply(change)
    statement, args = change.sql
    await connection.execute(statement, *args)
    return change, [before, sight(kiosk, change, change.after)]

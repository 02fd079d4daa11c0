"""What PostgreSQL writes as JSON is what is written row by row, to the byte."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from plan.packed import SAFE_INTEGER, packed, types_told
from resolvers.codec import encoded_rows
from tests.cache.entries import calm

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TYPES: Final = ("int2", "int4", "int8", "numeric", "date", "text", "varchar", "bool")
KEYS: Final = ("small", "it's", 'so "called"', "back\\slash", "dia", "ção", "{brace}", "per%cent $1")
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
_numbers = st.decimals(-(10**30), 10**30).map(str) | st.sampled_from(["NaN", "0.10", "-0.000", "1e300"])
_days = st.dates().map(str) | st.sampled_from(["infinity", "-infinity", "0044-03-15 BC", "99999-01-01"])
_edges = [str(sign * (SAFE_INTEGER + more)) for sign in (1, -1) for more in (0, 1)]
_VALUES: Final = (
    st.integers(-(2**15), 2**15 - 1).map(str),
    st.integers(-(2**31), 2**31 - 1).map(str),
    st.integers(-(2**63), 2**63 - 1).map(str) | st.sampled_from(_edges),
    _numbers,
    _days,
    _texts,
    _texts,
    st.sampled_from(["true", "false"]),
)
ROWS: Final = st.lists(st.tuples(*(st.none() | values for values in _VALUES)), max_size=12)
EVERY_CHARACTER: Final = "".join(map(chr, range(1, 0x2100))) + "\U0001f355\uffff"


@pytest.fixture(scope="module")
async def database(postgres_url: str, anyio_backend: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(PoolSettings(postgres_url))
    yield database
    await database.close()


def statement(kinds: Sequence[str] = TYPES) -> str:
    """One that gives the rows which are passed as an array of texts for each column, in their order."""
    arrays = ", ".join(f"CAST(${number} AS text[])" for number in range(1, len(kinds) + 1))
    columns = ", ".join(f"CAST(c{number} AS {kind}) AS c{number}" for number, kind in enumerate(kinds))
    names = ", ".join(f"c{number}" for number in range(len(kinds)))
    return f"SELECT {columns} FROM unnest({arrays}) WITH ORDINALITY AS r({names}, place) ORDER BY place DESC"


async def both(
    database: PostgresDatabase, rows: Sequence[Sequence[Any]], most: int, kinds: Sequence[str] = TYPES
) -> tuple[bytes, bytes]:
    """Row by row, and as PostgreSQL writes it."""
    args = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in kinds]
    keys = KEYS[: len(kinds)]
    plain = await database.fetch(statement(kinds), args)
    assert [column.type for column in plain.columns] == list(kinds)
    by_row = b"".join(encoded_rows(keys, kinds, plain.rows[:most], ZoneInfo("UTC")))
    text = packed(statement(kinds), keys, kinds, len(kinds) + 1)
    assert text is not None
    ((told, number, types),) = (await database.fetch(text, [*args, most])).rows
    assert number == len(rows)
    assert types == (types_told(kinds) if rows else None)
    return by_row, b"[%b]" % (told or b"")


@settings(calm, max_examples=150, derandomize=True)
@given(rows=ROWS, most=st.integers(0, 13))
@example(rows=[(None,) * len(TYPES)] * 2, most=1)
@example(rows=[("1", "1", "1", "1", "2026-01-31", EVERY_CHARACTER, EVERY_CHARACTER, "true")], most=1)
async def test_every_value_is_written_as_it_is_row_by_row(
    database: PostgresDatabase, rows: list[tuple[str | None, ...]], most: int
) -> None:
    by_row, as_json = await both(database, rows, most)

    assert as_json == by_row


async def test_the_order_is_that_of_the_statement_however_many_rows_there_are(
    database: PostgresDatabase,
) -> None:
    rows = [(str(number * 7919 % 20_011),) for number in range(20_000)]

    by_row, as_json = await both(database, rows, 19_999, ("int4",))

    assert as_json == by_row


@pytest.mark.parametrize("kind", ["float8", "float4", "timestamptz", "timestamp", "interval", "uuid", "json"])
def test_what_is_written_in_another_way_is_left_alone(kind: str) -> None:
    assert packed("SELECT 1", ["a", "b"], ["int8", kind], 1) is None


async def test_another_type_than_expected_is_told(database: PostgresDatabase) -> None:
    text = packed("SELECT 1.5::numeric AS a", ["a"], ["int8"], 1)
    assert text is not None

    ((_, _, told),) = (await database.fetch(text, [1])).rows

    assert told == "numeric"
    assert told != types_told(["int8"])

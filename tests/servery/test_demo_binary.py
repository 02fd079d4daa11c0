from collections.abc import AsyncIterator

import numpy as np
import pytest

from db.copy import Target, run_script, session
from servery.demo.binary import Field, Labels, float8, int4, int8, money, tuples

NUMBERS = np.array([0, 1, -1, 70_000])
ABSENT = np.array([False, True, False, True])


def test_a_tuple_is_a_count_and_then_a_length_and_a_value_for_each_field() -> None:
    encoded = tuples(int4(np.array([258])), Labels.of(["é"]).each())

    assert encoded == b"\0\2" + b"\0\0\0\4\0\0\1\2" + b"\0\0\0\2\xc3\xa9"


def test_a_null_is_a_length_below_zero_and_no_bytes() -> None:
    encoded = tuples(int4(np.array([5]), absent=np.array([True])))

    assert encoded == b"\0\1" + b"\xff\xff\xff\xff"


@pytest.mark.parametrize("cents", [-1, 10**10])
def test_money_beyond_its_digits_is_refused(cents: int) -> None:
    with pytest.raises(ValueError, match=str(cents)):
        money(np.array([100, cents]))


async def as_text(url: str, kind: str, field: Field) -> object:
    """Send the field through a table with one column, and return the array that PostgreSQL shows."""
    await run_script(url, f"create table taken (value {kind}, place int)")

    async def chunk() -> AsyncIterator[bytes]:
        yield tuples(field, int4(np.arange(field.rows)))

    async with session(url) as own, own.transaction():
        await own.refill(Target("public", "taken", ("value", "place")), chunk())
        return await own.value("select string_agg(coalesce(value::text, '-'), ' ' order by place) from taken")


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize(
    ("kind", "field", "shown"),
    [
        ("int", int4(NUMBERS), "0 1 -1 70000"),
        ("int", int4(NUMBERS, absent=ABSENT), "0 - -1 -"),
        ("bigint", int8(NUMBERS * 2**40), "0 1099511627776 -1099511627776 76965813944320000"),
        ("bigint", int8(NUMBERS, absent=ABSENT), "0 - -1 -"),
        ("date", int4(np.array([0, -1, 9_800])), "2000-01-01 1999-12-31 2026-10-31"),
        ("timestamptz(0)", int8(np.array([86_400_000_000])), "2000-01-02 00:00:00+00"),
        ("double precision", float8(np.array([0.1, -46.6333])), "0.1 -46.6333"),
        (
            "numeric(12,2)",
            money(np.array([0, 1, 10, 100, 999_999, 1_000_000, 123_456_789, 9_999_999_999])),
            "0.00 0.01 0.10 1.00 9999.99 10000.00 1234567.89 99999999.99",
        ),
        (
            "text",
            Labels.of(["", "é", "Açaí com Granola"]).at(np.array([2, -1, 1, 0])),
            "Açaí com Granola - é ",
        ),
    ],
)
async def test_postgresql_reads_what_is_written(
    database_url: str, kind: str, field: Field, shown: str
) -> None:
    assert await as_text(database_url, kind, field) == shown

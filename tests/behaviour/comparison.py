"""Rows of an answer beside rows of PostgreSQL: names, order, and every value as it travels."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isclose
from typing import Any

import asyncpg

ZONE = "America/Sao_Paulo"

Row = Mapping[str, Any]


async def rows_of(url: str, sql: str) -> list[Row]:
    """What PostgreSQL says. Days and hours in the SQL are local ones."""
    connection = await asyncpg.connect(url, server_settings={"timezone": ZONE})
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def differences(found: Sequence[Row], told: Sequence[Row]) -> list[str]:
    """What is not the same, in words."""
    if len(found) != len(told):
        return [f"{len(found)} rows instead of {len(told)}"]
    pairs = enumerate(zip(found, told, strict=True), 1)
    return [
        f"row {number}: {ours} instead of {theirs}"
        for number, (ours, theirs) in pairs
        if ours != theirs and not _same_row(ours, theirs)
    ]


def _same_row(found: Row, told: Row) -> bool:
    return found.keys() == told.keys() and all(_same(found[name], told[name]) for name in told)


def _same(found: Any, told: Any) -> bool:
    match told:
        case Decimal():
            return isinstance(found, str) and _same_number(Decimal(found), told)
        case float():
            return isinstance(found, float) and isclose(found, told, rel_tol=1e-12)
        case datetime():
            return isinstance(found, str) and datetime.fromisoformat(found) == told
        case date():
            return bool(found == told.isoformat())
        case _:
            return type(found) is type(told) and bool(found == told)


def _same_number(found: Decimal, told: Decimal) -> bool:
    """Money is exact; a quotient has as many digits as PostgreSQL likes."""
    is_money = told == round(told, 2)
    return found == told if is_money else isclose(found, told, rel_tol=1e-12)

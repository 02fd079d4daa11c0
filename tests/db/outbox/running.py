"""Statements over a connection of their own."""

from typing import Any

from tests.db.telling import connected


async def run(url: str, *statements: str) -> None:
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def read(url: str, statement: str) -> list[Any]:
    async with connected(url) as connection:
        return [row[0] for row in await connection.fetch(statement)]

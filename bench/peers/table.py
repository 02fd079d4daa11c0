"""A table of the example database that holds the rows of the answer, for peers that ask tables."""

import asyncio
from decimal import Decimal

import asyncpg

from bench.peers.peer import COLUMNS, Rows

_CREATE = """
    drop schema if exists bench_peers cascade;
    create schema bench_peers;
    create table bench_peers.answers (
        id int primary key, store text, channel text,
        faturamento numeric, ticket_medio numeric, qtd_vendas int
    );
"""
_INSERT = "insert into bench_peers.answers values ($1, $2, $3, $4, $5, $6)"


def make_table(url: str, rows: Rows) -> None:
    """Anew."""
    asyncio.run(_make(url, rows))


async def _make(url: str, rows: Rows) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_CREATE)
        for number, row in enumerate(rows):
            store, channel, revenue, ticket, sales = (row[name] for name in COLUMNS)
            values = (Decimal(str(revenue)), Decimal(str(ticket)), int(sales))
            await connection.execute(_INSERT, number, store, channel, *values)
        await connection.execute("analyze bench_peers.answers")
    finally:
        await connection.close()

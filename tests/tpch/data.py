"""TPC-H at a hundredth of its scale: made once, then loaded alike into PostgreSQL and DuckDB."""

import asyncio
import csv
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import duckdb

EXAMPLE = Path(__file__).parents[2] / "examples" / "tpch"
SCALE = "0.01"
TABLES = ("region", "nation", "part", "supplier", "customer", "partsupp", "orders", "lineitem")
COMPLAINTS = {"7": "Customer after customer: Complaints", "23": "Complaints of a Customer, settled"}
"""Comments for two suppliers. Of 10,000, the generator gives such a one to five, so of these 100 to none."""


def make_files(folder: Path) -> None:
    """A CSV file with a header for each table."""
    generator = Path(sys.executable).parent / "tpchgen-cli"
    options = ["-s", SCALE, "--output-dir", str(folder), "--quiet"]
    subprocess.run([str(generator), "csv", *options], check=True, timeout=120)
    _add_complaints(folder / "supplier.csv")


def _add_complaints(file: Path) -> None:
    with file.open(newline="", encoding="utf-8") as told:
        rows = list(csv.reader(told))
    with file.open("w", newline="", encoding="utf-8") as written:
        csv.writer(written).writerows([*row[:-1], COMPLAINTS.get(row[0], row[-1])] for row in rows)


def sql(name: str) -> str:
    return (EXAMPLE / name).read_text(encoding="utf-8")


def load_duckdb(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute(sql("schema.sql"))
    for table in TABLES:
        source, options = folder / f"{table}.csv", "format csv, header, delimiter ',', quote '\"'"
        connection.execute(f"copy tpch.{table} from '{source}' ({options})")
    connection.execute(sql("ssb/tables.sql"))


def load_postgres(url: str, folder: Path) -> None:
    run_in_thread(url, sql("schema.sql"))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _copy(url, folder)).result()
    run_in_thread(url, sql("indexes.sql"), sql("ssb/tables.sql"))


def run_in_thread(url: str, *statements: str) -> None:
    # In a thread: the test's own event loop must neither run this nor be replaced by it.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _execute(url, statements)).result()


async def _copy(url: str, folder: Path) -> None:
    connection = await asyncpg.connect(url)
    try:
        for table in TABLES:
            source = str(folder / f"{table}.csv")
            await connection.copy_to_table(
                table, schema_name="tpch", source=source, format="csv", header=True
            )
    finally:
        await connection.close()


async def _execute(url: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()

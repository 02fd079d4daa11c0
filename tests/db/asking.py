"""Short questions that tell how a database fares."""

from db.errors import DatabaseError, Unavailable
from db.postgres import PostgresDatabase


async def is_answering(database: PostgresDatabase) -> bool:
    try:
        result = await database.fetch("select 1", timeout_ms=400)
    except DatabaseError:
        return False
    return bool(result.rows[0][0] == 1)


async def is_unavailable(database: PostgresDatabase) -> bool:
    try:
        await database.fetch("select 1", timeout_ms=200)
    except Unavailable:
        return True
    except DatabaseError:
        pass
    return False

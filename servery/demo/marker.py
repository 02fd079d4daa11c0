"""Whose schema `restaurant` is, and until which day the example in it reaches.

The table `restaurant.loaded` is made first and gets its one row last: with the table the schema is
ours, with the row it is complete.
"""

from dataclasses import dataclass
from datetime import date

from db.copy import Session, session
from servery.demo.statements import text

FORMAT = 2
"""Rises whenever the rows or tables change, so that an older example is built anew."""

_COLUMNS = "until date, seed integer, sales integer, format integer"
_FOUND_COLUMNS = """
select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum)
from pg_attribute
where attrelid = to_regclass('restaurant.loaded') and attnum > 0 and not attisdropped
"""
_ANYTHING_INSIDE = """
select exists (
    select from pg_depend
    where refclassid = 'pg_namespace'::regclass and refobjid = to_regnamespace('restaurant')
)
"""
# Views and foreign keys elsewhere would go, or lose their keys, with the tables that they use.
_USED_FROM_OUTSIDE = """
select string_agg(distinct nspname || '.' || user_of.relname, ', ')
from (
    select ev_class, refobjid
    from pg_depend join pg_rewrite on classid = 'pg_rewrite'::regclass and objid = pg_rewrite.oid
    where refclassid = 'pg_class'::regclass
    union all
    select conrelid, confrelid from pg_constraint where contype = 'f'
) uses (by_table, used_table)
join pg_class used on used.oid = used_table
join pg_class user_of on user_of.oid = by_table
join pg_namespace on pg_namespace.oid = user_of.relnamespace
where used.relnamespace = to_regnamespace('restaurant') and user_of.relnamespace <> used.relnamespace
"""
# Any number serves, as long as every load asks for the same one.
_LOCK = 7_201_512_907
_MARK = "insert into restaurant.loaded (until, seed, sales, format) values ($1, $2, $3, $4)"


class LoadRefused(Exception):
    """The example cannot be loaded without touching what belongs to somebody else."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A complete example, and what it was made from."""

    until: date
    seed: int
    sales: int


async def example_until(url: str) -> date | None:
    """Return the last day of the example in that database; None when absent, half-loaded or older in form."""
    async with session(url) as own:
        if not await _is_ours(own):
            return None
        found = await own.value("select until from restaurant.loaded where format = $1", [FORMAT])
        return found if isinstance(found, date) else None


async def claim(own: Session) -> None:
    """Make the schema anew with empty tables, or raise LoadRefused and leave everything as it is.

    The session holds a lock until it ends, so that two loads never meet.
    """
    if not await own.value("select pg_try_advisory_lock($1)", [_LOCK]):
        raise LoadRefused("Another load of the example runs in this database. Wait until it ends.")
    async with own.transaction():
        await _clear(own)
        await own.run(text("schema.sql"))


async def mark(own: Session, loaded: Loaded) -> None:
    """Say that the example is complete."""
    await own.run(_MARK, [loaded.until, loaded.seed, loaded.sales, FORMAT])


async def _clear(own: Session) -> None:
    if not await own.value(_ANYTHING_INSIDE):
        return
    if not await _is_ours(own):
        raise LoadRefused(
            "The schema 'restaurant' in this database holds something that is not the example. "
            "Choose another database, or rename that schema."
        )
    if users := await own.value(_USED_FROM_OUTSIDE):
        raise LoadRefused(
            f"The example cannot be built anew: {users} in another schema depends on it. Drop that first."
        )
    await own.run("drop schema restaurant cascade")


async def _is_ours(own: Session) -> bool:
    return await own.value(_FOUND_COLUMNS) == _COLUMNS

"""Makes the schema `servery`, and triggers that write down which table and months each statement changed.

Every table is a transaction of its own, so that none is locked for longer than its own triggers take; what
is as it should be is not touched. Whatever fails is told, and running it again goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from db.errors import ConnectionLost, DatabaseError, Overloaded
from db.outbox.owner import Owner
from db.outbox.relation import Relation, relations_of
from db.outbox.source import Source
from db.outbox.statements import text

VERSION = "Change events of Servery, version 1"
"""Stands as a comment on what is ours, by which we know it again."""


class Occupied(DatabaseError):
    """The schema holds things of somebody else under names that we need."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What was found of each source, and why triggers could not be made, by the relation's title."""

    relations: tuple[Relation, ...]
    missing: tuple[Source, ...]
    failures: dict[str, str]


async def install(
    owner: Owner, sources: Sequence[Source], *, grant_to: Sequence[str] = (), keep: bool = False
) -> Installed:
    """Make the database fit `sources`. With `keep`, tables of other models keep their triggers.

    Raises DatabaseError when the schema cannot be made or a role cannot be granted.
    """
    await _make_schema(owner)
    relations = await relations_of(owner, sources)
    failures: dict[str, str] = {}
    for relation in relations:
        try:
            await _make_triggers(owner, relation)
        except ConnectionLost:
            raise
        except DatabaseError as error:
            failures[relation.title] = reason(error, relation)
    if not keep:
        failures |= await drop_triggers(owner, [each for each in relations if each.has_triggers])
    await _register(owner, relations, keep=keep)
    for role in grant_to:
        await _grant(owner, role)
    known = {name for relation in relations for name in relation.names}
    return Installed(relations, tuple(each for each in sources if each.name not in known), failures)


async def _make_schema(owner: Owner) -> None:
    async with owner.transaction():
        if not await owner.value("select exists (select from pg_namespace where nspname = 'servery')"):
            await owner.run("create schema servery")
            await _mark(owner, "schema servery")
        if not await owner.value(text("is_made"), VERSION):
            await _make_tables(owner)
        await owner.run(text("functions"))


async def _make_tables(owner: Owner) -> None:
    occupied = await owner.value(text("occupied"))
    if occupied:
        raise Occupied(
            f"The schema servery holds {occupied}, which Servery did not make. Rename that, or the schema."
        )
    await owner.run(text("tables"))
    await _mark(owner, "table servery.changes")


async def _mark(owner: Owner, what: str) -> None:
    """Say that it is ours; `what` is SQL, not a name of anybody's."""
    await owner.run(
        await owner.value("select format('comment on %s is %L', $1::text, $2::text)", what, VERSION)
    )


async def _make_triggers(owner: Owner, relation: Relation) -> None:
    if not relation.has_triggers:
        return
    async with owner.transaction():
        body = await body_of(owner, relation)
        await owner.run(await owner.value(text("function"), relation.function, body, relation.title))
        for (script,) in await owner.rows(text("triggers"), relation.oid, relation.function):
            await owner.run(script)


async def body_of(owner: Owner, relation: Relation) -> str:
    """The code of the function that its triggers call."""
    axis = relation.axis
    told = (axis.text, axis.column, str(axis.type), axis.months_in) if axis else (None,) * 4
    templates = text("without_months"), text("with_months")
    body: str = await owner.value(
        text("body"), relation.title, *told, *templates, axis.read_in if axis else None
    )
    return body


async def drop_triggers(owner: Owner, wanted: Sequence[Relation]) -> dict[str, str]:
    """Remove our triggers from all other tables; returns why one could not be, by its title."""
    failures = {}
    oids, functions = [each.oid for each in wanted], [each.function for each in wanted]
    for script, title in await owner.rows(text("stray"), oids, functions):
        try:
            async with owner.transaction():
                await owner.run(script)
        except ConnectionLost:
            raise
        except DatabaseError as error:
            failures[title] = reason(error)
    return failures


async def _register(owner: Owner, relations: Sequence[Relation], *, keep: bool) -> None:
    async with owner.transaction():
        if not keep:
            titles = [each.title for each in relations]
            await owner.rows("delete from servery.tables where relation <> all ($1)", titles)
        for each in relations:
            await owner.rows(
                text("register"),
                each.title,
                each.schema,
                each.table,
                list(each.names),
                each.axis.text if each.axis else None,
                each.function if each.has_triggers else None,
                keep,
            )
        await owner.run(text("unused_functions"))


async def _grant(owner: Owner, role: str) -> None:
    async with owner.transaction():
        await owner.run(await owner.value(text("grant"), role))


def reason(error: DatabaseError, relation: Relation | None = None) -> str:
    if isinstance(error, Overloaded):
        return "it is in use by another transaction; run this again."
    if relation and not relation.is_ours:
        return f"only its owner may add triggers; run this as {relation.owner}."
    return f"{error.detail or error}."

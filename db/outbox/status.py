"""How the change events of a database stand: what is installed, whether it fits a model, what was written."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.outbox.install import VERSION, body_of
from db.outbox.owner import Owner
from db.outbox.relation import Relation, relations_of
from db.outbox.source import Source
from db.outbox.statements import text


@dataclass(frozen=True, slots=True)
class Standing:
    """One relation of the model. `parts` are the table and its partitions, `covered` those with triggers.

    `rows` are kept for about an hour, whether they were read or not; `last_s` is the age of the newest.
    """

    relation: Relation
    is_registered: bool
    is_current: bool
    parts: int
    covered: int
    rows: int
    last_s: float | None

    @property
    def fits(self) -> bool:
        """Whether every change is told as the model needs it, as far as that is up to triggers."""
        if not self.relation.has_triggers:
            return self.is_registered
        return self.is_registered and self.is_current and 0 < self.parts == self.covered


@dataclass(frozen=True, slots=True)
class Status:
    """`strangers` are titles of relations of other models, or of a model as it was."""

    is_made: bool
    standings: tuple[Standing, ...] = ()
    missing: tuple[Source, ...] = ()
    strangers: tuple[str, ...] = ()


async def status(owner: Owner, sources: Sequence[Source]) -> Status:
    """Reads only. Raises DatabaseError."""
    if not await owner.value(text("is_made"), VERSION):
        return Status(is_made=False)
    shapes = {row[0]: row for row in await owner.rows(text("shape"))}
    written = {row[0]: row for row in await owner.rows(text("written"))}
    relations = await relations_of(owner, sources)
    standings = []
    for relation in relations:
        _, names, axis, _, parts, covered, _ = shapes.get(relation.title, (None, [], None, None, 0, 0, ""))
        told = relation.axis.text if relation.axis else None
        _, rows, last_s = written.get(relation.title, (None, 0, None))
        standings.append(
            Standing(
                relation,
                is_registered=relation.title in shapes and set(relation.names) <= set(names),
                is_current=told == axis and await _has_body(owner, relation),
                parts=parts,
                covered=covered,
                rows=rows,
                last_s=last_s,
            )
        )
    known = {name for relation in relations for name in relation.names}
    return Status(
        is_made=True,
        standings=tuple(standings),
        missing=tuple(each for each in sources if each.name not in known),
        strangers=tuple(sorted(shapes.keys() - {relation.title for relation in relations})),
    )


async def _has_body(owner: Owner, relation: Relation) -> bool:
    found = await owner.value(
        "select p.prosrc from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
        " where n.nspname = 'servery' and p.proname = $1",
        relation.function,
    )
    return bool(found == await body_of(owner, relation))

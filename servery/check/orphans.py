"""Rows whose key finds nothing where a join looks it up: they are counted under null."""

from collections.abc import AsyncIterator, Iterable

from sqlglot import exp

from model.model import Model
from model.table import Join, JoinKind
from plan.identifiers import column, table
from servery.check.catalog import Catalog
from servery.check.finding import Finding, advice, path_of_join
from servery.check.looks import Looks, Unknown, count_where, is_not_null, is_null, number, statement
from servery.check.meeting import HERE, THERE, meets, needed
from servery.check.relation import Relation

ROWS = 100_000
LOOKED_FOR_MS = 2_000
"""This is a note only, so it costs little; what takes longer is not told."""


async def keys_that_find_nothing(
    model: Model, possible: Iterable[Join], catalog: Catalog, looks: Looks
) -> AsyncIterator[Finding]:
    """Null keys are meant to find nothing."""
    for join in possible:
        ours, theirs = needed(join)
        here, there = catalog.holding(join.table, ours), catalog.holding(join.target, theirs)
        if here and there and join.kind is JoinKind.MANY_TO_ONE and not _is_kept(model, join, here, there):
            rows = min(ROWS, looks.most_rows)
            found = await looks.first(_counted(model, join, rows), timeout_ms=LOOKED_FOR_MS)
            if found and not isinstance(found, Unknown) and found[0]:
                yield _told(model, join, here, found[0], found[1])


def _is_kept(model: Model, join: Join, here: Relation, there: Relation) -> bool:
    """By a foreign key; and a table that only some rows have, looked up by their own key, may lack others."""
    if set(model.tables[join.table].key) <= {ours for ours, _ in join.on}:
        return True
    kept = {each.pairs for each in here.foreign_keys if each.target == there.title}
    return join.valid is None and frozenset(join.on) in kept


def _rows(model: Model, join: Join) -> exp.Select:
    """Rows that look something up, as `here`."""
    ours = dict.fromkeys(needed(join)[0])
    found = exp.select(*(column(HERE, name) for name in ours), copy=False)
    found = found.from_(table(model.tables[join.table], HERE), copy=False)
    return found.where(*(is_not_null(column(HERE, name)) for name in ours), copy=False)


def _met(model: Model, join: Join, found: exp.Select) -> exp.Select:
    target = table(model.tables[join.target], THERE)
    return found.join(target, on=meets(model, join), join_type="left", copy=False)


def _finds_nothing(join: Join) -> exp.Expr:
    return is_null(column(THERE, join.on[0][1]))


def _counted(model: Model, join: Join, rows: int) -> exp.Select:
    """How many of some rows find nothing, and how many those are."""
    some = _rows(model, join).limit(rows, copy=False).subquery(HERE, copy=False)
    counts = exp.select(count_where(_finds_nothing(join)), exp.Count(this=exp.Star()), copy=False)
    return _met(model, join, counts.from_(some, copy=False))


def _told(model: Model, join: Join, here: Relation, missing: int, looked_at: int) -> Finding:
    keys = ", ".join(ours for ours, _ in join.on)
    at = f" that was valid at {join.valid.at}" if join.valid else ""
    counted = f"{missing:,} of {number(looked_at, 'row', 'rows')} of {here.title} that were looked at"
    find = "finds" if missing == 1 else "find"
    message = f"{counted} {find} nothing in {join.target}{at} ({keys}), and count under null there."
    remedy = "Add what is missing; this finds all."
    if not join.valid:
        remedy = "Add what is missing, and a foreign key that keeps it so; this finds all."
    orphans = _met(model, join, _rows(model, join)).where(_finds_nothing(join), copy=False)
    return advice(path_of_join(join), message, remedy, statement(orphans.distinct(copy=False)))

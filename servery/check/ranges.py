"""Ranges of validity as they are: that no two of one key overlap, and that none is without an instant."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from model.table import Join
from plan.written import is_not_true
from servery.check.catalog import Catalog
from servery.check.finding import Finding, error, path_of_join, warning
from servery.check.looks import Looks, Unknown, bare, is_not_null, is_null, number, rows_of, statement, text
from servery.check.relation import Relation

NEXT = "next_from"


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of a table for each value of `key`, and the joins that look them up."""

    relation: Relation
    key: tuple[str, ...]
    start: str
    end: str
    joins: tuple[Join, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return *self.key, self.start, self.end

    def rows(self, most_rows: int | None = None) -> exp.Select:
        """Those of a known key."""
        found = rows_of(self.relation, dict.fromkeys(self.columns), self.key)
        return found.limit(most_rows, copy=False) if most_rows else found

    def empty(self) -> exp.Expr:
        never = exp.GTE(this=bare(self.start), expression=bare(self.end))
        return exp.or_(is_null(bare(self.start)), never, copy=False)

    def overlapping(self, rows: exp.Select) -> exp.Select:
        """Those that run into the next one of their key: where any two overlap, two neighbours do."""
        following = exp.Window(
            this=exp.Anonymous(this="LEAD", expressions=[bare(self.start)]),
            partition_by=[bare(name) for name in self.key],
            order=exp.Order(expressions=[exp.Ordered(this=bare(self.start), nulls_first=False)]),
        )
        ranges = exp.select(exp.Star(), exp.alias_(following, NEXT, quoted=True), copy=False)
        ranges = ranges.from_(rows.subquery("known", copy=False), copy=False)
        ranges = ranges.where(is_not_true(self.empty()), copy=False)
        into = exp.LT(this=bare(NEXT), expression=bare(self.end))
        for_ever = exp.and_(is_null(bare(self.end)), is_not_null(bare(NEXT)), copy=False)
        found = exp.select(*map(bare, dict.fromkeys(self.columns)), bare(NEXT), copy=False)
        found = found.from_(ranges.subquery("ranges", copy=False), copy=False)
        return found.where(exp.or_(into, exp.paren(for_ever), copy=False), copy=False)


async def ranges_that_are_wrong(
    possible: Iterable[Join], catalog: Catalog, looks: Looks
) -> AsyncIterator[Finding]:
    """Of joins whose columns can be compared."""
    for ranges in _ranges(possible, catalog):
        for find in (_overlaps, _never_valid):
            found = await find(ranges, looks)
            if found:
                yield found


def _ranges(possible: Iterable[Join], catalog: Catalog) -> Iterator[Ranges]:
    """Each once, whoever looks it up."""
    found: dict[tuple[str, tuple[str, ...], str, str], list[Join]] = {}
    for join in possible:
        if join.valid:
            key = tuple(theirs for _, theirs in join.on)
            found.setdefault((join.target, key, join.valid.start, join.valid.end), []).append(join)
    for (target, key, start, end), by in found.items():
        relation = catalog.holding(target, (*key, start, end))
        if relation:
            yield Ranges(relation, key, start, end, tuple(by))


async def _overlaps(ranges: Ranges, looks: Looks) -> Finding | None:
    path = (*path_of_join(ranges.joins[0]), "valid")
    wrong = ranges.overlapping(ranges.rows(looks.most_rows)).subquery("overlapping", copy=False)
    shown = [text(bare(name)) for name in (*ranges.key, NEXT)]
    count = exp.Window(this=exp.Count(this=exp.Star()))
    found = await looks.first(exp.select(count, *shown, copy=False).from_(wrong, copy=False).limit(1))
    if found is None:
        return None
    names, all_of_them = ", ".join(ranges.key), statement(ranges.overlapping(ranges.rows()))
    if isinstance(found, Unknown):
        message = f"Whether ranges overlap in {ranges.relation.title} could not be found out: {found.why}."
        return warning(path, message, "This finds those that do.", all_of_them)
    times, *key, moment = found
    several, overlap = number(times, "range", "ranges"), "overlaps" if times == 1 else "overlap"
    by = ", ".join(dict.fromkeys(join.table for join in ranges.joins))
    message = (
        f"{several} of {ranges.relation.title} {overlap} the next of the same ({names}), such as "
        f"({', '.join(key)}) on {moment}: rows of {by} would count twice."
    )
    return error(path, message, "End each range where the next begins; this finds all.", all_of_them)


async def _never_valid(ranges: Ranges, looks: Looks) -> Finding | None:
    path = (*path_of_join(ranges.joins[0]), "valid")
    rows = ranges.rows(looks.most_rows).subquery("looked_at", copy=False)
    select = exp.select(exp.Count(this=exp.Star()), copy=False).from_(rows, copy=False)
    found = await looks.first(select.where(ranges.empty(), copy=False))
    if found is None or isinstance(found, Unknown) or not found[0]:
        return None
    count = number(found[0], "row", "rows")
    message = (
        f"No row finds {count} of {ranges.relation.title}: "
        f"{ranges.start} is null there, or not before {ranges.end}."
    )
    all_of_them = statement(ranges.rows().where(exp.paren(ranges.empty()), copy=False))
    return warning(path, message, "Correct or remove them; this finds all.", all_of_them)

"""A join in SQL, as the plan writes it: which rows of the target a row of the joining table meets."""

from sqlglot import exp

from model.model import Model
from model.table import Join
from plan.identifiers import column, table
from plan.validity import valid_at

HERE, THERE = "here", "there"


def meets(model: Model, join: Join) -> exp.Expr:
    """The condition between rows that are called `here` and `there`."""
    pairs: list[exp.Expr] = [
        exp.EQ(this=column(THERE, theirs), expression=column(HERE, ours)) for ours, theirs in join.on
    ]
    if join.valid:
        pairs += valid_at(model, join, join.valid, HERE, THERE)
    return exp.and_(*pairs, copy=False)


def needed(join: Join) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of either table that the condition reads."""
    ours, theirs = zip(*join.on, strict=True)
    if join.valid is None:
        return ours, theirs
    return (*ours, join.valid.at), (*theirs, join.valid.start, join.valid.end)


def joined(model: Model, join: Join) -> exp.Select:
    """A select over both tables, for PostgreSQL to judge."""
    here, there = table(model.tables[join.table], HERE), table(model.tables[join.target], THERE)
    found = exp.select("1", copy=False).from_(here, copy=False)
    return found.join(there, on=meets(model, join), join_type="left", copy=False)

"""Shares: a group's part of a whole that is computed from the rows, not from the groups that are shown."""

from sqlglot import exp

from model.query import Share
from plan.aggregates import quotient
from plan.identifiers import identifier
from plan.sets import is_set, mask_of


def with_shares(found: exp.Select, shares: tuple[Share, ...], dimensions: tuple[str, ...]) -> exp.Select:
    """All columns of `found`, and a column for each share."""
    columns = [exp.alias_(_share(each, dimensions), identifier(each.name)) for each in shares]
    outer = exp.select(exp.Star(), *columns, copy=False)
    return outer.from_(found.subquery("wholes", copy=False), copy=False)


def _share(share: Share, dimensions: tuple[str, ...]) -> exp.Expr:
    """The value over that of the row of its whole, which stands in the same partition."""
    value = exp.column(identifier(share.metric))
    within = frozenset(share.within)
    whole = exp.Filter(
        this=exp.Max(this=value.copy()),
        expression=exp.Where(this=is_set(mask_of(within, dimensions))),
    )
    partition = [exp.column(identifier(name)) for name in dimensions if name in within]
    part = quotient(value, exp.Window(this=whole, partition_by=partition))
    if not within:
        return part
    # The total shares its null keys with a group whose keys are null: it is no part of that group.
    return exp.Case(ifs=[exp.If(this=is_set(0), true=part)])

"""What must be said beside an answer, so that nobody adds up what does not add up."""

from collections.abc import Iterator

from plan.parts import Plan


def notes_of(plan: Plan) -> Iterator[str]:
    """One sentence for each table whose rows count in several groups."""
    for leaf in plan.leaves:
        if leaf.fanned_keys and leaf.sets[0] == frozenset(plan.keys) and not leaf.period.suffix:
            keys, metrics = ", ".join(sorted(leaf.fanned_keys)), ", ".join(each.name for each in leaf.metrics)
            yield (
                f"A row of {leaf.table.name} may have several values of {keys}, and counts once for each: "
                f"the rows of {metrics} do not add up to the total, in which it counts once."
            )

"""The axis of a question: the one grain of time by which its metrics' own times are grouped."""

from model.grain import AXIS, Grain, split_grain
from model.model import Model
from model.query import Query


def axis_names(model: Model, query: Query) -> tuple[str, ...]:
    """The dimensions of the question that are grains of its metrics' own times."""
    stems = {AXIS, *_own_times(model, query)}
    found = ((name, *split_grain(name)) for name in query.dimensions)
    return tuple(name for name, stem, step in found if stem in stems and isinstance(step, Grain))


def axis_of(model: Model, query: Query) -> tuple[str, Grain] | None:
    """The one such dimension and its grain; none when there are none, or several."""
    names = axis_names(model, query)
    if len(names) != 1:
        return None
    step = split_grain(names[0])[1]
    return (names[0], step) if isinstance(step, Grain) else None


def _own_times(model: Model, query: Query) -> set[str]:
    names = dict.fromkeys((*query.metrics, *(window.metric for window in query.windows)))
    leaves = (leaf for name in names for leaf in model.leaves(model.metric(name)))
    times = (model.tables[leaf.table or ""].time for leaf in leaves)
    return {time for time in times if time}

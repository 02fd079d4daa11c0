"""The axis of a question: the one grain of time by which its metrics' own times are grouped."""

from collections.abc import Iterator

from model.grain import AXIS, Grain, Part, split_grain
from model.model import Model
from model.query import Query


def axis_names(model: Model, query: Query) -> tuple[str, ...]:
    """The dimensions of the question that are grains of its metrics' own times."""
    return tuple(name for name, step in _steps(model, query) if isinstance(step, Grain))


def axis_parts(model: Model, query: Query) -> tuple[str, ...]:
    """The dimensions of the question that are parts of those times."""
    return tuple(name for name, step in _steps(model, query) if isinstance(step, Part))


def _steps(model: Model, query: Query) -> Iterator[tuple[str, Grain | Part | None]]:
    stems = {AXIS, *_own_times(model, query)}
    for name in query.dimensions:
        stem, step = split_grain(name)
        if stem in stems:
            yield name, step


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

"""Pins: dimensions that a question's filters hold to a few values, so that rows with others do not matter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from model.dimension import Dimension, Place
from model.filters import And, Condition, Filter, Op, conditions
from model.grain import AXIS, split_grain
from model.model import Model
from model.routes import Route
from plan.parts import Below, Leaf
from resolvers.tags import LONGEST_TAG, text_of, value_tag
from resolvers.ways import is_always_found_at

MOST_VALUES: Final = 8

_TOGETHER: Final = frozenset(Op) - {Op.NE, Op.NOT_IN, Op.IS_NULL}
"""What is asked of one row below, together with all else that is asked of it."""


def pins_of(model: Model, filters: Filter, leaves: Sequence[Leaf]) -> Mapping[str, tuple[str, ...]]:
    """The tags of the values, by dimension, where no row with another value changes what `leaves` measure."""
    found: dict[str, tuple[str, ...]] = {}
    for condition in _conjuncts(filters):
        dimension = model.dimensions.get(condition.name)
        if dimension is None or dimension.type.is_time:
            continue
        tags = _tags(dimension, condition)
        if tags and all(_holds(model, leaf, dimension, filters) for leaf in leaves):
            found.setdefault(condition.name, tags)
    return found


def _conjuncts(filters: Filter) -> Iterator[Condition]:
    """The conditions that all must hold."""
    parts = filters.parts if isinstance(filters, And) else (filters,)
    return (part for part in parts if isinstance(part, Condition))


def _tags(dimension: Dimension, condition: Condition) -> tuple[str, ...]:
    """A tag for each value that passes; none when these are not a few that can be named."""
    values = [value for value in condition.values if value is not None]
    if condition.op not in {Op.EQ, Op.IN} or not 0 < len(condition.values) == len(values) <= MOST_VALUES:
        return ()
    tags = tuple(value_tag(dimension.name, text_of(value, dimension.type)) for value in values)
    return tags if all(len(tag) <= LONGEST_TAG for tag in tags) else ()


def _holds(model: Model, leaf: Leaf, dimension: Dimension, filters: Filter) -> bool:
    """Whether a condition on the dimension speaks of every row that the leaf reads and that has a value."""
    way = _way_to(model, leaf, dimension, filters)
    return way is not None and is_always_found_at(model, leaf, dimension, way)


def _way_to(model: Model, leaf: Leaf, dimension: Dimension, filters: Filter) -> Route | None:
    """Where the condition finds it; none where rows below are asked for more than once."""
    if dimension.place in leaf.routes:
        return leaf.routes[dimension.place]
    below = leaf.below_for(dimension)
    if below is None or not _is_asked_once(model, below, filters):
        return None
    onward = _way_to(model, below.leaf, dimension, filters)
    return None if onward is None else (below.step, *onward)


def _is_asked_once(model: Model, below: Below, filters: Filter) -> bool:
    """Whether one row must pass all that is asked there: "none is" and "or" look at rows of their own."""
    together = [each for each in _conjuncts(filters) if each.op in _TOGETHER and None not in each.values]
    asked = _count(model, below, conditions(filters))
    return asked == _count(model, below, together)


def _count(model: Model, below: Below, asked: Iterable[Condition]) -> int:
    return sum(_place(model, each.name) in below.covers for each in asked)


def _place(model: Model, name: str) -> Place | None:
    """The shared axis is each table's own time, and lies nowhere below."""
    stem = split_grain(name)[0]
    return None if stem == AXIS else model.filterable(stem).place

"""The tags of an answer: everything that, when it changes, may change the answer.

An answer depends on the months that its ranges touch where a table's own time tells them, on all rows of
tables that it reads in any other way, and on the dimension values that its filters do not exclude. In doubt
it depends: a tag too many costs a miss, one too few a wrong number.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from model.dimension import Dimension
from model.model import Model
from model.viewer import Viewer
from plan.parts import Leaf, Plan
from resolvers.cover import EVERYTHING, cover_of, days_of
from resolvers.pins import pins_of
from resolvers.relevance import Relevance, relevance_of
from resolvers.tags import ANY, date_tag, rows_tag, table_tag, tenant_tag, value_tag
from resolvers.ways import every_leaf, is_always_found_at, stands


def tags_of(model: Model, plan: Plan, viewer: Viewer) -> tuple[str, ...]:
    """Sorted, each once. Months and years are those of the model's zone."""
    relevance = relevance_of(model)
    leaves = tuple(every_leaf(plan))
    zone = ZoneInfo(model.timezone)
    tags: set[str] = set()
    for leaf in leaves:
        pieces = cover_of(days_of(leaf.period.interval, leaf.time, zone))
        tags.update(_table_tags(leaf, pieces), _date_tags(model, relevance, leaf, pieces))
    tags |= _value_tags(model, relevance, plan, leaves)
    if viewer.tenant:
        tags.add(tenant_tag(viewer.tenant))
    return tuple(sorted(tags))


def _table_tags(leaf: Leaf, pieces: tuple[str, ...]) -> Iterator[str]:
    """Months are told apart for the leaf's own rows only; of other tables, any row may be met."""
    own = leaf.table.name
    is_own = leaf.time is not None and leaf.time.place == (own, ())
    yield table_tag(own)
    for piece in pieces if is_own else EVERYTHING:
        yield rows_tag(own, piece)
    for route, table in stands(leaf):
        if route:
            yield table_tag(table)
            yield rows_tag(table, ANY)


def _date_tags(model: Model, relevance: Relevance, leaf: Leaf, pieces: tuple[str, ...]) -> Iterator[str]:
    """The range's, unless rows are read whose own dates lie anywhere."""
    time = leaf.time
    if time is None or pieces == EVERYTHING or not _is_dated_alike(model, relevance, leaf, time):
        pieces = EVERYTHING
    return map(date_tag, pieces)


def _is_dated_alike(model: Model, relevance: Relevance, leaf: Leaf, time: Dimension) -> bool:
    """Whether all rows that are read have no date, or the very one that the leaf's range speaks of."""
    dates = (relevance.dated.get(table) for _, table in stands(leaf))
    if any(each is not None and each.name != time.name for each in dates):
        return False
    return is_always_found_at(model, leaf, time, leaf.routes[time.place])


def _value_tags(model: Model, relevance: Relevance, plan: Plan, leaves: tuple[Leaf, ...]) -> set[str]:
    """`<dimension>:*`, or the values to which the filters hold it."""
    tags = set(relevance.tags(tuple(dict.fromkeys(leaf.table.name for leaf in leaves))))
    for name, values in pins_of(model, plan.query.filters, leaves).items():
        if name in relevance.local and plan.query.timezone != model.timezone:
            continue  # its values are those of another zone than whoever changes data thinks of
        tags.discard(value_tag(name, ANY))
        tags.update(values)
    return tags

"""Which names go together in one question."""

from collections.abc import Iterable

from tests.engine import aggregates
from tests.engine.clock import DAY_GRAINS, DAY_PARTS, GRAINS, PARTS
from tests.engine.dimensions import DIMENSIONS, OWN_TIME, steps_of
from tests.engine.having import KINDS
from tests.engine.measures import MEASURES, Aggregate, aggregates_of, tables_of
from tests.engine.ordering import orders_of
from tests.engine.question import Question
from tests.engine.segments import SEGMENTS
from tests.engine.shop import STORED, below, looked_up

TOGETHER = (
    {"orders"},
    {"items"},
    {"orders", "items"},
    {"orders", "tickets"},
    {"orders", "order_tags"},
    {"items", "tickets"},
    {"customers", "tickets"},
    {"orders", "items", "tickets"},
    {"orders", "balances"},
    *({name} for name in STORED),
)
"""The tables whose metrics are asked together."""
MEDIANS = {"usual_amount", "high_amount", "median_quantity"}
ROUNDED = ("__share", "__change_ratio")

Tables = frozenset[str]


def metrics_over(tables: Tables) -> list[str]:
    return [name for name in MEASURES if tables_of(name) <= tables]


def numbers_over(tables: Tables) -> list[str]:
    return [name for name in metrics_over(tables) if name not in KINDS]


def dimensions_over(tables: Tables) -> list[str]:
    """What all of the tables look up."""
    common = frozenset.intersection(*map(looked_up, tables))
    return [name for name, found in DIMENSIONS.items() if found.table in common]


def steps_over(tables: Tables) -> list[str]:
    """The steps of time of what all of the tables look up, and of their own times."""
    axis = []
    if tables <= set(OWN_TIME):
        of_dates = "balances" in tables
        axis = [*DAY_GRAINS, *DAY_PARTS] if of_dates else [*GRAINS, *PARTS]
    steps = [f"{name}__{step}" for name in dimensions_over(tables) for step in steps_of(name)]
    return [*(f"time__{step}" for step in axis), *steps]


def reached(tables: Tables) -> Tables:
    """The tables that filters may speak of: what is looked up, and rows below."""
    return frozenset.intersection(*(looked_up(table) | below(table) for table in tables))


def fields_over(tables: Tables) -> dict[str, str]:
    """What may be filtered by, also rows below, with the type of its values."""
    reach = reached(tables)
    return {name: found.type for name, found in DIMENSIONS.items() if found.table in reach}


def shareable_over(tables: Tables) -> list[str]:
    return [name for name in metrics_over(tables) if _is_shareable(name)]


def _is_shareable(metric: str) -> bool:
    measure = MEASURES[metric]
    if isinstance(measure, Aggregate):
        return measure.make in {aggregates.count, aggregates.distinct, aggregates.total}
    return not measure.is_ratio


def has_time(question: Question) -> bool:
    return question.tables <= set(OWN_TIME)


def is_exactly_ordered(question: Question) -> bool:
    """Whether rounding cannot turn the order."""
    names = [name for name, _ in orders_of(question) if name not in question.dimensions]
    measures = [MEASURES[base] for name in names if (base := name.partition("__")[0]) in MEASURES]
    return all(each.exact for each in measures) and not any(name.endswith(ROUNDED) for name in names)


def is_windowable(metric: str) -> bool:
    """Whether it can be made from sums: not from distinct values, medians or last moments."""
    return all(
        each.make != aggregates.distinct and each.snapshot is None and metric not in MEDIANS
        for each in aggregates_of(metric).values()
    )


def has_mean(metric: str) -> bool:
    """Whether a mean over buckets is one: of a sum or a count."""
    measure = MEASURES[metric]
    return isinstance(measure, Aggregate) and measure.make in {aggregates.count, aggregates.total}


def segments_over(tables: Tables) -> list[str]:
    reach = reached(tables)
    return [name for name, found in SEGMENTS.items() if found.table in reach]


def kinds_of(metrics: Iterable[str]) -> dict[str, str]:
    """The types that `having` compares the metrics as."""
    return {name: KINDS.get(name, "decimal") for name in metrics}

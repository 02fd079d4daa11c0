"""The catalog tells which modifiers a metric takes, exactly as the planner does."""

from itertools import product

from model.filters import Condition, Op
from model.load import model_of_text
from model.query import Query, Share, Window
from tests.plan.questions import RESTAURANT
from tests.resolvers.test_catalog import CROOKED, accepted, catalog

STOCK = model_of_text("""
tables:
  balances:
    key: [day, account]
    time: day
    dimensions: {day: {type: date}, account: {}}
    metrics: {closing: {type: sum, sql: amount, last: {over: day, per: account}}}
""")


def test_a_dimension_is_for_deduplication_exactly_when_nothing_else_groups_by_it() -> None:
    for model in (RESTAURANT, CROOKED):
        found = catalog(model).metrics

        told = {(each.told.name, name) for each in found for name in each.deduplicated}

        every = product(model.metrics, model.dimensions)
        kept = {
            (metric, name)
            for metric, name in every
            if accepted(model, Query((metric,), "UTC", (name,), deduplicate=True))
            and not accepted(model, Query((metric,), "UTC", (name,)))
        }
        assert told == kept
        assert told


def test_a_segment_goes_with_a_metric_exactly_when_the_planner_filters_by_it() -> None:
    found = catalog(RESTAURANT)

    told = {(each.told.name, name) for each in found.metrics for name in each.segments}

    every = product(RESTAURANT.metrics, RESTAURANT.segments)
    kept = {
        (metric, name)
        for metric, name in every
        if accepted(RESTAURANT, Query((metric,), "UTC", filters=Condition(name, Op.EQ, (True,))))
    }
    assert told == kept
    assert {(metric, each.told.name) for each in found.segments for metric in each.metrics} == kept


def test_a_metric_has_a_share_exactly_when_the_planner_gives_it_one() -> None:
    for each in catalog(RESTAURANT).metrics:
        name = each.told.name
        dimension = each.dimensions[0]
        kept = accepted(RESTAURANT, Query((name,), "UTC", (dimension,), shares=(Share(name),)))

        assert each.has_share == kept, name


def test_a_metric_has_windows_exactly_when_the_planner_gives_it_one() -> None:
    for each in catalog(RESTAURANT).metrics:
        name = each.told.name
        kept = accepted(
            RESTAURANT, Query((name,), "UTC", ("time__day",), windows=(Window(name, running=True),))
        )

        assert each.has_window == kept, name


def test_what_is_taken_of_one_moment_adds_up_but_not_along_time() -> None:
    (closing,) = catalog(STOCK).metrics

    assert closing.additivity == "SEMI_ADDITIVE"
    assert not closing.has_window


def test_the_last_purchase_is_compared_as_an_instant() -> None:
    found = {each.told.name: each for each in catalog(RESTAURANT).metrics}["ultima_compra"]

    assert found.type == "DATETIME"
    assert Op.CONTAINS not in found.operators

"""The catalog promises exactly what the planner keeps."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, product
from textwrap import dedent

import pytest

from cache.cache import Cache
from model.faults import Fault
from model.filters import Condition, Op
from model.load import model_of_text
from model.model import Model
from model.query import Query
from model.value import Value, ValueType
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.values import typed
from resolvers.analytics import Analytics
from resolvers.catalog import Catalog, catalog_of, operators_of
from resolvers.columns import JsonType
from resolvers.rules import Rules
from tests.fakes import NOW, FakeDatabase, FencedStore
from tests.plan.questions import RESTAURANT, days

ANY_DAY = days(date(2026, 1, 1), date(2026, 1, 1))
CROOKED = model_of_text(
    dedent("""\
    title: Crooked
    week_start: sunday
    tables:
      sales:
        key: id
        time: sold_at
        joins:
          stores: {on: {store_id: id}}
          home: {to: regions, on: {home_id: id}}
          away: {to: regions, on: {away_id: id}}
        dimensions: {sold_at: {type: timestamp, zone: Europe/Paris}, gift: {type: boolean}}
        metrics:
          amount: {type: sum, sql: amount}
          sold: {type: count}
      lines:
        key: id
        joins: {sales: {on: {sale_id: id}}}
        dimensions: {line_id: {type: uuid, column: id}}
        metrics: {pieces: {type: max, sql: pieces}}
      visits:
        key: id
        time: visited_on
        joins: {stores: {on: {store_id: id}}}
        dimensions: {visited_on: {type: date}}
        metrics: {visits: {type: count}}
      stores:
        key: id
        dimensions:
          store: {column: name, title: Store, deprecated: Use shop.}
          size: {values: [small, large]}
      regions: {key: id, dimensions: {region: {column: name}}}
      weather:
        key: day
        dimensions: {rain: {type: decimal}}
        metrics: {wettest: {type: median, sql: rain, deprecated: Nobody asks.}}
    metrics:
      sold_per_visit: {type: ratio, numerator: sold, denominator: visits}
      pieces_each: {type: ratio, numerator: pieces, denominator: sold}
      sold_each: {type: ratio, numerator: sold, denominator: pieces}
    """)
)
MODELS = pytest.mark.parametrize("model", [RESTAURANT, CROOKED], ids=["restaurant", "crooked"])


def catalog(model: Model) -> Catalog:
    return catalog_of(model, Limits(), 1000)


def accepted(model: Model, query: Query) -> bool:
    try:
        make_plan(model, query, ANONYMOUS, Limits())
    except Fault:
        return False
    return True


def groups(model: Model, metric: str, dimension: str) -> bool:
    return accepted(model, Query((metric,), "UTC", (dimension,)))


def filters(model: Model, metric: str, dimension: str) -> bool:
    return accepted(model, Query((metric,), "UTC", filters=Condition(dimension, Op.IS_NULL, (True,))))


def promised_groups(found: Catalog) -> set[tuple[str, str]]:
    """Every pair of a metric and a name that `dimensions` takes, as a program reads it in the catalog."""
    steps = {each.told.name: [step.name for step in each.steps] for each in found.dimensions}
    return {
        (metric.told.name, name)
        for metric in found.metrics
        for dimension in metric.dimensions
        for name in (dimension, *steps[dimension])
    } | {(metric.told.name, name) for metric in found.metrics for name in metric.time_axis}


@MODELS
def test_a_pair_may_be_grouped_exactly_when_the_planner_accepts_it(model: Model) -> None:
    every = product(model.metrics, model.dimension_names)

    kept = {(metric, name) for metric, name in every if groups(model, metric, name)}

    assert promised_groups(catalog(model)) == kept


@MODELS
def test_a_pair_is_for_filters_only_exactly_when_the_planner_filters_and_refuses_to_group(
    model: Model,
) -> None:
    every = product(model.metrics, model.dimensions)

    kept = {pair for pair in every if filters(model, *pair) and not groups(model, *pair)}

    found = catalog(model).metrics
    assert {(each.told.name, name) for each in found for name in each.filter_only} == kept
    assert kept


@MODELS
def test_what_groups_filters_as_well(model: Model) -> None:
    found = catalog(model).metrics

    assert all(filters(model, each.told.name, name) for each in found for name in each.dimensions)


@MODELS
def test_a_range_of_dates_goes_exactly_where_the_planner_takes_one(model: Model) -> None:
    for each in catalog(model).metrics:
        kept = accepted(model, Query((each.told.name,), "UTC", interval=ANY_DAY))
        assert each.has_time == kept, each.told.name


@MODELS
def test_dimensions_tell_the_same_pairs_as_metrics(model: Model) -> None:
    found = catalog(model)

    by_metric = {(each.told.name, name) for each in found.metrics for name in each.dimensions}
    below = {(each.told.name, name) for each in found.metrics for name in each.filter_only}
    times = {(each.told.name, name) for each in found.metrics for name in each.time_axis}

    assert {(m, each.told.name) for each in found.dimensions for m in each.metrics} == by_metric
    assert {(m, each.told.name) for each in found.dimensions for m in each.filter_only} == below
    assert {(m, each.told.name) for each in found.time_axis for m in each.metrics} == times


def test_names_go_together_when_each_pair_of_them_does() -> None:
    promised = promised_groups(catalog(CROOKED))
    names = ("time__hour", "time__day", "sold_at__year", *CROOKED.dimensions)

    for metrics, asked in product(combinations(CROOKED.metrics, 2), combinations(names, 2)):
        kept = accepted(CROOKED, Query(metrics, "UTC", asked))
        assert kept == all(pair in promised for pair in product(metrics, asked)), (metrics, asked)


def test_what_is_crooked_is_told() -> None:
    found = {each.told.name: each for each in catalog(CROOKED).metrics}

    assert found["amount"].dimensions == ("sold_at", "gift", "store", "size")  # two ways lead to region
    assert found["amount"].filter_only == ("line_id",)
    assert not found["pieces"].has_time
    assert not found["pieces"].time_axis
    assert "time__hour" in found["amount"].time_axis
    assert "time__hour" not in found["sold_per_visit"].time_axis  # visits have dates only
    assert found["sold_per_visit"].dimensions == ("store", "size")
    assert found["wettest"].dimensions == ("rain",)


def test_sums_and_counts_add_up_and_nothing_else_does() -> None:
    found = {each.told.name: each.additivity for each in catalog(RESTAURANT).metrics}

    adding = {name for name, additivity in found.items() if additivity == "ADDITIVE"}

    kinds = {name: metric.kind for name, metric in RESTAURANT.metrics.items()}
    assert adding == {name for name, kind in kinds.items() if kind in {"sum", "count"}}
    assert {"clientes_unicos", "ticket_medio", "p95_entrega"}.isdisjoint(adding)


def test_steps_tell_how_they_travel() -> None:
    found = {each.told.name: each for each in catalog(CROOKED).dimensions}

    steps = {step.name: step.type for step in found["sold_at"].steps}

    assert steps["sold_at__hour"] is JsonType.DATETIME
    assert steps["sold_at__month"] is JsonType.DATE
    assert steps["sold_at__hour_of_day"] is JsonType.INTEGER
    assert "visited_on__hour" not in {step.name for step in found["visited_on"].steps}
    assert found["store"].steps == ()


OF_EACH_TYPE: dict[ValueType, Value] = {
    ValueType.STRING: "a",
    ValueType.INTEGER: 1,
    ValueType.DECIMAL: 1,
    ValueType.FLOAT: 1,
    ValueType.BOOLEAN: True,
    ValueType.UUID: "00000000-0000-0000-0000-000000000001",
    ValueType.DATE: NOW.date(),
    ValueType.TIMESTAMP: NOW,
    ValueType.TIMESTAMPTZ: NOW,
}


def taken(kind: ValueType) -> Iterator[Op]:
    """The operators that the planner takes for values of this type."""
    for op in Op:
        try:
            typed(Condition("x", op, (OF_EACH_TYPE[kind],)), kind)
        except Fault:
            continue
        yield op


@pytest.mark.parametrize("kind", ValueType)
def test_operators_are_those_that_the_planner_takes(kind: ValueType) -> None:
    assert operators_of(kind) == tuple(taken(kind))


def test_the_catalog_of_a_service_is_made_once_and_tells_its_limits() -> None:
    rules = Rules(default_limit=7, limits=Limits(rows=70))
    analytics = Analytics(CROOKED, FakeDatabase(), Cache(FencedStore()), lambda: NOW, rules)

    found = analytics.catalog

    assert analytics.catalog is found
    assert (found.title, found.week_start, found.default_limit, found.limits.rows) == ("Crooked", 7, 7, 70)

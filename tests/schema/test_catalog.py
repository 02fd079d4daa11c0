"""A program that knows nothing but the catalog can ask every question, and expects what comes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from schema.inputs import FILTERS
from tests.fakes import running
from tests.plan.questions import RESTAURANT
from tests.resolvers.test_catalog import CROOKED
from tests.service import Service, service_over

WHOLE = """{ catalog {
  title description timezone weekStart
  limits { defaultLimit limit offset names conditions values depth }
  metrics {
    name title description aggregation inputs additivity type unit format currency deprecated operators
    dimensions filterOnly timeAxis dateRange
  }
  dimensions {
    name title description type format values deprecated operators metrics filterOnly
    steps { name step kind type description }
  }
  timeAxis { name step kind type description metrics }
} }"""
ASK = """query ($metrics: [Metric!]!, $dimensions: [Dimension!]!, $filters: FilterInput) {
  analytics(metrics: $metrics, dimensions: $dimensions, filters: $filters, limit: 1) { columns { name type } }
}"""


def catalog_of(model: Any = None, **settings: Any) -> dict[str, Any]:
    with running(model, **settings) as service:
        answer = service.ask(WHOLE)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]["catalog"]
    return found


def named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in found if each["name"] == name)


def test_the_model_tells_its_title_its_zone_and_its_limits() -> None:
    found = catalog_of(CROOKED, max_limit=50, default_limit=20)

    assert (found["title"], found["timezone"], found["weekStart"]) == ("Crooked", "UTC", "SUNDAY")
    assert (found["limits"]["limit"], found["limits"]["defaultLimit"]) == (50, 20)
    assert found["limits"]["depth"] == 12


def test_a_metric_is_told_as_the_model_tells_it() -> None:
    found = named(catalog_of()["metrics"], "ticket_medio")

    told = {key: found[key] for key in ("title", "format", "currency", "aggregation", "inputs", "deprecated")}
    assert told == {
        "title": "Ticket médio",
        "format": "currency",
        "currency": "BRL",
        "aggregation": "RATIO",
        "inputs": ["faturamento", "qtd_vendas"],
        "deprecated": None,
    }
    assert found["additivity"] == "NON_ADDITIVE"
    assert found["dateRange"]
    assert "channel" in found["dimensions"]
    assert "product" in found["filterOnly"]


def test_a_dimension_is_told_as_the_model_tells_it() -> None:
    found = catalog_of(CROOKED)
    store, size = named(found["dimensions"], "store"), named(found["dimensions"], "size")

    assert (store["title"], store["deprecated"], store["values"]) == ("Store", "Use shop.", [])
    assert (size["title"], size["deprecated"], size["values"]) == ("size", None, ["small", "large"])
    assert named(found["metrics"], "wettest")["deprecated"] == "Nobody asks."


def test_a_step_says_what_it_is() -> None:
    found = named(catalog_of()["dimensions"], "sold_at")["steps"]

    month = named(found, "sold_at__month")
    assert (month["step"], month["kind"], month["type"]) == ("month", "GRAIN", "DATE")
    assert month["description"] == "the first day of the month"
    assert named(found, "sold_at__iso_week")["kind"] == "PART"


def test_operators_are_fields_of_the_filter_inputs() -> None:
    found = {each["name"]: each["operators"] for each in catalog_of(CROOKED)["dimensions"]}

    for name, operators in found.items():
        fields = FILTERS[CROOKED.dimensions[name].type].__strawberry_definition__.fields  # type: ignore[attr-defined]
        names = {field.graphql_name for field in fields}
        assert set(operators) <= names
        # Ids are written as text, but have no order and no parts.
        assert name == "line_id" or set(operators) == names


@pytest.fixture
async def service(restaurant_url: str) -> AsyncIterator[Service]:
    async with service_over(RESTAURANT, restaurant_url) as found:
        yield found


async def types(service: Service, metric: str, dimensions: list[str]) -> dict[str, str]:
    answer = await service.ask(ASK, metrics=[metric], dimensions=dimensions)
    assert "errors" not in answer, answer["errors"]
    return {each["name"]: each["type"] for each in answer["data"]["analytics"]["columns"]}


@pytest.mark.anyio
@pytest.mark.integration
async def test_dimensions_and_their_steps_travel_as_told(service: Service) -> None:
    found = (await service.ask(WHOLE))["data"]["catalog"]

    for each in found["dimensions"]:
        told = {step["name"]: step["type"] for step in [each, *each["steps"]]}
        metric = each["metrics"][0]
        came = await types(service, metric, list(told))
        assert {name: came[name] for name in told} == told


@pytest.mark.anyio
@pytest.mark.integration
async def test_metrics_and_the_time_axis_travel_as_told(service: Service) -> None:
    found = (await service.ask(WHOLE))["data"]["catalog"]
    axis = {step["name"]: step["type"] for step in found["timeAxis"]}

    for each in found["metrics"]:
        came = await types(service, each["name"], each["timeAxis"])
        assert each["type"] in {None, came.pop(each["name"])}
        assert came == {name: axis[name] for name in each["timeAxis"]}


@pytest.mark.anyio
@pytest.mark.integration
async def test_every_filter_that_is_told_is_taken(service: Service) -> None:
    found = (await service.ask(WHOLE))["data"]["catalog"]

    for each in found["metrics"]:
        filters = {name: {"isNull": False} for name in [*each["dimensions"], *each["filterOnly"]]}
        answer = await service.ask(ASK, metrics=[each["name"]], dimensions=[], filters=filters)
        assert "errors" not in answer, answer["errors"]

"""Several ways to a table: refused, unless the model names one."""

import pytest

from model.faults import Fault
from model.load import model_of_text
from model.model import Model
from model.query import Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render

TANGLED = """
tables:
  cities: {key: id, dimensions: {city: {column: name}}}
  stores: {key: id, joins: {cities: {on: {city_id: id}}}}
  people: {key: id, joins: {cities: {on: {city_id: id}}}}
  sales:
    key: id
    joins: {stores: {on: {store_id: id}}, people: {on: {person_id: id}}}
    dimensions: {home: {dimension: city, via: [people, cities]}}
    metrics: {sold: {type: count}}
  lines:
    key: id
    joins: {sales: {on: {sale_id: id}}, people: {on: {packer_id: id}}}
    metrics: {pieces: {type: count}}
"""
OF_SALES, OF_LINES = (
    "    paths: {cities: [stores, cities]}\n",
    "    paths: {cities: [sales, stores, cities]}\n",
)
NAMED = TANGLED.replace("    dimensions: {home", f"{OF_SALES}    dimensions: {{home")
WHOLE = NAMED.replace("    metrics: {pieces", f"{OF_LINES}    metrics: {{pieces")


def sql(model: Model, metric: str, dimension: str) -> str:
    plan = make_plan(model, Query((metric,), "UTC", (dimension,)), ANONYMOUS, Limits())
    return render(model, plan).text


def refusal(model: Model, metric: str, dimension: str) -> Fault:
    with pytest.raises(Fault) as refused:
        sql(model, metric, dimension)
    return refused.value


def test_two_ways_are_refused_with_both_of_them() -> None:
    fault = refusal(model_of_text(TANGLED), "sold", "city")

    assert fault.code == "AMBIGUOUS_JOIN_PATH"
    assert fault.fields["paths"] == ["sales -> stores -> cities", "sales -> people -> cities"]
    assert "under 'paths:' of sales" in fault.message


def test_a_named_path_is_taken() -> None:
    assert '"stores__cities"."name" AS "city"' in sql(model_of_text(NAMED), "sold", "city")


def test_a_dimension_that_plays_a_role_goes_its_own_way() -> None:
    assert '"people__cities"."name" AS "home"' in sql(model_of_text(NAMED), "sold", "home")


def test_a_path_that_is_named_on_the_way_leaves_other_ways_in_doubt() -> None:
    fault = refusal(model_of_text(NAMED), "pieces", "city")

    assert fault.fields["paths"] == ["lines -> people -> cities", "lines -> sales -> stores -> cities"]


def test_each_table_names_its_own_path() -> None:
    text = sql(model_of_text(WHOLE), "pieces", "city")

    assert '"sales__stores__cities"."name" AS "city"' in text


def test_a_role_is_found_from_tables_that_look_its_owner_up() -> None:
    text = sql(model_of_text(WHOLE), "pieces", "home")

    assert '"sales__people__cities"."name" AS "home"' in text

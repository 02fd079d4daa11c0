"""What a model knows about its names."""

from time import perf_counter

import pytest

from model.faults import UnknownName
from model.load import model_of_text
from model.model import base_name, steps_of
from model.value import ValueType

TEXT = """\
tables:
  sales:
    key: id
    time: sold_at
    joins: {stores: {on: {store_id: id}}}
    dimensions:
      sold_at: {type: timestamptz}
      paid_on: {type: date}
      status: {}
    metrics:
      total: {type: sum, sql: amount}
      orders: {type: count}
      average: {type: ratio, numerator: total, denominator: orders}
      doubled: {type: derived, sql: average * 2 + orders}
  stores:
    key: id
    dimensions: {store: {column: name}}
"""
MODEL = model_of_text(TEXT)


def test_an_unknown_metric_is_told_with_what_may_be_meant() -> None:
    with pytest.raises(UnknownName) as refused:
        MODEL.metric("totl")

    assert refused.value.code == "UNKNOWN_METRIC"
    assert refused.value.message == "There is no metric called 'totl'. Did you mean 'total'?"
    assert refused.value.fields == {"metric": "totl", "suggestions": ["total"]}


def test_an_unknown_dimension_may_have_been_meant_with_its_grain() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean 'time__month'"):
        MODEL.dimension("time__mont")


def test_known_names_are_found() -> None:
    assert MODEL.metric("total").table == "sales"
    assert MODEL.dimension("store").table == "stores"


def test_time_has_every_grain_and_part_and_a_date_none_below_a_day() -> None:
    names = MODEL.dimension_names

    assert {"time__hour", "time__month", "sold_at", "sold_at__minute_15", "paid_on__week"} <= set(names)
    assert not {"time", "paid_on__hour", "paid_on__hour_of_day", "status__day"} & set(names)
    assert len(names) == len(set(names))


def test_the_shared_axis_has_only_the_steps_that_some_table_has() -> None:
    model = model_of_text(TEXT.replace("time: sold_at", "time: paid_on"))

    assert "time__day" in model.dimension_names
    assert "time__hour" not in model.dimension_names


def test_without_a_time_there_is_no_axis() -> None:
    model = model_of_text(TEXT.replace("    time: sold_at\n", ""))

    assert not [name for name in model.dimension_names if name.startswith("time__")]


def test_the_time_of_a_table_is_the_dimension_that_it_names() -> None:
    assert MODEL.time_of("sales") == MODEL.dimension("sold_at")
    assert MODEL.time_of("stores") is None


def test_the_time_column_is_the_dimension_that_is_nothing_but_the_column() -> None:
    text = TEXT.replace("paid_on: {type: date}", "day: {type: date, sql: 'sold_on::date'}\n      on_: {}")
    text = text.replace("      on_: {}", "      sold_on: {type: timestamptz}")

    assert model_of_text(text).time_column("sales", "sold_on").name == "sold_on"


def test_a_formula_comes_down_to_its_aggregates_each_once() -> None:
    assert [leaf.name for leaf in MODEL.leaves(MODEL.metric("doubled"))] == ["total", "orders"]
    assert [leaf.name for leaf in MODEL.leaves(MODEL.metric("total"))] == ["total"]


def test_formulas_upon_formulas_cost_no_more_than_their_number() -> None:
    lines = [
        f"      f{n}: {{type: derived, sql: f{n - 1} + f{n - 2} + 1}}"
        if n > 1
        else f"      f{n}: {{type: count}}"
        for n in range(400)
    ]
    model = model_of_text(
        "tables:\n  sales:\n    key: id\n    dimensions: {a: {}}\n    metrics:\n" + "\n".join(lines)
    )
    started = perf_counter()

    leaves = model.leaves(model.metric("f399"))

    assert [leaf.name for leaf in leaves] == ["f1", "f0"]
    assert perf_counter() - started < 1


def _fingerprint(text: str) -> str:
    return model_of_text(text).fingerprint(["doubled"], ["store"], ["sales", "stores"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sql: amount", "sql: amount - discount"),
        ("numerator: total", "numerator: orders"),
        ("column: name", "column: title"),
        ("store_id: id", "shop_id: id"),
        ("average * 2", "average * 3"),
        ("tables:", "week_start: sunday\ntables:"),
        ("type: count", "type: count, where: amount > 0"),
        ("type: count", "type: count, only: {status: open}"),
        ("sales:\n", "sales:\n    source: shop.sales\n"),
    ],
)
def test_the_fingerprint_changes_with_what_a_question_uses(old: str, new: str) -> None:
    assert _fingerprint(TEXT.replace(old, new)) != _fingerprint(TEXT)


@pytest.mark.parametrize(
    ("old", "new"), [("status: {}", "state: {}"), ("tables:", "title: Shop\ntables:"), ("paid_on", "due_on")]
)
def test_the_fingerprint_stays_when_something_else_changes(old: str, new: str) -> None:
    assert _fingerprint(TEXT.replace(old, new)) == _fingerprint(TEXT)


def test_the_fingerprint_depends_on_everything_that_is_asked() -> None:
    asked = (["total"], ["store"], ["sales", "stores"])
    others = (["orders"], *asked[1:]), (asked[0], ["status"], asked[2]), (*asked[:2], ["sales"])

    found = {MODEL.fingerprint(*each) for each in (asked, *others)}

    assert len(found) == 4


def test_the_fingerprint_does_not_depend_on_the_order_of_names() -> None:
    first = MODEL.fingerprint(["total", "orders"], ["store", "status"], ["sales", "stores"])
    second = MODEL.fingerprint(["orders", "total", "total"], ["status", "store"], ["stores", "sales"])

    assert first == second


def test_a_name_with_a_grain_has_a_declared_name_behind_it() -> None:
    assert base_name("paid_on__month") == "paid_on"
    assert base_name("status") == "status"


def test_only_time_has_steps() -> None:
    assert [kind for kind in ValueType if steps_of(kind)] == [kind for kind in ValueType if kind.is_time]

"""Files and folders become one model."""

from pathlib import Path

import pytest

from model.faults import ModelInvalid
from model.load import load_model, model_of_text, model_of_texts
from model.table import JoinKind
from tests.model.texts import model_with_sales

SALES = """\
title: Shop
tables:
  sales:
    source: shop.sales
    key: [shop, number]
    time: sold_at
    joins:
      stores: {on: {store_id: id}}
      seller: {to: people, on: {seller_id: id}}
      lines: {on: {shop: shop, number: number}, kind: one_to_many}
    dimensions:
      sold_at: {type: timestamp, zone: Europe/Paris}
    metrics:
      total: {type: sum, sql: amount}
"""
OTHERS = """\
tables:
  stores: {key: id, dimensions: {store: {column: name}}}
  people: {key: id, dimensions: {seller: {column: name}}}
  lines: {key: id}
metrics:
  doubled: {type: derived, sql: total * 2}
"""


def _faults(texts: list[tuple[str, str]]) -> list[str]:
    with pytest.raises(ModelInvalid) as refused:
        model_of_texts(texts)
    return [str(fault) for fault in refused.value.faults]


def test_a_folder_of_files_is_one_model(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(SALES, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(OTHERS, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a model", encoding="utf-8")

    model = load_model(tmp_path)

    assert list(model.tables) == ["sales", "stores", "people", "lines"]
    assert list(model.metrics) == ["total", "doubled"]
    assert model.title == "Shop"


def test_a_table_keeps_its_source_key_time_and_joins() -> None:
    table = model_of_texts([("a.yml", SALES), ("b.yml", OTHERS)]).tables["sales"]

    assert table.source == ("shop", "sales")
    assert table.key == ("shop", "number")
    assert table.time == "sold_at"
    assert [(join.name, join.target, join.on, join.kind) for join in table.joins] == [
        ("stores", "stores", (("store_id", "id"),), JoinKind.MANY_TO_ONE),
        ("seller", "people", (("seller_id", "id"),), JoinKind.MANY_TO_ONE),
        ("lines", "lines", (("shop", "shop"), ("number", "number")), JoinKind.ONE_TO_MANY),
    ]


def test_what_is_left_out_has_a_plain_default() -> None:
    model = model_of_text(
        "tables: {sales: {key: id, dimensions: {status: {}}, metrics: {orders: {type: count}}}}"
    )

    assert model.tables["sales"].source == ("sales",)
    assert model.tables["sales"].key == ("id",)
    assert model.tables["sales"].time is None
    assert model.timezone == "UTC"
    assert model.week_start == 1


def test_the_week_starts_on_the_day_that_is_named() -> None:
    text = "tables: {sales: {key: id, dimensions: {status: {}}, metrics: {orders: {type: count}}}}"

    assert model_of_text(f"week_start: sunday\n{text}").week_start == 7


def test_a_column_may_be_called_whatever_the_database_calls_it() -> None:
    model = model_with_sales("dimensions: {status: {column: Order Status}}")

    assert model.dimension("status").sql.column == "Order Status"


def test_a_median_is_the_half_of_a_percentile() -> None:
    model = model_of_text(
        "tables: {sales: {key: id, dimensions: {a: {}}, metrics: {m: {type: median, sql: seconds}}}}"
    )

    assert model.metric("m").percentile == 0.5


def test_a_fault_names_the_file_that_it_stands_in() -> None:
    broken = OTHERS.replace("column: name", "colum: name").replace("total * 2", "totl * 2")

    assert _faults([("a.yml", SALES), ("b.yml", broken)]) == [
        "b.yml:2: There is no key 'colum' here. Did you mean 'column'?",
        "b.yml:3: There is no key 'colum' here. Did you mean 'column'?",
    ]


def test_faults_of_several_files_come_in_the_order_of_files_and_lines() -> None:
    one = SALES.replace("sum, sql: amount", "sum, sql: now()").replace("Europe/Paris", "Moon")
    other = OTHERS.replace("total * 2", "totl * 2")

    assert [fault.split(": ")[0] for fault in _faults([("b.yml", other), ("a.yml", one)])] == [
        "a.yml:12",
        "a.yml:14",
        "b.yml:6",
    ]


def test_a_table_may_stand_in_one_file_only() -> None:
    faults = _faults([("a.yml", SALES), ("b.yml", OTHERS), ("c.yml", "tables: {stores: {key: id}}")])

    assert faults == ["c.yml:1: 'stores' is declared in another file too. Keep one."]


def test_the_zone_may_stand_in_one_file_only() -> None:
    faults = _faults([("a.yml", SALES), ("b.yml", f"title: Other\n{OTHERS}")])

    hint = "Only tables and metrics may be spread over files."
    assert faults == [f"b.yml:1: 'title' is set in another file too. {hint}"]


def test_a_file_that_is_not_yaml_is_told_alone_for_the_rest_cannot_be_judged() -> None:
    (fault,) = _faults([("a.yml", SALES), ("b.yml", "tables: [")])

    assert fault.startswith("b.yml:1: This is not YAML: while parsing a flow node")


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ModelInvalid, match=r"The model cannot be read: .*nowhere\.yml.*Is the path right\?"):
        load_model(tmp_path / "nowhere.yml")


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ModelInvalid, match=r"There is no \*\.yml file in .*Put the model there\."):
        load_model(tmp_path)


def test_a_file_that_is_not_utf_8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "model.yml").write_bytes("title: Café".encode("latin-1"))

    with pytest.raises(ModelInvalid, match="The model cannot be read"):
        load_model(tmp_path / "model.yml")

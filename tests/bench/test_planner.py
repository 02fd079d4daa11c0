"""The bench of the planner reads questions as people write them, and its figures are those of its rounds."""

from pathlib import Path

import pytest

from bench.faults import NotMeasured
from bench.planner import BUDGET_MS, Cost, measure, method, table_of
from bench.questions import PAIRS, queries_in, typical_folder
from model.filters import Op, conditions
from tests.fakes import restaurant

TWO_ROUNDS = Cost(plan=(1.0, 2.0), sql=(1.0, 4.0), yardstick=(2.0, 3.0))


def test_a_question_is_read_from_its_graphql(tmp_path: Path) -> None:
    text = '{ analytics(metrics: [faturamento], filters: {city: {eq: "Recife"}}, limit: 7) { data } }'
    (tmp_path / "of_a_city.graphql").write_text(text)

    found = queries_in(tmp_path, restaurant())

    [(name, query)] = found.items()
    assert (name, query.metrics, query.limit) == ("of_a_city", ("faturamento",), 7)
    assert [(each.name, each.op, each.values) for each in conditions(query.filters)] == [
        ("city", Op.EQ, ("Recife",))
    ]


def test_several_questions_of_one_file_are_told_apart(tmp_path: Path) -> None:
    text = "{ a: analytics(metrics: [faturamento]) { data } b: analytics(metrics: [qtd_vendas]) { data } }"
    (tmp_path / "two.graphql").write_text(text)

    found = queries_in(tmp_path, restaurant())

    assert {name: query.metrics for name, query in found.items()} == {
        "two": ("faturamento",),
        "two 2": ("qtd_vendas",),
    }


def test_what_the_model_does_not_know_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "unknown.graphql").write_text("{ analytics(metrics: [nothing]) { data } }")

    with pytest.raises(NotMeasured, match=r"unknown\.graphql"):
        queries_in(tmp_path, restaurant())


def test_every_typical_question_is_measured() -> None:
    queries = queries_in(typical_folder(), restaurant())

    costs = measure(restaurant(), queries, rounds=1)

    assert costs.keys() == queries.keys()
    assert all(cost.total_ms > 0 and cost.ratio.median > 0 for cost in costs.values())


def test_both_parts_are_added_round_by_round() -> None:
    assert TWO_ROUNDS.total_ms == 4.0
    assert (TWO_ROUNDS.ratio.least, TWO_ROUNDS.ratio.most) == (1.0, 2.0)


def test_the_table_ends_with_the_median_question_and_the_yardstick() -> None:
    table = table_of({"a": TWO_ROUNDS, "b": TWO_ROUNDS})

    assert list(table.rows) == [
        ("a", "1.5", "2.5", "4", "1.5"),
        ("b", "1.5", "2.5", "4", "1.5"),
        ("the median question", "", "", "4", "1.5"),
        ("the yardstick", "", "", "2.5", "1"),
    ]


def test_the_method_tells_how_many_are_within_the_budget() -> None:
    cheap = Cost(plan=(0.1,), sql=(0.1,), yardstick=(1.0,))

    told = method({"a": cheap, "b": TWO_ROUNDS}, PAIRS, 2, "a machine")

    assert told["budget"].startswith(f"1 of 2 questions take less than {BUDGET_MS:g} ms")
    assert told["machine"] == "a machine"

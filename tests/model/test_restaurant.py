"""The example that the demo, the docs and the tests share."""

from pathlib import Path

from model.load import load_model
from model.metric import MetricKind

MODEL = load_model(Path(__file__).parents[2] / "examples" / "restaurant" / "model.yml")

METRICS = """
    faturamento ticket_medio qtd_vendas qtd_produtos receita_produtos tempo_medio_entrega
    p50_entrega p90_entrega p95_entrega tempo_medio_preparo clientes_unicos valor_total_desconto
    taxa_cancelamento
"""
DIMENSIONS = """
    channel channel_id store store_id city state sub_brand product category neighborhood payment_type weekday
    hour daypart time__day time__month time__hour_of_day
"""


def test_it_measures_what_its_users_know() -> None:
    assert set(METRICS.split()) <= set(MODEL.metrics)


def test_it_groups_by_what_its_users_know() -> None:
    assert set(DIMENSIONS.split()) <= set(MODEL.dimension_names)


def test_every_metric_and_dimension_says_what_it_is() -> None:
    described = {name: each.description for name, each in MODEL.metrics.items()}
    described |= {name: each.description for name, each in MODEL.dimensions.items()}

    assert [name for name, words in described.items() if not words] == []


def test_every_aggregate_has_a_time() -> None:
    tables = {metric.table for metric in MODEL.metrics.values() if metric.table}

    assert [table for table in tables if MODEL.time_of(table) is None] == []


def test_the_mean_ticket_is_a_quotient_of_sums_and_not_a_mean_of_means() -> None:
    metric = MODEL.metric("ticket_medio")

    assert metric.kind is MetricKind.RATIO
    assert metric.inputs == ("faturamento", "qtd_vendas")


def test_money_has_a_currency() -> None:
    money = [metric for metric in MODEL.metrics.values() if metric.format == "currency"]

    assert {metric.currency for metric in money} == {"BRL"}

"""Questions over the restaurant example whose SQL is kept in tests/golden."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from model.dates import Days, Instants, Interval
from model.filters import And, Condition, Not, Op, Or
from model.grain import Grain
from model.load import load_model
from model.query import Direction, OrderBy, Query, Share, Top, Window
from plan.ranges import resolve, zone_of

ZONE = "America/Sao_Paulo"
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
RESTAURANT = load_model(Path(__file__).parents[2] / "examples" / "restaurant" / "model.yml")


def days(first: date, last: date) -> Interval:
    return resolve(Days(first, last), NOW, zone_of(ZONE))


JANUARY = days(date(2026, 1, 1), date(2026, 1, 31))
CHANNELS = Condition("channel_id", Op.IN, (3, 2))

QUESTIONS: dict[str, Query] = {
    "first_question": Query(
        metrics=("faturamento", "ticket_medio"),
        timezone=ZONE,
        dimensions=("channel",),
        filters=CHANNELS,
        interval=JANUARY,
    ),
    "no_dimensions": Query(metrics=("faturamento", "qtd_vendas", "taxa_cancelamento"), timezone=ZONE),
    "months_and_stores": Query(
        metrics=("qtd_vendas",), timezone=ZONE, dimensions=("time__month", "store"), interval=JANUARY
    ),
    "hours_of_one_day": Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("time__hour",),
        interval=days(date(2026, 1, 5), date(2026, 1, 5)),
    ),
    "quarters_of_an_hour": Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("time__minute_15",),
        interval=resolve(
            Instants(datetime(2026, 1, 5, 12, tzinfo=UTC), datetime(2026, 1, 5, 18, tzinfo=UTC)),
            NOW,
            zone_of(ZONE),
        ),
    ),
    "weekday_and_daypart": Query(
        metrics=("faturamento",), timezone=ZONE, dimensions=("weekday", "daypart", "time__hour_of_day")
    ),
    "percentiles": Query(
        metrics=("tempo_medio_entrega", "p50_entrega", "p90_entrega", "p95_entrega"),
        timezone=ZONE,
        dimensions=("neighborhood",),
        order_by=(OrderBy("p95_entrega", Direction.DESC),),
        limit=10,
    ),
    "two_hops": Query(
        metrics=("qtd_produtos", "receita_produtos"),
        timezone=ZONE,
        dimensions=("category", "city"),
        interval=JANUARY,
    ),
    "page_ordered_by_what_is_not_shown": Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("store",),
        order_by=(OrderBy("faturamento", Direction.DESC),),
        limit=20,
        offset=40,
    ),
    "filters_and_their_complements": Query(
        metrics=("clientes_unicos",),
        timezone=ZONE,
        filters=And(
            (
                Condition("city", Op.NE, ("Recife",)),
                Condition("discount_reason", Op.NOT_IN, ("Cupom", None)),
                Not(Or((Condition("store", Op.CONTAINS, ("50%",)), Condition("hour", Op.GTE, (22,))))),
                Condition("customer_since", Op.LT, (datetime(2025, 1, 1, tzinfo=UTC),)),
                Condition("neighborhood", Op.IS_NULL, (False,)),
            )
        ),
    ),
    "payments": Query(
        metrics=("valor_pago", "qtd_pagamentos"),
        timezone=ZONE,
        dimensions=("payment_type", "time__quarter"),
        interval=days(date(2025, 1, 1), date(2025, 12, 31)),
    ),
    "four_tables": Query(
        metrics=("faturamento", "qtd_produtos", "receita_adicionais", "valor_pago", "ticket_medio"),
        timezone=ZONE,
        dimensions=("channel", "time__month"),
        filters=CHANNELS,
        interval=JANUARY,
    ),
    "two_tables_in_total": Query(metrics=("qtd_vendas", "qtd_produtos"), timezone=ZONE),
    "sales_with_ice_cream": Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("channel",),
        filters=And(
            (
                Condition("category", Op.EQ, ("Sorvetes",)),
                Condition("line_quantity", Op.GTE, (3,)),
                Condition("item", Op.NE, ("Queijo",)),
            )
        ),
    ),
    "totals_and_having": Query(
        metrics=("qtd_vendas", "ticket_medio"),
        timezone=ZONE,
        dimensions=("store",),
        having=Condition("faturamento", Op.GT, (100_000,)),
        order_by=(OrderBy("clientes_unicos", Direction.DESC),),
        limit=10,
        totals=True,
    ),
    "shares": Query(
        metrics=("faturamento",),
        timezone=ZONE,
        dimensions=("city", "channel"),
        order_by=(OrderBy("faturamento__share", Direction.DESC),),
        shares=(Share("faturamento"), Share("qtd_vendas", ("city",))),
        limit=10,
    ),
    "totals_of_two_tables": Query(
        metrics=("qtd_vendas", "qtd_produtos"), timezone=ZONE, dimensions=("city",), totals=True
    ),
    "days_filled_and_summed": Query(
        metrics=("faturamento",),
        timezone=ZONE,
        dimensions=("time__day", "channel"),
        interval=JANUARY,
        fill=True,
        windows=(
            Window("faturamento", running=True),
            Window("ticket_medio", rolling=7),
            Window("qtd_vendas", to_date=Grain.YEAR),
        ),
    ),
    "compared_with_a_year_before": Query(
        metrics=("faturamento", "clientes_unicos"),
        timezone=ZONE,
        dimensions=("time__week",),
        interval=JANUARY,
        compared_with=days(date(2025, 1, 1), date(2025, 1, 31)),
        order_by=(OrderBy("faturamento__change_ratio", Direction.DESC),),
        totals=True,
    ),
    "top_stores_and_others": Query(
        metrics=("faturamento", "clientes_unicos"),
        timezone=ZONE,
        dimensions=("time__month", "store"),
        top=Top(5, "faturamento", others=True),
    ),
    "top_stores_of_each_city": Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("city", "store"),
        top=Top(3, "faturamento", "store", ("city",)),
    ),
    "subtotals_and_count": Query(
        metrics=("faturamento",),
        timezone=ZONE,
        dimensions=("city", "channel"),
        subtotals=(("city",), ("channel",)),
        totals=True,
        group_count=True,
        limit=10,
    ),
    "sales_by_product_deduplicated": Query(
        metrics=("faturamento", "qtd_vendas"),
        timezone=ZONE,
        dimensions=("product", "channel"),
        filters=Condition("category", Op.EQ, ("Sorvetes",)),
        deduplicate=True,
        totals=True,
    ),
    "segments_and_steps_of_time": Query(
        metrics=("qtd_vendas",),
        timezone=ZONE,
        dimensions=("channel",),
        filters=And(
            (
                Condition("com_desconto", Op.EQ, (True,)),
                Condition("time__month", Op.GTE, (date(2026, 1, 1),)),
                Condition("sold_at__day_of_week", Op.IN, (6, 7)),
                Not(Condition("sold_at__day", Op.EQ, (date(2026, 1, 10),))),
            )
        ),
    ),
    "customers_who_stay_away": Query(
        metrics=("qtd_vendas", "ultima_compra"),
        timezone=ZONE,
        dimensions=("customer_id",),
        having=And(
            (
                Condition("qtd_vendas", Op.GTE, (3,)),
                Condition("ultima_compra", Op.LT, (datetime(2026, 5, 16, 3, tzinfo=UTC),)),
            )
        ),
        limit=100,
        group_count=True,
    ),
    "stores_searched_for": Query(
        metrics=(), timezone=ZONE, dimensions=("store", "city"), search="são", limit=20
    ),
    "another_zone": Query(
        metrics=("qtd_vendas",),
        timezone="Asia/Kolkata",
        dimensions=("time__day", "weekday"),
        interval=JANUARY,
    ),
}


def later(interval: Interval | None) -> Interval | None:
    """Four weeks, so that no bucket is cut where none was."""
    if interval is None:
        return None
    four_weeks = timedelta(days=28)
    return replace(
        interval,
        start=interval.start and interval.start + four_weeks,
        end=interval.end and interval.end + four_weeks,
        first=interval.first and interval.first + four_weeks,
        last=interval.last and interval.last + four_weeks,
    )

"""What an answer depends on: tables, months of rows, dates, and tenants."""

from datetime import UTC, datetime
from gc import collect
from weakref import ref

import pytest

from model.dates import CompareTo, Instants
from model.filters import And, Condition, Op
from model.grain import Grain
from model.load import model_of_text
from model.query import Top, Window
from model.viewer import ANONYMOUS, Viewer
from resolvers.relevance import relevance_of
from tests.resolvers.dependent import (
    about,
    days,
    rows,
    small,
    tags,
)

ICE = Condition("category", Op.EQ, ("Sorvetes",))


def tables(found: set[str]) -> set[str]:
    return {name for name in about("table", found) if "@" not in name}


def test_an_answer_depends_on_the_months_of_its_range() -> None:
    found = tags(range_=days("2025-12-31", "2026-02-01"))

    assert about("table", found) == {"sales", "sales@2025-12", "sales@2026-01", "sales@2026-02"}
    assert about("date", found) == {"2025-12", "2026-01", "2026-02"}


@pytest.mark.parametrize(
    ("last", "pieces"),
    [
        ("2025-12-31", {f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)}),
        ("2026-01-01", {"2024", "2025", "2026"}),
        ("2043-12-31", {f"{year}" for year in range(2024, 2044)}),
        ("2044-01-01", {"*"}),
    ],
)
def test_many_months_become_years_and_many_years_everything(last: str, pieces: set[str]) -> None:
    found = tags(range_=days("2024-01-01", last))

    assert rows("sales", found) == about("date", found) == pieces


@pytest.mark.parametrize("range_", [None, days("2026-01-01", None), days(None, "2026-01-31")])
def test_a_range_with_an_open_end_is_any_month(range_: object) -> None:
    found = tags(range_=range_)

    assert rows("sales", found) == about("date", found) == {"*"}


def test_the_ends_of_the_calendar_lie_in_any_month() -> None:
    start = datetime(1, 1, 1, tzinfo=UTC)

    found = tags(range_=Instants(start, start.replace(month=3)), timezone="UTC")

    assert rows("sales", found) == about("date", found) == {"*"}


def test_what_is_looked_up_may_be_any_row() -> None:
    found = tags("qtd_vendas", "store", "brand")

    assert tables(found) == {"sales", "stores", "sub_brands", "brands"}
    assert rows("sales", found) == {"2026-01"}
    assert rows("stores", found) == rows("sub_brands", found) == rows("brands", found) == {"*"}


def test_what_only_a_metric_looks_up_is_read_too() -> None:
    assert rows("customer_visits", tags("clientes_novos")) == {"*"}


def test_rows_whose_time_another_table_tells_may_be_any() -> None:
    found = tags("qtd_produtos")

    assert tables(found) == {"product_sales", "sales"}
    assert rows("product_sales", found) == rows("sales", found) == {"*"}
    assert about("date", found) == {"2026-01"}


def test_each_table_has_its_own_part() -> None:
    found = tags("qtd_vendas qtd_produtos valor_pago", "time__month")

    assert tables(found) == {"sales", "product_sales", "payments"}
    assert rows("sales", found) == {"2026-01", "*"}
    assert about("date", found) == {"2026-01"}


def test_filters_below_read_any_row_there() -> None:
    found = tags(filters=And((ICE, Condition("item", Op.NE, ("Queijo",)))))

    below = {"product_sales", "products", "categories", "item_product_sales", "items"}
    assert tables(found) == {"sales", *below}
    assert all(rows(each, found) == {"*"} for each in below)
    assert rows("sales", found) == {"2026-01"}


def test_rows_below_that_are_met_by_their_sale_have_its_date() -> None:
    assert about("date", tags(filters=ICE)) == {"2026-01"}


def test_rows_that_are_multiplied_are_read_too() -> None:
    found = tags("qtd_vendas", "product", deduplicate=True)

    assert rows("product_sales", found) == rows("products", found) == {"*"}
    assert rows("sales", found) == about("date", found) == {"2026-01"}


@pytest.mark.parametrize(
    ("compare", "pieces"),
    [
        (CompareTo.PREVIOUS_YEAR, {"2025-01", "2026-01"}),
        (CompareTo.PREVIOUS_PERIOD, {"2025-12", "2026-01"}),
        (days("2024-02-01", "2024-03-31"), {"2024-02", "2024-03", "2026-01"}),
    ],
)
def test_a_comparison_reads_the_other_range_too(compare: object, pieces: set[str]) -> None:
    found = tags("qtd_vendas", compare=compare)

    assert rows("sales", found) == about("date", found) == pieces


@pytest.mark.parametrize(
    ("window", "pieces"),
    [
        (Window("qtd_vendas", running=True), {"2026-03"}),
        (Window("qtd_vendas", rolling=2), {"2026-02", "2026-03"}),
        (Window("qtd_vendas", rolling=40), {"2026-01", "2026-02", "2026-03"}),
        (Window("qtd_vendas", to_date=Grain.YEAR), {"2026-01", "2026-02", "2026-03"}),
    ],
)
def test_windows_read_what_they_look_back_to(window: Window, pieces: set[str]) -> None:
    asked = days("2026-03-01", "2026-03-31")

    found = tags("qtd_vendas", "time__day", range_=asked, windows=(window,))

    assert rows("sales", found) == about("date", found) == pieces


def test_a_window_of_another_table_reads_that() -> None:
    windows = (Window("qtd_produtos", rolling=2),)

    assert "product_sales" in tables(tags("qtd_vendas", "time__day", windows=windows))


@pytest.mark.parametrize("others", [True, False])
def test_a_ranking_reads_what_ranks(*, others: bool) -> None:
    top = Top(3, "receita_produtos", "store", others=others)

    found = tags("qtd_vendas", "time__month", "store", top=top)

    assert tables(found) == {"sales", "stores", "product_sales"}


def test_a_ranking_of_a_comparison_reads_no_more_months() -> None:
    top = Top(3, "faturamento", "store", others=True)

    found = tags("faturamento", "store", top=top, compare=CompareTo.PREVIOUS_PERIOD)

    assert rows("sales", found) == {"2025-12", "2026-01"}


def test_a_ranking_of_a_comparison_reads_what_ranks_in_both_ranges() -> None:
    top = Top(2, "orders_made", "continent", others=True)

    found = small("people_known", "continent", top=top, compare=CompareTo.PREVIOUS_YEAR)

    assert rows("orders", found) == {"2025-01", "2026-01"}


def test_values_without_metrics_depend_on_their_table() -> None:
    found = tags("", "store", "city", range_=None)

    assert about("table", found) == {"stores", "stores@*"}
    assert about("date", found) == {"*"}


def test_what_orders_and_what_decides_is_read() -> None:
    having = Condition("qtd_produtos", Op.GT, (3,))

    assert "product_sales" in tables(tags("qtd_vendas", "store", having=having))


# Viewers


def test_a_tenant_has_a_tag() -> None:
    assert about("tenant", tags(viewer=Viewer(tenant="acme"))) == {"acme"}
    assert about("tenant", tags(viewer=ANONYMOUS)) == set()


def test_row_filters_exclude_nothing() -> None:
    model = model_of_text("""
tables:
  sales:
    key: id
    time: on_day
    row_filter: owner = :subject
    dimensions: {on_day: {type: date}, owner: {}}
    metrics: {sold: {type: count}}
""")

    found = tags("sold", model=model, viewer=Viewer("ana"))

    assert found == {"date:2026-01", "owner:*", "table:sales", "table:sales@2026-01"}


def test_a_model_is_looked_into_once_and_then_forgotten_with_it() -> None:
    model = model_of_text(
        "tables: {sales: {key: id, dimensions: {kind: {}}, metrics: {sold: {type: count}}}}"
    )

    known = ref(relevance_of(model))
    assert known() is relevance_of(model)
    del model
    collect()

    assert known() is None

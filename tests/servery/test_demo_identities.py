"""What holds to the cent in the tables, asked of a real PostgreSQL."""

import asyncio
import secrets
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit, urlunsplit

import pytest

from db.copy import fetch_value, run_script
from servery.demo.load import load_example

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

UNTIL = date(2026, 11, 22)
SALES = 5_000


@pytest.fixture(scope="module")
def example_url(postgres_url: str) -> Iterator[str]:
    """One small example for all the tests here, which only read."""
    name = f"example_{secrets.token_hex(8)}"
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    asyncio.run(run_script(postgres_url, f"create database {name} template template0"))
    try:
        asyncio.run(load_example(url, until=UNTIL, sales=SALES))
        yield url
    finally:
        asyncio.run(run_script(postgres_url, f"drop database {name} with (force)"))


async def broken(url: str, rows: str) -> object:
    return await fetch_value(url, f"select count(*) from ({rows}) rows")


async def test_the_lines_of_a_sale_add_up_to_its_items(example_url: str) -> None:
    rows = """
        select s.id from restaurant.sales s left join restaurant.product_sales l on l.sale_id = s.id
        group by s.id having sum(l.total_price) is distinct from s.total_amount_items
    """

    assert await broken(example_url, rows) == 0


async def test_a_line_is_its_quantity_of_the_base_price_plus_its_add_ons(example_url: str) -> None:
    rows = """
        select l.id
        from restaurant.product_sales l left join restaurant.item_product_sales a on a.product_sale_id = l.id
        group by l.id
        having l.total_price <> l.quantity * l.base_price + coalesce(sum(a.quantity * a.price), 0)
    """

    assert await broken(example_url, rows) == 0


async def test_a_total_is_items_less_discount_plus_both_fees(example_url: str) -> None:
    rows = """
        select from restaurant.sales
        where total_amount <> total_amount_items - total_discount + service_fee + delivery_fee
    """

    assert await broken(example_url, rows) == 0


async def test_what_is_paid_is_the_total_and_the_sum_of_the_payments(example_url: str) -> None:
    rows = """
        select s.id from restaurant.sales s left join restaurant.payments p on p.sale_id = s.id
        group by s.id
        having s.value_paid <> s.total_amount or sum(p.value) is distinct from s.value_paid
    """

    assert await broken(example_url, rows) == 0


async def test_deliveries_and_only_they_have_a_delivery_row_and_a_delivery_time(example_url: str) -> None:
    rows = """
        select from restaurant.sales s
        join restaurant.channels c on c.id = s.channel_id
        left join restaurant.delivery_sales d on d.sale_id = s.id
        where (c.type = 'D') <> (d.sale_id is not null) or (c.type = 'D') <> (s.delivery_seconds is not null)
    """

    assert await broken(example_url, rows) == 0


async def test_the_sales_of_known_customers_and_only_they_are_numbered_visits(example_url: str) -> None:
    rows = """
        select from restaurant.sales s left join restaurant.customer_visits v on v.sale_id = s.id
        where (s.customer_id is null) <> (v.sale_id is null)
    """

    assert await broken(example_url, rows) == 0


async def test_the_completed_visits_of_a_customer_are_numbered_from_one_without_a_gap(
    example_url: str,
) -> None:
    rows = """
        select s.customer_id
        from restaurant.sales s join restaurant.customer_visits v on v.sale_id = s.id
        where s.status = 'COMPLETED'
        group by s.customer_id
        having (min(v.visit), max(v.visit), count(distinct v.visit)) <> (1, count(*), count(*))
    """

    assert await broken(example_url, rows) == 0


async def test_a_pair_of_lines_is_there_once(example_url: str) -> None:
    repeated = "select from restaurant.product_pairs group by line_a, line_b having count(*) > 1"

    assert await broken(example_url, repeated) == 0


async def test_people_are_counted_in_the_restaurant_and_nowhere_else(example_url: str) -> None:
    rows = """
        select from restaurant.sales s join restaurant.channels c on c.id = s.channel_id
        where (c.type = 'P') <> (s.people_quantity is not null)
    """

    assert await broken(example_url, rows) == 0


async def test_no_money_is_negative_and_every_payment_and_total_is_more_than_nothing(
    example_url: str,
) -> None:
    sales = """
        select from restaurant.sales
        where least(total_amount_items, total_amount) <= 0
           or least(total_discount, service_fee, delivery_fee) < 0
    """

    assert await broken(example_url, sales) == 0
    assert await broken(example_url, "select from restaurant.payments where value <= 0") == 0


async def test_a_discount_has_a_reason_and_no_discount_has_none(example_url: str) -> None:
    rows = "select from restaurant.sales where (total_discount > 0) <> (discount_reason is not null)"

    assert await broken(example_url, rows) == 0


async def test_the_sub_brand_of_a_sale_is_its_stores(example_url: str) -> None:
    rows = """
        select from restaurant.sales s join restaurant.stores t on t.id = s.store_id
        join restaurant.sub_brands b on b.id = t.sub_brand_id
        where s.sub_brand_id <> t.sub_brand_id or t.brand_id <> b.brand_id
    """

    assert await broken(example_url, rows) == 0


async def test_local_days_reach_from_24_months_before_to_the_last_day(example_url: str) -> None:
    local = "(created_at at time zone 'America/Sao_Paulo')::date"
    first = await fetch_value(example_url, f"select min({local}) from restaurant.sales")
    last = await fetch_value(example_url, f"select max({local}) from restaurant.sales")

    assert (first, last) == (date(2024, 11, 23), UNTIL)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("customers", "birth_date"),
        ("sales", "customer_id"),
        ("sales", "discount_reason"),
        ("sales", "production_seconds"),
        ("sales", "delivery_seconds"),
        ("sales", "people_quantity"),
        ("delivery_sales", "neighborhood"),
    ],
)
async def test_a_column_that_may_be_null_is_sometimes_null_and_sometimes_not(
    example_url: str, table: str, column: str
) -> None:
    both = f"select count({column}) between 1 and count(*) - 1 from restaurant.{table}"

    assert await fetch_value(example_url, both) is True


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("brands", 3),
        ("sub_brands", 6),
        ("channels", 6),
        ("stores", 50),
        ("categories", 6),
        ("products", 500),
        ("items", 60),
        ("customers", SALES // 50),
        ("payment_types", 6),
        ("sales", SALES),
    ],
)
async def test_a_table_has_its_rows(example_url: str, table: str, rows: int) -> None:
    assert await fetch_value(example_url, f"select count(*) from restaurant.{table}") == rows


async def test_every_table_has_a_key_and_every_reference_a_checked_foreign_key(example_url: str) -> None:
    keyless = """
        select c.oid from pg_class c
        where relnamespace = 'restaurant'::regnamespace and relkind = 'r' and relname <> 'loaded'
          and not exists (select from pg_constraint where conrelid = c.oid and contype = 'p')
    """
    references = """
        select attname from pg_attribute a join pg_class c on c.oid = attrelid
        where relnamespace = 'restaurant'::regnamespace and relkind = 'r' and attname like '%\\_id'
          and not exists (
              select from pg_constraint
              where conrelid = c.oid and contype = 'f' and conkey = array[a.attnum] and convalidated
          )
    """

    assert await broken(example_url, keyless) == 0
    assert await broken(example_url, references) == 0


async def planned_rows(url: str, where: str) -> int:
    plan = await fetch_value(url, f"explain (format json) select from restaurant.sales where {where}")
    return int(str(plan).split('"Plan Rows": ')[1].split(",")[0])


@pytest.mark.parametrize("field", ["isodow", "hour"])
async def test_the_planner_knows_which_part_of_the_sales_a_local_weekday_or_hour_is(
    example_url: str, field: str
) -> None:
    where = f"extract({field} from created_at at time zone 'America/Sao_Paulo') in (6, 13)"
    real = await fetch_value(example_url, f"select count(*) from restaurant.sales where {where}")

    # A share, because a vacuum in the background may round the size of so small a table.
    planned = await planned_rows(example_url, where) / await planned_rows(example_url, "true")

    assert isinstance(real, int)
    assert planned == pytest.approx(real / SALES, rel=0.2)


async def test_a_vacuum_finds_nothing_to_do(example_url: str) -> None:
    visible = "select relallvisible from pg_class where oid = 'restaurant.sales'::regclass"
    loaded = await fetch_value(example_url, visible)

    await run_script(example_url, "vacuum restaurant.sales")

    assert await fetch_value(example_url, visible) == loaded

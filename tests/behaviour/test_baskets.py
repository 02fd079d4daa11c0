"""Products that are bought together: the API beside plain SQL."""

import pytest

from tests.behaviour.comparison import differences, rows_of
from tests.behaviour.documents import answer
from tests.service import Service

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

BASKETS = """
with baskets as (
    select distinct s.id, t.city, l.product_id, p.name
    from restaurant.sales s
    join restaurant.stores t on t.id = s.store_id
    join restaurant.product_sales l on l.sale_id = s.id
    join restaurant.products p on p.id = l.product_id
    where s.status = 'COMPLETED'
)
"""
PAIRS = f"""
{BASKETS}
select a.name as product_a, b.name as product_b, count(*) as vendas_juntas
from baskets a join baskets b on b.id = a.id and a.product_id < b.product_id
group by 1, 2
order by 3 desc, 1, 2
limit 500
"""
MIXED = f"""
{BASKETS}
select city, count(*) as vendas_juntas
from (select id, city from baskets group by id, city having count(*) > 1) mixed
group by city
order by city
"""
WITH_FIRST = f"""
{BASKETS}
select count(distinct a.id) as qtd_vendas
from baskets a join baskets b on b.id = a.id and a.product_id < b.product_id
where a.name like '%Smash%'
"""
WITH_PRODUCT = f"{BASKETS} select count(distinct id) as qtd_vendas from baskets where name like '%Smash%'"


async def test_pairs_are_counted_as_plain_sql_counts_them(restaurant: Service, restaurant_url: str) -> None:
    asked = "metrics: [vendas_juntas], dimensions: [product_a, product_b], limit: 500"
    found = await answer(restaurant, f"{{ analytics({asked}) {{ data }} }}")

    assert differences(found["data"], await rows_of(restaurant_url, PAIRS)) == []


async def test_without_its_products_it_counts_the_sales_of_several_products(
    restaurant: Service, restaurant_url: str
) -> None:
    asked = "metrics: [vendas_juntas], dimensions: [city], orderBy: [{name: city}]"
    found = await answer(restaurant, f"{{ analytics({asked}) {{ data }} }}")

    assert differences(found["data"], await rows_of(restaurant_url, MIXED)) == []


@pytest.mark.parametrize(("dimension", "sql"), [("product", WITH_PRODUCT), ("product_a", WITH_FIRST)])
async def test_sales_are_filtered_by_the_products_of_lines_and_of_pairs(
    dimension: str, sql: str, restaurant: Service, restaurant_url: str
) -> None:
    asked = f'metrics: [qtd_vendas], filters: {{{dimension}: {{contains: "Smash"}}}}'
    found = await answer(restaurant, f"{{ analytics({asked}) {{ data }} }}")

    assert differences(found["data"], await rows_of(restaurant_url, sql)) == []


async def test_two_lines_of_a_product_make_one_pair(small: Service) -> None:
    pair = 'metrics: [vendas_juntas], filters: {product_a: {eq: "Pizza"}, product_b: {eq: "Suco"}}'

    assert (await answer(small, f"{{ analytics({pair}) {{ data }} }}"))["data"] == [{"vendas_juntas": 3}]


async def test_a_cancelled_sale_has_no_pair(small: Service) -> None:
    pair = 'metrics: [vendas_juntas], filters: {product_a: {eq: "Suco"}, product_b: {eq: "Pudim"}}'

    assert (await answer(small, f"{{ analytics({pair}) {{ data }} }}"))["data"] == [{"vendas_juntas": 1}]

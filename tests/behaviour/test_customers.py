"""Who is new, who comes back and who stays away: the API beside plain SQL, and cases counted by hand."""

import pytest

from db.copy import run_script
from tests.behaviour.comparison import differences, rows_of
from tests.behaviour.documents import NOW, answer, question
from tests.plan.questions import RESTAURANT
from tests.service import Service, service_over

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

VISITS = """
select
    case when customer_id is not null then (
        select count(*) + 1
        from restaurant.sales e
        where e.customer_id = s.customer_id and e.status = 'COMPLETED' and e.created_at < s.created_at
    ) end as visita,
    count(*) as qtd_pedidos
from restaurant.sales s
group by 1
order by 1
"""
NEW_BY_MONTH = """
select date_trunc('month', first_at)::date as time__month, count(*) as clientes_novos
from (
    select min(created_at) as first_at
    from restaurant.sales
    where status = 'COMPLETED' and customer_id is not null
    group by customer_id
) firsts
group by 1
order by 1
"""
RETURNING_BY_MONTH = """
select
    date_trunc('month', s.created_at)::date as time__month,
    count(distinct customer_id) as clientes_recorrentes
from restaurant.sales s
where status = 'COMPLETED' and exists (
    select from restaurant.sales e
    where e.customer_id = s.customer_id and e.status = 'COMPLETED' and e.created_at < s.created_at
)
group by 1
order by 1
"""
ANOTHER = """
insert into restaurant.sales
select (jsonb_populate_record(s, '{"id": 19}')).* from restaurant.sales s where id = 17
"""
KINDS = """
{
  analytics(
    metrics: [qtd_pedidos, qtd_canceladas]
    dimensions: [tipo_cliente]
    filters: {customer_id: {eq: 5}}
  ) { data }
}
"""


async def test_a_visit_is_one_more_than_the_completed_purchases_before_it(
    restaurant: Service, restaurant_url: str
) -> None:
    found = await answer(
        restaurant,
        "{ analytics(metrics: [qtd_pedidos], dimensions: [visita], orderBy: [{name: visita}]) { data } }",
    )

    assert differences(found["data"], await rows_of(restaurant_url, VISITS)) == []


@pytest.mark.parametrize(
    ("metric", "sql"), [("clientes_novos", NEW_BY_MONTH), ("clientes_recorrentes", RETURNING_BY_MONTH)]
)
async def test_new_and_returning_customers_by_month_are_those_of_plain_sql(
    metric: str, sql: str, restaurant: Service, restaurant_url: str
) -> None:
    asked = f"metrics: [{metric}], dimensions: [time__month], having: {{{metric}: {{gt: 0}}}}"
    found = await answer(restaurant, f"{{ analytics({asked}) {{ data }} }}")

    assert differences(found["data"], await rows_of(restaurant_url, sql)) == []


async def test_every_customer_is_new_once(restaurant: Service) -> None:
    found = await answer(restaurant, "{ analytics(metrics: [clientes_novos, clientes_unicos]) { data } }")

    (row,) = found["data"]
    assert row["clientes_novos"] == row["clientes_unicos"]


async def test_who_cancelled_the_first_order_is_still_new(small: Service) -> None:
    found = await answer(small, KINDS)

    assert found["data"] == [{"tipo_cliente": "new", "qtd_pedidos": 2, "qtd_canceladas": 1}]


async def test_guests_are_neither_new_nor_returning(small: Service) -> None:
    guests = "metrics: [qtd_pedidos], filters: {tipo_cliente: {isNull: true}}"

    assert (await answer(small, f"{{ analytics({guests}) {{ data }} }}"))["data"] == [{"qtd_pedidos": 3}]


async def test_a_sale_that_is_not_numbered_yet_looks_like_that_of_a_guest(
    small: Service, small_url: str
) -> None:
    await run_script(small_url, ANOTHER)
    guests = "metrics: [qtd_pedidos], filters: {tipo_cliente: {isNull: true}}"

    assert (await answer(small, f"{{ analytics({guests}) {{ data }} }}"))["data"] == [{"qtd_pedidos": 4}]


async def test_guests_would_be_one_customer_who_stays_away(small: Service) -> None:
    document = question("how_many_customers_stay_away")
    everybody = document.replace("    filters: {customer_id: {isNull: false}}\n", "")

    counted = [(await answer(small, text))["metadata"]["groupCount"] for text in (document, everybody)]

    assert counted == [2, 3]


async def test_a_purchase_brings_a_customer_back(small_url: str) -> None:
    await run_script(small_url, "update restaurant.sales set status = 'COMPLETED' where id = 18")

    async with service_over(RESTAURANT, small_url, now=lambda: NOW) as service:
        found = await answer(service, question("customers_who_stay_away"))

    assert [row["customer"] for row in found["data"]] == ["Ana"]

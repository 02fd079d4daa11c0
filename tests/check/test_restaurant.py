"""The restaurant example, held against its own database."""

import pytest

from servery.check.finding import Severity
from tests.check.holding import bare, found, of
from tests.plan.questions import RESTAURANT

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_the_example_fits_its_database(restaurant_url: str) -> None:
    findings = await found(restaurant_url, RESTAURANT, large=1000)

    assert of(Severity.ERROR, findings) == []
    assert of(Severity.WARNING, findings) == []


async def test_the_example_is_told_what_it_lacks(restaurant_url: str) -> None:
    findings = await found(restaurant_url, RESTAURANT, large=1000)

    told = {each.path: bare(each.sql) for each in findings}
    assert told["tables", "sales", "dimensions", "daypart"].startswith(
        "create statistics restaurant.sales_daypart on (CASE WHEN "
    )
    assert told["tables", "item_product_sales", "joins", "items"] == (
        "create index concurrently on restaurant.item_product_sales (item_id);"
    )


async def test_the_example_is_told_nothing_that_it_has(restaurant_url: str) -> None:
    """Indexes on keys and times, and statistics on the local hour and weekday."""
    findings = await found(restaurant_url, RESTAURANT, large=1000)

    named = {each.path[-1] for each in findings}
    assert named.isdisjoint(
        {"hour", "weekday", "fim_de_semana", "com_desconto", "stores", "customers", "sales"}
    )

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


async def test_the_example_is_told_what_it_lacks_and_nothing_that_it_has(restaurant_url: str) -> None:
    findings = await found(restaurant_url, RESTAURANT, large=1000)

    assert [each.path for each in findings] == [
        ("tables", "sales", "dimensions", "daypart"),
        ("tables", "item_product_sales", "joins", "items"),
    ]
    assert bare(findings[0].sql).startswith("create statistics restaurant.sales_daypart on (CASE WHEN ")
    assert bare(findings[1].sql) == "create index concurrently on restaurant.item_product_sales (item_id);"

"""What is refused, and that the refusal names what would work."""

from datetime import UTC, date, datetime

import pytest

from model.dates import Days
from model.faults import Fault
from model.filters import Condition, Op
from model.query import Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.ranges import resolve, zone_of
from tests.cases.fixtures import model_of

SHOP = model_of("shop")
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def refusal(query: Query) -> Fault:
    with pytest.raises(Fault) as refused:
        make_plan(SHOP, query, ANONYMOUS, Limits())
    return refused.value


def test_a_dimension_that_one_of_the_metrics_cannot_reach_is_refused_with_the_list_that_works() -> None:
    fault = refusal(Query(("orders_revenue", "tickets_count"), "UTC", ("orders_status",)))

    assert (fault.code, fault.fields["metric"]) == ("FAN_OUT", "tickets_count")
    valid = fault.fields["validDimensions"]
    assert isinstance(valid, list)
    assert {"customers_region", "countries_continent", "time__month"} <= set(valid)
    assert "orders_status" not in valid
    for name in valid:
        make_plan(SHOP, Query(("orders_revenue", "tickets_count"), "UTC", (name,)), ANONYMOUS, Limits())


def test_the_time_of_a_table_without_one_is_not_reachable() -> None:
    fault = refusal(Query(("orders_revenue", "customers_count"), "UTC", ("time__month",)))

    assert (fault.code, fault.fields["metric"]) == ("DIMENSION_NOT_REACHABLE", "customers_count")
    assert fault.message == (
        "'time__month' cannot be used with 'customers_count': customers has no time dimension. These can, "
        "with all metrics of the question: countries_code, countries_name, countries_continent, "
        "customers_id, customers_name, customers_region, customers_country."
    )


def test_a_filter_on_the_time_of_a_table_without_one_is_not_reachable() -> None:
    fault = refusal(Query(("customers_count",), "UTC", filters=Condition("time__hour_of_day", Op.GT, (3,))))

    assert (fault.code, fault.fields["dimension"]) == ("DIMENSION_NOT_REACHABLE", "time__hour_of_day")


def test_a_fan_out_says_that_it_can_be_deduplicated() -> None:
    fault = refusal(Query(("orders_revenue",), "UTC", ("items_category",)))

    assert fault.code == "FAN_OUT"
    assert "With fanout: DEDUPLICATE each row counts once for every value that it meets." in fault.message
    assert fault.fields["validMetrics"] == ["items_qty", "items_sales", "items_profit"]


def test_a_filter_on_rows_beside_is_not_reachable() -> None:
    fault = refusal(Query(("tickets_count",), "UTC", filters=Condition("orders_status", Op.EQ, ("paid",))))

    assert fault.code == "DIMENSION_NOT_REACHABLE"
    assert fault.message.startswith(
        "'orders_status' cannot be used with 'tickets_count': rows of tickets neither look it up nor have it "
        "below them. These can,"
    )


def test_hours_are_not_compared_across_a_clock_change_of_half_an_hour() -> None:
    zone = "Australia/Lord_Howe"
    here, there = (
        resolve(Days(date(2024, 4, first), date(2024, 4, first + 1)), NOW, zone_of(zone)) for first in (8, 6)
    )

    fault = refusal(Query(("orders_count",), zone, ("time__hour",), interval=here, compared_with=there))

    assert fault.code == "INVALID_COMPARE"
    assert "Use 'time__minute_30' or 'time__day'." in fault.message

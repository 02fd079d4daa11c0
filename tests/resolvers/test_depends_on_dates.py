"""Which months an answer depends on: of the model's zone, and of dates as they stand."""

import pytest

from model.dates import Current
from model.filters import Condition, Op
from model.grain import Grain
from model.load import model_of_text
from tests.resolvers.dependent import about, instants, rows, small, tags


def test_months_are_those_of_the_zone_of_the_model() -> None:
    """In Kolkata January begins at 15:30 of New Year's Eve in São Paulo."""
    found = tags(timezone="Asia/Kolkata")

    assert rows("sales", found) == about("date", found) == {"2025-12", "2026-01"}


def test_the_last_moment_of_a_range_is_not_in_it() -> None:
    february = "2026-02-01T03:00:00+00:00"

    assert rows("sales", tags(range_=instants("2026-01-31T00:00:00+00:00", february))) == {"2026-01"}
    assert rows("sales", tags(range_=instants(february, "2026-02-01T03:00:00.000001+00:00"))) == {"2026-02"}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York"])
def test_a_column_of_dates_has_the_days_that_are_asked_for(zone: str) -> None:
    found = small("orders_made", timezone=zone)

    assert rows("orders", found) == about("date", found) == {"2026-01"}


def test_days_of_dates_that_a_range_of_instants_touches_count() -> None:
    asked = instants("2026-01-31T12:00:00+00:00", "2026-02-02T00:00:00+00:00")

    assert rows("orders", small("orders_made", range_=asked, timezone="UTC")) == {"2026-01", "2026-02"}


def test_a_wall_clock_is_read_as_the_instant_it_means() -> None:
    """Midnight in Tokyo is in the morning of the day before in New York."""
    found = small("clicks_made", timezone="Asia/Tokyo")

    assert rows("clicks", found) == {"2025-12", "2026-01"}


def test_a_relative_range_depends_on_the_months_that_it_means_now() -> None:
    assert rows("sales", tags(range_=Current(Grain.MONTH, offset=-1))) == {"2026-05"}


# Dates of rows that are read beside those of the range


def test_rows_that_are_looked_up_and_have_dates_of_their_own_may_have_any() -> None:
    found = small("orders_made", "person")

    assert rows("orders", found) == {"2026-01"}
    assert about("date", found) == {"*"}


def test_rows_below_that_have_dates_of_their_own_may_have_any() -> None:
    found = small("people_known", filters=Condition("score", Op.GT, (1,)))

    assert rows("people", found) == {"2026-01"}
    assert about("date", found) == {"*"}


def test_rows_that_have_no_dates_do_not_widen_the_range() -> None:
    assert about("date", small("orders_made", "destination")) == {"2026-01"}
    assert about("date", small("items_sold", "label")) == {"2026-01"}


def test_the_same_table_on_another_way_may_have_any_date() -> None:
    model = model_of_text("""
tables:
  sales:
    key: id
    time: at
    joins: {returned: {to: sales, on: {returns: id}}}
    dimensions: {at: {type: timestamptz}, kind: {}, returned_kind: {dimension: kind, via: returned}}
    metrics: {sold: {type: count}}
""")

    alone, beside = tags("sold", "kind", model=model), tags("sold", "returned_kind", model=model)

    assert rows("sales", alone) == about("date", alone) == {"2026-01"}
    assert rows("sales", beside) == {"2026-01", "*"}
    assert about("date", beside) == {"*"}


def test_a_table_without_a_time_has_no_range() -> None:
    found = small("banners_known", range_=None)

    assert about("table", found) == {"banners", "banners@*"}
    assert about("date", found) == {"*"}

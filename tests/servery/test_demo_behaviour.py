"""What an analyst can find in the example, read off the drawn arrays."""

from datetime import date, timedelta

import numpy as np
import pytest

from servery.demo.bills import NO_REASON
from servery.demo.channels import CHANNELS
from servery.demo.draw import Ints
from servery.demo.menu import CATEGORIES
from servery.demo.people import weeks
from servery.demo.places import GROWING_STORE, LATE_STORE
from servery.demo.restaurant import Restaurant, Run
from servery.demo.shape import bad_week, promotion_day
from servery.demo.visits import GUEST

UNTIL = date(2026, 11, 22)
SALES = 60_000


@pytest.fixture(scope="module")
def restaurant() -> Restaurant:
    return Restaurant.of(UNTIL, seed=7, sales=SALES)


@pytest.fixture(scope="module")
def runs(restaurant: Restaurant) -> list[Run]:
    return list(restaurant.runs())


def per_day(restaurant: Restaurant) -> Ints:
    return np.bincount(restaurant.visits.day, minlength=len(restaurant.days))


def sales_by_day(restaurant: Restaurant, first: date, count: int) -> int:
    start = (first - restaurant.days.first).days
    return int(per_day(restaurant)[start : start + count].sum())


def test_every_sale_that_was_asked_for_is_drawn(restaurant: Restaurant, runs: list[Run]) -> None:
    assert len(restaurant.visits) == SALES
    assert sum(len(run) for run in runs) == SALES


def test_sales_are_in_the_order_of_their_times(restaurant: Restaurant) -> None:
    assert np.all(np.diff(restaurant.visits.created) >= 0)


def test_the_same_arguments_draw_the_same_sales_and_another_seed_draws_others() -> None:
    one, same, other = (Restaurant.of(UNTIL, seed, 1_000).visits.created for seed in (7, 7, 8))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_bad_week_sells_about_forty_percent_less_than_the_weeks_around_it(restaurant: Restaurant) -> None:
    monday, _ = bad_week(UNTIL)
    week = timedelta(days=7)

    around = sales_by_day(restaurant, monday - week, 7) + sales_by_day(restaurant, monday + week, 7)

    assert 0.5 < sales_by_day(restaurant, monday, 7) / (around / 2) < 0.7


def test_the_promotion_day_has_far_more_orders_and_larger_discounts(
    restaurant: Restaurant, runs: list[Run]
) -> None:
    day = promotion_day(UNTIL)
    visit_day = np.concatenate([run.visits.day for run in runs])
    items = np.concatenate([run.bills.items for run in runs])
    discount = np.concatenate([run.bills.discount for run in runs])

    then = visit_day == (day - restaurant.days.first).days

    assert sales_by_day(restaurant, day, 1) > 1.9 * sales_by_day(restaurant, day - timedelta(days=7), 1)
    assert discount[then].sum() / items[then].sum() > 5 * discount[~then].sum() / items[~then].sum()


def test_weekends_are_busier_than_mondays_and_the_second_year_than_the_first(restaurant: Restaurant) -> None:
    counts, weekday = per_day(restaurant), restaurant.days.weekday

    assert counts[weekday == 5].mean() > 1.5 * counts[weekday == 0].mean()
    assert 1.08 < counts[365:].sum() / counts[:365].sum() < 1.35


def test_dinner_and_lunch_are_peaks_with_a_quiet_afternoon_between(restaurant: Restaurant) -> None:
    by_hour = np.bincount(restaurant.visits.hour, minlength=24)

    assert min(by_hour[12], by_hour[20]) > 3 * by_hour[16]
    assert by_hour[1:8].sum() < 0.02 * SALES


def test_one_store_opens_half_way_and_another_outgrows_the_rest(restaurant: Restaurant) -> None:
    day, store = restaurant.visits.day, restaurant.visits.store
    half = len(restaurant.days) // 2

    late = day[store == LATE_STORE - 1]
    growing = day[store == GROWING_STORE - 1]

    assert half <= late.min() < half + 20
    assert (growing >= half).sum() > 2 * (growing < half).sum()


@pytest.mark.parametrize(("category", "season"), [("Sorvetes", (12, 1, 2)), ("Sopas", (6, 7, 8))])
def test_a_seasonal_category_sells_in_its_season(
    restaurant: Restaurant, runs: list[Run], category: str, season: tuple[int, ...]
) -> None:
    place = [each.name for each in CATEGORIES].index(category)
    month = np.concatenate([restaurant.days.month[run.visits.day[run.lines.sale]] for run in runs]) + 1
    wanted = np.concatenate([restaurant.menu.category[run.lines.product] == place for run in runs])

    inside = np.isin(month, season)

    assert wanted[inside].mean() > 2.5 * wanted[~inside].mean()


def test_about_a_third_of_the_sales_are_guests(restaurant: Restaurant) -> None:
    assert (restaurant.visits.customer == GUEST).mean() == pytest.approx(0.35, abs=0.04)


def test_about_a_twentieth_of_the_sales_are_cancelled_and_keep_their_money(runs: list[Run]) -> None:
    cancelled = np.concatenate([run.bills.cancelled for run in runs])
    total = np.concatenate([run.bills.total for run in runs])

    assert cancelled.mean() == pytest.approx(0.05, abs=0.01)
    assert total[cancelled].min() > 0


def test_a_quarter_of_the_lines_have_add_ons_and_an_eighth_of_the_sales_two_payments(runs: list[Run]) -> None:
    lines = sum(len(run.lines) for run in runs)
    topped = sum(len(np.unique(run.lines.add_ons.line)) for run in runs)
    payments = sum(len(run.payments) for run in runs)

    assert topped / lines == pytest.approx(0.25, abs=0.02)
    assert payments / SALES == pytest.approx(1.12, abs=0.01)
    assert lines / SALES == pytest.approx(2.4, abs=0.1)


def test_few_customers_buy_very_often_and_most_buy_seldom(restaurant: Restaurant) -> None:
    customer = restaurant.visits.customer
    bought = np.bincount(customer[customer != GUEST], minlength=len(restaurant.customers))

    tenth = np.sort(bought)[-len(bought) // 10 :].sum()

    assert 0.3 < tenth / bought.sum() < 0.6
    assert bought.max() > 8 * np.median(bought)


def test_some_customers_are_lost_and_some_are_new(restaurant: Restaurant) -> None:
    visits, last_week = restaurant.visits, weeks(restaurant.days) - 1
    known = visits.customer != GUEST
    last = np.zeros(len(restaurant.customers), dtype=np.int64)
    np.maximum.at(last, visits.customer[known], visits.day[known] // 7)

    assert 0.15 < (last < last_week - 13).mean() < 0.6
    assert 0.4 < (restaurant.customers.joined >= 0).mean() < 0.8


def test_nobody_buys_before_signing_up(restaurant: Restaurant) -> None:
    visits = restaurant.visits
    known = visits.customer != GUEST

    assert np.all(restaurant.signed_up[visits.customer[known]] < visits.created[known])


def test_customers_buy_in_their_own_city(restaurant: Restaurant) -> None:
    visits = restaurant.visits
    known = visits.customer != GUEST

    theirs = restaurant.customers.city[visits.customer[known]]

    assert np.array_equal(theirs, restaurant.stores.city[visits.store[known]])


def test_delivery_times_have_a_long_right_tail_and_differ_by_channel_and_district(runs: list[Run]) -> None:
    seconds = np.concatenate([run.deliveries.seconds for run in runs])
    channel = np.concatenate([run.visits.channel[run.deliveries.sale] for run in runs])
    district = np.concatenate([run.deliveries.district for run in runs])

    p50, p90, p95 = np.percentile(seconds, [50, 90, 95])
    by_channel = [np.median(seconds[channel == place]) for place in range(1, len(CHANNELS))]
    # Districts of the first city only: the smaller cities have too few deliveries for a steady median.
    by_district = [np.median(seconds[district == place]) for place in range(16)]

    assert (p90 / p50 > 1.6, p95 / p90 > 1.15) == (True, True)
    assert max(by_channel) / min(by_channel) > 1.25
    assert max(by_district) / min(by_district) > 1.5


def test_a_discount_has_a_reason_and_no_discount_has_none(runs: list[Run]) -> None:
    for run in runs:
        assert np.array_equal(run.bills.discount > 0, run.bills.reason != NO_REASON)


def test_names_are_told_apart(restaurant: Restaurant) -> None:
    for names in (restaurant.stores.names, restaurant.menu.names, restaurant.customers.emails):
        assert len(set(names)) == len(names)
    assert (len(restaurant.stores), len(restaurant.menu.names)) == (50, 500)


def test_an_example_without_sales_is_refused() -> None:
    with pytest.raises(ValueError, match="0 sales"):
        Restaurant.of(UNTIL, seed=7, sales=0)

"""Ways that are taken back."""

from model.routes import Route
from model.table import Join, JoinKind, Validity
from resolvers.ways import shortened

DOWN = JoinKind.ONE_TO_MANY
LINES = Join("lines", "sales", "lines", (("id", "sale_id"),), DOWN)
SALES = Join("sales", "lines", "sales", (("sale_id", "id"),))
STORES = Join("stores", "sales", "stores", (("store_id", "id"),))


def test_a_step_and_the_way_back_are_no_way() -> None:
    assert shortened((LINES, SALES)) == ()
    assert shortened((LINES, SALES, STORES)) == (STORES,)


def test_a_way_is_shortened_from_within() -> None:
    parts = Join("parts", "lines", "parts", (("id", "line_id"),), DOWN)
    up = Join("lines", "parts", "lines", (("line_id", "id"),))

    assert shortened((LINES, parts, up, SALES, STORES)) == (STORES,)


def test_pairs_of_columns_may_stand_in_any_order() -> None:
    down = Join("lines", "sales", "lines", (("shop", "shop"), ("id", "sale_id")), DOWN)
    up = Join("sales", "lines", "sales", (("sale_id", "id"), ("shop", "shop")))

    assert shortened((down, up)) == ()


def test_a_way_on_is_no_way_back() -> None:
    ways: list[Route] = [
        (STORES,),
        (SALES, STORES),
        (LINES, Join("returned", "lines", "sales", (("returned_sale_id", "id"),))),
        (LINES, Join("orders", "lines", "orders", (("sale_id", "id"),))),
        (LINES, Join("sales", "parts", "sales", (("sale_id", "id"),))),
    ]

    assert [shortened(way) for way in ways] == ways


def test_what_is_valid_at_a_time_may_be_another_row() -> None:
    valid = Validity("day", "since", "until")
    tiers = Join("tiers", "sales", "tiers", (("id", "sale_id"),), valid=valid)
    back = Join("sales", "tiers", "sales", (("sale_id", "id"),))
    both: list[Route] = [(tiers, back), (back, tiers)]

    assert [shortened(way) for way in both] == both

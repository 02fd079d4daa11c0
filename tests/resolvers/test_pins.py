"""Which values of dimensions an answer depends on: those that its filters leave."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from model.dates import CompareTo
from model.filters import And, Condition, Filter, Not, Op, Or
from model.load import model_of_text
from model.query import Top
from model.value import Value
from resolvers.invalidation import expanded
from tests.plan.questions import RESTAURANT
from tests.resolvers.dependent import SMALL, about, small, tags

CHANNEL = Condition("channel", Op.EQ, ("iFood",))
ICE = Condition("category", Op.EQ, ("Sorvetes",))
TIMES = {"sold_at", "customer_since", "primeira_visita"}


def filtered(filters: Filter, name: str = "channel") -> set[str]:
    return about(name, tags(filters=filters))


def test_without_a_filter_an_answer_depends_on_every_value_of_every_dimension() -> None:
    found = {tag for tag in tags() if not tag.startswith(("table:", "date:"))}

    assert found == {f"{name}:*" for name in RESTAURANT.dimensions.keys() - TIMES}


def test_rows_below_matter_whichever_side_declares_them() -> None:
    model = model_of_text("""
tables:
  sales:
    key: id
    joins:
      lines: {on: {id: sale_id}, kind: one_to_many}
      payments: {on: {id: sale_id}, kind: one_to_many}
    metrics: {sold: {type: count}}
  lines: {key: id, dimensions: {product: {}}, metrics: {lines_sold: {type: count}}}
  payments: {key: id, dimensions: {payer: {}}}
""")

    assert tags("sold", model=model, range_=None) >= {"product:*", "payer:*"}
    assert not about("payer", tags("lines_sold", model=model, range_=None))


def test_dimensions_that_rows_neither_look_up_nor_have_below_do_not_matter() -> None:
    found = tags("valor_pago")

    assert {"payment_type:*", "channel:*"} <= found
    assert not about("product", found) | about("item", found)


def test_one_value_is_depended_on_alone() -> None:
    assert filtered(CHANNEL) == {"iFood"}


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((3,), {"3"}),
        ((3, 2, 3), {"2", "3"}),
        (tuple(range(8)), set("01234567")),
        (tuple(range(9)), {"*"}),
        ((2, None), {"*"}),
        ((None,), {"*"}),
        ((), {"*"}),
    ],
)
def test_up_to_eight_values_are_told_apart(values: tuple[Value | None, ...], texts: set[str]) -> None:
    assert filtered(Condition("channel_id", Op.IN, values), "channel_id") == texts


@pytest.mark.parametrize(
    "filters",
    [
        Condition("channel", Op.NE, ("iFood",)),
        Condition("channel", Op.NOT_IN, ("iFood", "Rappi")),
        Condition("channel", Op.EQ, (None,)),
        Condition("channel", Op.IS_NULL, (False,)),
        Condition("channel", Op.CONTAINS, ("iFood",)),
        Condition("channel", Op.GTE, ("iFood",)),
        Not(CHANNEL),
        Or((CHANNEL, Condition("city", Op.EQ, ("Recife",)))),
        Or((CHANNEL, Condition("channel", Op.EQ, ("Rappi",)))),
        And((Not(And((CHANNEL, Condition("city", Op.EQ, ("Recife",))))), Condition("hour", Op.EQ, (9,)))),
    ],
)
def test_what_does_not_hold_every_row_to_a_value_leaves_any(filters: Filter) -> None:
    assert filtered(filters) == {"*"}


def test_conditions_that_all_must_hold_each_count() -> None:
    either = Or((Condition("hour", Op.EQ, (9,)), Condition("store", Op.EQ, ("a",))))

    found = tags(filters=And((CHANNEL, And((either, Condition("city", Op.IN, ("Recife", "Natal")))))))

    assert about("channel", found) == {"iFood"}
    assert about("city", found) == {"Recife", "Natal"}
    assert about("hour", found) == about("store", found) == {"*"}


def test_a_search_holds_to_no_value() -> None:
    assert about("channel", tags("qtd_vendas", "channel", search="iFood")) == {"*"}


def test_a_value_that_a_double_negation_asks_for_is_held_to() -> None:
    assert filtered(Not(Not(CHANNEL))) == {"iFood"}


def test_filters_hold_for_every_range_every_table_and_every_ranking() -> None:
    top = Top(2, "valor_pago", "store", others=True)

    found = tags("faturamento valor_pago", "store", filters=CHANNEL, compare=CompareTo.PREVIOUS_YEAR, top=top)

    assert about("channel", found) == {"iFood"}


def test_segments_are_no_dimensions() -> None:
    assert not about("com_desconto", tags(filters=Condition("com_desconto", Op.EQ, (True,))))


def test_what_a_metric_narrows_itself_to_pins_nothing() -> None:
    assert about("tipo_cliente", tags("clientes_novos")) == {"*"}


def test_a_value_too_long_to_be_named_is_any() -> None:
    fits, too_long = "x" * (200 - len("channel:")), "x" * 200

    assert filtered(Condition("channel", Op.EQ, (fits,))) == {fits}
    assert filtered(Condition("channel", Op.EQ, (too_long,))) == {"*"}


@pytest.mark.parametrize(
    ("name", "value", "told", "text"),
    [
        ("score", Decimal("2.50"), "2.5", "2.5"),
        ("score", "2.0", "2", "2"),
        ("score", Decimal("1E+3"), "1000.0", "1000"),
        ("score", Decimal("0.00001"), "1e-5", "0.00001"),
        ("weight", Decimal("0.1000000000000000055511151231257827"), "0.1", "0.1"),
        ("weight", 2**53 + 1, "9007199254740992", "9007199254740992"),
        ("vip", True, "true", "true"),
        ("vip", False, "false", "false"),
        (
            "code",
            UUID("0A000000-0000-4000-8000-000000000001"),
            "0A000000000040008000000000000001",
            "0a000000-0000-4000-8000-000000000001",
        ),
        ("person", "2.50", "2.50", "2.50"),
        ("person", " a:b@c ", " a:b@c ", " a:b@c "),
        ("destination", "Ásia", "Ásia", "Ásia"),
    ],
)
def test_a_value_has_one_text_however_it_is_written(name: str, value: Value, told: str, text: str) -> None:
    found = small("orders_made", filters=Condition(name, Op.EQ, (value,)))

    assert about(name, found) == {text}
    assert set(expanded(SMALL, [f"{name}:{told}"])) == {f"{name}:{text}", f"{name}:*"}


# Rows that are read on other ways than the one that the filter speaks of


def test_rows_on_another_way_to_the_same_table_may_have_any_value() -> None:
    """Orders of people in Asia are shown by their destination, whose row may be any country's."""
    asia = Condition("continent", Op.EQ, ("Asia",))

    assert about("continent", small("orders_made", filters=asia)) == {"Asia"}
    assert about("continent", small("orders_made", "destination", filters=asia)) == {"*"}


def test_a_dimension_in_a_role_is_held_like_any_other() -> None:
    europe = Condition("destination", Op.EQ, ("Europe",))

    assert about("destination", small("orders_made", "person", filters=europe)) == {"Europe"}


def test_rows_that_lead_back_to_the_same_row_have_its_values() -> None:
    """A delivery's own sale is the sale that looked it up."""
    assert about("channel", tags("qtd_vendas", "neighborhood", filters=CHANNEL)) == {"iFood"}


def test_what_was_valid_may_lead_to_another_row() -> None:
    text = """
tables:
  sales:
    key: id
    joins: {tiers: {on: {id: sale_id}VALID}}
    dimensions: {kind: {}}
    metrics: {sold: {type: count}}
  tiers:
    key: sale_id
    joins: {sales: {on: {sale_id: id}}}
    dimensions: {tier: {}}
"""
    kind = Condition("kind", Op.EQ, ("a",))
    valid = ", valid: {at: day, from: since, to: until}"

    for written, texts in (("", {"a"}), (valid, {"*"})):
        model = model_of_text(text.replace("VALID", written))
        assert about("kind", tags("sold", "tier", model=model, filters=kind, range_=None)) == texts


# Rows below, of which one must pass


def test_one_row_below_is_held_to_all_that_is_asked_of_it() -> None:
    found = tags(
        filters=And((ICE, Condition("line_quantity", Op.GTE, (3,)), Condition("item", Op.EQ, ("Mel",))))
    )

    assert about("category", found) == {"Sorvetes"}
    assert about("item", found) == {"Mel"}
    assert about("product", found) == {"*"}


@pytest.mark.parametrize(
    "other",
    [
        Condition("product", Op.NE, ("Picolé",)),
        Condition("product", Op.NOT_IN, ("Picolé", "Bolo")),
        Condition("product", Op.IN, ("Picolé", None)),
        Condition("product", Op.IS_NULL, (True,)),
        Not(Condition("product", Op.EQ, ("Picolé",))),
        Or((Condition("product", Op.EQ, ("Picolé",)), CHANNEL)),
        Condition("item", Op.NE, ("Mel",)),
        Or((ICE, CHANNEL)),
    ],
)
def test_other_rows_below_are_looked_at_by_what_is_asked_of_all_or_apart(other: Filter) -> None:
    """Of a sale with ice cream and no ice lolly, the lolly may be any line's."""
    assert filtered(And((ICE, other)), "category") == {"*"}


def test_filters_on_the_own_row_do_not_loosen_those_below() -> None:
    both = And((ICE, Not(CHANNEL), Condition("city", Op.NE, ("Recife",))))

    assert filtered(both, "category") == {"Sorvetes"}


def test_filters_by_the_shared_time_do_not_loosen_those_below() -> None:
    both = And((ICE, Not(Condition("time__month", Op.EQ, (date(2026, 1, 1),)))))

    assert filtered(both, "category") == {"Sorvetes"}


def test_filters_hold_rows_below_to_the_values_of_their_sale() -> None:
    found = tags(filters=And((CHANNEL, ICE)))

    assert about("channel", found) == {"iFood"}


def test_multiplied_rows_are_held_to_the_value_that_they_are_grouped_by() -> None:
    found = tags("qtd_vendas", "product", filters=ICE, deduplicate=True)

    assert about("category", found) == {"Sorvetes"}


def test_rows_below_of_one_table_are_the_own_rows_of_another() -> None:
    both = And((ICE, Condition("product", Op.NE, ("Bolo",))))

    assert about("category", tags("qtd_produtos", filters=both)) == {"Sorvetes"}
    assert about("category", tags("qtd_produtos qtd_vendas", filters=both)) == {"*"}


# Values that depend on a zone


def test_local_values_of_another_zone_are_any() -> None:
    nine = Condition("hour", Op.EQ, (9,))

    assert about("hour", tags(filters=nine)) == {"9"}
    assert about("hour", tags(filters=nine, timezone="UTC")) == {"*"}
    assert about("channel", tags(filters=And((nine, CHANNEL)), timezone="UTC")) == {"iFood"}


@pytest.mark.parametrize(
    ("name", "value"), [("sold_at__day", date(2026, 1, 1)), ("sold_at", datetime(2026, 1, 1, tzinfo=UTC))]
)
def test_times_are_told_by_dates_alone(name: str, value: Value) -> None:
    found = tags(filters=Condition(name, Op.EQ, (value,)))

    assert about("date", found) == {"2026-01"}
    assert not {tag for tag in found if tag.startswith(("sold_at", "time"))}

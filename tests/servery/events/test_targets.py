"""From changed relations to the tags of the model's tables."""

from collections.abc import Iterable
from datetime import date

from db.changes import Change
from db.outbox.source import Axis, Source, TimeType
from servery.events.targets import Targets

SOLD = Axis("sold_at", TimeType.TIMESTAMPTZ, "UTC")
PAID = Axis("paid_at", TimeType.TIMESTAMPTZ, "UTC")
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def tags_for(table: str, months: Iterable[date] | None) -> tuple[str, ...]:
    return (table,) if months is None else tuple(f"{table}@{month:%Y-%m}" for month in months)


def targets(*sources: Source) -> Targets:
    found = Targets(sources, tags_for)
    found.place({source.name: f"{source.schema}.{source.table}" for source in sources})
    return found


SALES = Source("sales", "shop", "sales", SOLD)


def test_months_of_several_changes_come_together() -> None:
    changes = [Change("shop.sales", SOLD.text, (JANUARY,)), Change("shop.sales", SOLD.text, (FEBRUARY,))]

    assert targets(SALES).tags(changes) == ("sales@2026-01", "sales@2026-02")


def test_any_month_beside_some_is_any() -> None:
    changes = [Change("shop.sales", SOLD.text, (JANUARY,)), Change("shop.sales", SOLD.text, None)]

    assert targets(SALES).tags(changes) == ("sales",)


def test_every_table_over_a_relation_is_told() -> None:
    twice = targets(SALES, Source("returns", "shop", "sales", SOLD), Source("stores", "shop", "stores"))

    assert twice.tags([Change("shop.sales", SOLD.text, (JANUARY,))]) == ("returns@2026-01", "sales@2026-01")


def test_months_by_another_column_say_nothing() -> None:
    both = targets(SALES, Source("payments", "shop", "sales", PAID), Source("plain", "shop", "sales"))

    assert both.tags([Change("shop.sales", SOLD.text, (JANUARY,))]) == ("payments", "plain", "sales@2026-01")


def test_months_in_another_zone_say_nothing() -> None:
    elsewhere = Axis("sold_at", TimeType.TIMESTAMPTZ, "Asia/Tokyo")

    assert targets(SALES).tags([Change("shop.sales", elsewhere.text, (JANUARY,))]) == ("sales",)


def test_what_a_person_told_is_taken_at_its_word() -> None:
    assert targets(SALES).tags([Change("shop.sales", None, (JANUARY,))]) == ("sales@2026-01",)


def test_relations_that_the_model_does_not_read_have_no_tags() -> None:
    assert targets(SALES).tags([Change("other.sales", None, None)]) == ()
    assert Targets([SALES], tags_for).tags([Change("shop.sales", None, None)]) == ()


def test_all_rows_of_a_relation_are_those_of_its_tables() -> None:
    assert targets(SALES, Source("stores", "", "stores")).tags_of(["shop.sales", "gone"]) == ("sales",)


def test_everything_is_every_table_wherever_it_is() -> None:
    assert Targets([SALES, Source("stores", "", "stores")], tags_for).all_tags == ("sales", "stores")

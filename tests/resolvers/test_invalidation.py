"""What a change outdates: the tags that it sets meet those of every answer that it may touch."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.dates import Days, Instants, Interval
from model.faults import Fault
from model.load import model_of_text
from model.viewer import ANONYMOUS
from resolvers.depends import tags_of
from resolvers.invalidation import changed, expanded, same_rows
from tests.plan.questions import RESTAURANT
from tests.resolvers.dependent import SMALL, plan

HERE = ZoneInfo("America/New_York")
ZONES = ["America/New_York", "UTC", "Asia/Kolkata", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Tokyo"]
COUNTED = {"people": "people_known", "orders": "orders_made", "clicks": "clicks_made"}
"""By table, whose times are a timestamptz, a date, and a timestamp of Tokyo."""


def set_by(*tags: str) -> set[str]:
    found = expanded(RESTAURANT, tags)
    assert list(found) == sorted(set(found))
    return set(found)


def refused(*tags: str) -> Fault:
    with pytest.raises(Fault) as caught:
        expanded(RESTAURANT, tags)
    assert caught.value.code == "INVALID_TAG"
    return caught.value


# The two sides are inverse


def month_of(day: date) -> tuple[date, date]:
    """Its first day, and that of the next month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)


def touches(table: str, interval: Interval, day: date) -> bool:
    """Whether rows of the range can lie in the month of that day: as instants, and dates as they stand."""
    first, after = month_of(day)
    if table == "orders":
        assert interval.first
        assert interval.last
        return interval.first < after and interval.last >= first
    assert interval.start
    assert interval.end
    return interval.start < midnight(after) and interval.end > midnight(first)


def is_hit(table: str, range_: Days | Instants, zone: str, day: date) -> tuple[bool, bool]:
    """Whether a change in that month outdates the answer, and whether it must."""
    asked = plan(COUNTED[table], model=SMALL, range_=range_, timezone=zone)
    assert asked.query.interval
    carried = tags_of(SMALL, asked, ANONYMOUS)
    return not {*carried}.isdisjoint(changed(table, [day])), touches(table, asked.query.interval, day)


starts = st.dates(date(1990, 1, 1), date(2040, 1, 1))
tables = st.sampled_from(sorted(COUNTED))
zones = st.sampled_from(ZONES)
months_away = st.integers(-27, 27)


@given(tables, starts, st.integers(0, 690), zones, months_away, st.sampled_from([0, 1]))
@example("people", date(2026, 1, 1), 30, "Asia/Kolkata", 0, 1)
def test_a_month_hits_the_answers_whose_ranges_touch_it_and_no_others(
    table: str, start: date, length: int, zone: str, away: int, end: int
) -> None:
    last = start + timedelta(days=length)
    day = (start, last)[end] + timedelta(days=30 * away)

    hit, must = is_hit(table, Days(start, last), zone, day)

    assert hit == must


@given(tables, starts, st.integers(1, 10_000), zones, st.integers(-3, 3))
def test_instants_are_told_apart_to_the_last_one(
    table: str, start: date, hours: int, zone: str, away: int
) -> None:
    """Ranges begin about the start of a month of the model's zone, where one moment more is another month."""
    moment = midnight(start.replace(day=1)) + timedelta(microseconds=away)
    end = midnight(month_of(start + timedelta(hours=hours))[1]) + timedelta(microseconds=-away)

    for day in (start, start.replace(day=1) - timedelta(days=1), end.date(), end.date() + timedelta(days=1)):
        hit, must = is_hit(table, Instants(moment, end), zone, day)
        assert hit == must


@given(tables, starts, st.integers(0, 12_000), zones, st.integers(-400, 400))
def test_no_range_however_long_is_missed(table: str, start: date, length: int, zone: str, away: int) -> None:
    days = Days(start, start + timedelta(days=length))

    hit, must = is_hit(table, days, zone, start + timedelta(days=30 * away))

    assert hit or not must


@given(starts)
def test_a_day_a_month_and_a_year_set_what_changes_in_them_set(day: date) -> None:
    month, year = f"{day:%Y-%m}", f"{day:%Y}"
    every_month = [day.replace(month=number, day=1) for number in range(1, 13)]

    assert set_by(f"table:sales@{day}") == set_by(f"table:sales@{month}") == set(changed("sales", [day]))
    assert set_by(f"table:sales@{year}") == set(changed("sales", every_month))


# Changes


def test_a_change_in_a_month_sets_it_its_year_and_any() -> None:
    months = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 15)]

    assert changed("sales", iter(months)) == (
        "table:sales@*",
        "table:sales@2025",
        "table:sales@2025-12",
        "table:sales@2026",
        "table:sales@2026-01",
    )


def test_a_change_anywhere_sets_the_table() -> None:
    assert changed("sales", None) == ("table:sales",)


def test_rows_without_a_time_are_in_no_month() -> None:
    assert changed("sales", []) == ("table:sales@*",)


def test_early_years_have_four_digits() -> None:
    assert "table:sales@0999-03" in changed("sales", [date(999, 3, 1)])


# Tags that people name


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ("table:sales", {"table:sales"}),
        ("table:sales@2026-01", {"table:sales@2026-01", "table:sales@2026", "table:sales@*"}),
        ("table:sales@2026-01-15", {"table:sales@2026-01", "table:sales@2026", "table:sales@*"}),
        ("date:2026-01", {"date:2026-01", "date:2026", "date:*"}),
        ("date:2026-01-31", {"date:2026-01", "date:2026", "date:*"}),
        ("date:2026", {"date:2026", "date:*", *(f"date:2026-{month:02}" for month in range(1, 13))}),
        ("channel:iFood", {"channel:iFood", "channel:*"}),
        ("channel:a:b@c", {"channel:a:b@c", "channel:*"}),
        ("channel_id:2", {"channel_id:2", "channel_id:*"}),
        ("channel_id:2.0", {"channel_id:2", "channel_id:*"}),
        ("tenant:acme", {"tenant:acme"}),
        ("tenant:2026-01", {"tenant:2026-01"}),
    ],
)
def test_a_tag_sets_all_that_it_is_part_of(tag: str, wanted: set[str]) -> None:
    assert set_by(tag) == wanted


def test_several_tags_set_what_each_sets() -> None:
    found = set_by("channel:iFood", "table:sales", "channel:iFood")

    assert found == {"channel:*", "channel:iFood", "table:sales"}


def test_a_table_that_the_model_has_under_several_names_is_set_under_all() -> None:
    assert same_rows(RESTAURANT, "products_a") == ("products", "products_a", "products_b")
    assert set_by("table:products") == {"table:products", "table:products_a", "table:products_b"}


def test_months_are_those_of_another_name_only_with_the_same_time() -> None:
    model = model_of_text("""
tables:
  sales:
    key: id
    time: sold
    dimensions: {sold: {column: at, type: timestamptz}}
    metrics: {made: {type: count}}
  again: {source: sales, key: id, time: at, dimensions: {at: {type: timestamptz}}}
  sent: {source: public.sales, key: id, time: sent_at, dimensions: {sent_at: {type: timestamptz}}}
  other: {source: archive.sales, key: id, dimensions: {kind: {}}}
  lines: {source: lines, key: id, dimensions: {line: {}}}
""")

    found = set(expanded(model, ["table:sales@2026-01"]))

    months = {f"table:{name}@{piece}" for name in ("sales", "again") for piece in ("2026-01", "2026", "*")}
    assert found == {*months, "table:sent", "table:other"}
    assert same_rows(model, "sent") == ("sales", "again", "sent")


def test_a_dimension_may_be_called_like_another_kind_of_tag() -> None:
    model = model_of_text("""
tables:
  sales:
    key: id
    dimensions: {table: {type: integer}, date: {}, tenant: {}}
    metrics: {sold: {type: count}}
""")

    assert expanded(model, ["table:5"]) == ("table:*", "table:5")
    assert expanded(model, ["table:sales"]) == ("table:sales",)
    assert {"date:2026", "date:2026-01", "date:*"} == {*expanded(model, ["date:2026-01"])}
    assert expanded(model, ["date:never"]) == ("date:*", "date:never")
    assert expanded(model, ["tenant:acme"]) == ("tenant:*", "tenant:acme")


# What is no tag


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("", "The empty text is no tag. Write table:<table>"),
        ("sales", "'sales' is no tag: it has no colon. Did you mean 'table:sales'?"),
        ("stuff", "'stuff' is no tag: it has no colon. Write table:<table>"),
        ("table:slaes", "the model has no table 'slaes'. Did you mean 'table:sales'"),
        ("table:slaes@2026", "Did you mean 'table:sales@2026'"),
        ("table:qqq", "Tables of the model: brands, "),
        ("table:", "the model has no table ''"),
        ("table:*", "the model has no table '*'"),
        ("table:Sales", "Did you mean 'table:sales'"),
        ("table:sales@", "Write @2026, @2026-01 or @2026-01-15 behind it, or table:sales for all rows."),
        ("table:sales@*", "names no day, month or year: '*'"),
        ("table:sales@2026-13", "names no day, month or year: '2026-13'"),
        ("table:sales@2026-02-30", "names no day"),
        ("table:sales@2026-1", "names no day"),
        ("table:sales@26", "names no day"),
        ("table:sales@0000", "names no day"),
        ("table:sales@\uff12\uff10\uff12\uff16", "names no day"),
        ("table:sales@2026@2026", "names no day"),
        ("date:yesterday", "'date:yesterday' is no day, month or year."),
        ("date:*", "is no day"),
        ("date:", "is no day"),
        ("chanel:iFood", "there is no dimension called 'chanel'. Did you mean 'channel:iFood'"),
        ("com_desconto:true", "there is no dimension called 'com_desconto'."),
        ("channel:*", "names no value of 'channel'. Name a value, or clear the table"),
        ("channel:", "clear the table that it is read from: table:channels."),
        ("channel:a\0b", "'a\\u0000b' is not a value of 'channel', which is string"),
        ("channel:\ud800", "is not a value"),
        ("channel_id:two", "'two' is not a value of 'channel_id', which is integer"),
        ("sold_at:2026-01", "'sold_at' is a time. Clear by date:2026-01"),
        ("tenant:", "names no tenant"),
        ("tenant:*", "names no tenant"),
        ("tenant:\udfff", "names no tenant"),
        (":", "there is no dimension called ''"),
        (" table:sales", "Did you mean 'table:sales'"),
    ],
)
def test_what_is_no_tag_is_refused_with_what_to_write(tag: str, told: str) -> None:
    fault = refused("table:sales", tag)

    assert told in fault.message
    assert fault.fields["tag"] == tag


def test_what_may_have_been_meant_is_a_tag() -> None:
    for tag in ("sales", "table:slaes", "table:slaes@2026", "chanel:iFood", "table:sales@x", "tabel:sales"):
        suggestions = refused(tag).fields["suggestions"]
        assert isinstance(suggestions, list)
        assert set_by(suggestions[0])


def test_a_long_tag_is_refused_and_shown_in_short() -> None:
    longest = f"channel:{'x' * (200 - len('channel:'))}"

    assert set_by(longest) == {longest, "channel:*"}
    assert len(refused(f"{longest}x").message) < 400


def test_at_most_a_hundred_tags_are_taken_and_at_least_one() -> None:
    assert set_by(*["table:sales"] * 100) == {"table:sales"}
    assert "101 tags are named, and the most is 100" in refused(*["table:sales"] * 101).message
    assert "No tag is named" in refused().message


@given(st.text(max_size=30) | st.from_regex(r"(table|date|tenant|channel_id):[0-9@*-]{0,12}"))
def test_any_text_sets_tags_that_answers_may_carry_or_is_refused(tag: str) -> None:
    found: tuple[str, ...] = ()
    with suppress(Fault):
        found = expanded(RESTAURANT, [tag])

    if found:
        assert all(":" in each for each in found)
    else:
        assert refused(tag).message.isprintable()

import enum
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, localcontext
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache import CacheKey, Unkeyable
from cache.canonical import Encoded, canonical_text

calm = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
"""A busy machine is no defect."""


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


def name_of(value: object) -> str:
    return CacheKey.of("analytics", {"value": value}, scope={}, version="1").name


def same(left: object, right: object) -> bool:
    return name_of(left) == name_of(right)


finite_numbers = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
texts = st.text(st.characters(codec="utf-8"))
scalars = (
    st.none()
    | st.booleans()
    | finite_numbers
    | texts
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.timedeltas()
    | st.uuids()
    | st.binary()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | st.frozensets(scalars, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, Decimal("1.00")),
        (1, 1.0),
        (100, Decimal("1E2")),
        (0, -0.0),
        (0, Decimal("-0.00")),
        (10**30, Decimal(10**30)),
        (0.5, Decimal("0.50")),
        ((1, 2), [1, 2]),
        (frozenset([8, 0]), frozenset([0, 8])),  # these two are iterated in the order they came in
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=-3)))),
        (
            datetime(2026, 1, 1, 12, tzinfo=UTC),
            datetime(2026, 1, 1, 9, tzinfo=ZoneInfo("America/Sao_Paulo")),
        ),
    ],
)
def test_equal_values_share_a_key(left: object, right: object) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, "null"),
        (None, False),
        ("", None),
        ([], {}),
        ([], None),
        ([1, 2], [2, 1]),
        ([1, 2], frozenset({1, 2})),
        ([[1], 2], [1, [2]]),
        (date(2026, 1, 1), "2026-01-01"),
        (date(2026, 1, 1), {"date": "2026-01-01"}),
        (date(2026, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - the naive one is the point
        (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),  # noqa: DTZ001 - the naive one is the point
        (time(1, 2), "01:02:00"),
        (timedelta(seconds=1), 1_000_000),
        (UUID(int=1), UUID(int=1).hex),
        (b"ab", "ab"),
        (b"ab", "6162"),
        (0.1, Decimal("0.1")),
        (10**30, 10**30 + 1),
        (
            Decimal("0.1234567890123456789012345678901234567890"),
            Decimal("0.1234567890123456789012345678901234567891"),
        ),
        ({"number": "1e0"}, 1),
        ({"mapping": {"a": 1}}, {"a": 1}),
        ({"set": [1]}, {1}),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
    ],
)
def test_different_values_have_different_keys(left: object, right: object) -> None:
    assert not same(left, right)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        slice(1),
        1j,
        "\ud83d\ude00",
        {1: "a"},
        time(1, tzinfo=UTC),
    ],
    ids=repr,
)
def test_what_has_no_place_in_a_key_is_refused(value: object) -> None:
    with pytest.raises(Unkeyable):
        name_of(value)


def test_endless_nesting_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(Unkeyable, match="nested"):
        name_of(endless)


@pytest.mark.parametrize("hours", [-14, 14])
def test_the_ends_of_the_calendar_have_keys(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))

    assert not same(datetime.min.replace(tzinfo=zone), datetime.max.replace(tzinfo=zone))


def test_an_integer_of_ten_thousand_digits_has_a_key() -> None:
    assert not same(10**10_000, 10**10_000 + 1)


def test_the_decimal_context_does_not_round_keys() -> None:
    with localcontext() as context:
        context.prec = 3

        assert not same(Decimal("1234.56"), Decimal("1234.57"))


@calm
@given(st.dictionaries(texts, values, min_size=2, max_size=6))
def test_the_order_of_names_does_not_matter(arguments: dict[str, object]) -> None:
    reversed_arguments = dict(reversed(arguments.items()))

    assert same(arguments, reversed_arguments)


@calm
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(0, 20))
def test_the_scale_of_a_decimal_does_not_matter(value: Decimal, zeros: int) -> None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    rescaled = Decimal((sign, digits + (0,) * zeros, exponent - zeros))

    assert same(value, rescaled)


@calm
@given(finite_numbers, finite_numbers)
def test_numbers_share_a_key_exactly_when_they_are_equal(
    left: float | Decimal, right: float | Decimal
) -> None:
    assert same(left, right) == (left == right)


def test_composed_and_decomposed_letters_are_two_questions_as_they_are_in_postgresql() -> None:
    assert not same(unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é"))


@calm
@given(st.text(), st.text())
def test_texts_share_a_key_exactly_when_they_are_the_same_text(left: str, right: str) -> None:
    try:
        shared = same(left, right)
    except Unkeyable:
        return

    assert shared == (left == right)


def typed(value: object) -> tuple[str, object]:
    """A value that equals another exactly when both are the same question."""
    comparable: object
    match value:
        case bool() | None:
            kind, comparable = "bool", repr(value)
        case int() | float() | Decimal():
            kind, comparable = "number", value
        case str():
            kind, comparable = "text", value
        case list():
            kind, comparable = "list", tuple(typed(item) for item in value)
        case dict():
            kind = "mapping"
            comparable = frozenset((typed(name), typed(item)) for name, item in value.items())
        case frozenset():
            kind, comparable = "set", frozenset(typed(item) for item in value)
        case datetime(tzinfo=None):
            kind, comparable = "local", value
        case _:
            kind, comparable = type(value).__name__, value
    return kind, comparable


@calm
@given(values, values)
def test_values_share_a_key_exactly_when_they_are_the_same_question(left: object, right: object) -> None:
    try:
        shared = same(left, right)
    except Unkeyable:
        return

    assert shared == (typed(left) == typed(right))


@calm
@given(values)
def test_a_tag_cannot_be_imitated_by_a_mapping_of_the_same_words(value: object) -> None:
    try:
        text = CacheKey.of("analytics", {"value": value}, scope={}, version="1").text
    except Unkeyable:
        return

    assert not same(value, text)
    assert not same(value, {"mapping": value})
    assert not same(value, [value])


@pytest.mark.parametrize("value", [None, (), {"a": (1, Decimal("1.50"))}, "ü", date(2026, 1, 1)])
def test_a_value_that_is_written_already_is_written_the_same(value: object) -> None:
    question = {"before": value, "list": [value, 1], "z": 2}
    written = {"before": Encoded(value), "list": [Encoded(value), 1], "z": 2}

    assert canonical_text(written) == canonical_text(question)

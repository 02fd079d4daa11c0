"""The normal form of filters keeps their meaning, and is one form."""

import operator
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from model.filters import EVERYTHING, NOTHING, And, Condition, Filter, Not, Op, Or, conditions, normalized
from model.value import Value

Row = dict[str, Value | None]
Truth = bool | None
"""None is what SQL calls unknown."""

ORDER: dict[Op, Callable[[Any, Any], bool]] = {
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
}
TEXT: dict[Op, Callable[[str, str], bool]] = {
    Op.CONTAINS: operator.contains,
    Op.SEARCH: lambda left, right: str(right).lower() in str(left).lower(),
    Op.STARTS_WITH: str.startswith,
    Op.ENDS_WITH: str.endswith,
}


def _any(truths: list[Truth]) -> Truth:
    return True if True in truths else None if None in truths else False


def _all(truths: list[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def _equal(found: Value | None, wanted: Value | None) -> Truth:
    if wanted is None:
        return found is None
    return None if found is None else found == wanted


def _condition(condition: Condition, row: Row) -> Truth:
    found, values = row[condition.name], condition.values
    match condition.op:
        case Op.EQ | Op.IN:
            return _any([_equal(found, value) for value in values])
        case Op.NE | Op.NOT_IN:
            return _any([_equal(found, value) for value in values]) is not True
        case Op.IS_NULL:
            return (found is None) is values[0]
        case op if found is None:
            return None
        case op if op in ORDER:
            return ORDER[op](found, values[0])
        case op:
            return TEXT[op](str(found), str(values[0]))


def truth(tree: Filter, row: Row) -> Truth:
    """What SQL makes of the filter for this row, in three-valued logic."""
    match tree:
        case Condition():
            return _condition(tree, row)
        case And(parts):
            return _all([truth(part, row) for part in parts])
        case Or(parts):
            return _any([truth(part, row) for part in parts])
        case Not(part):
            return truth(part, row) is not True


# A shared machine may pause at any time, so no single example has a deadline.
PATIENT = settings(deadline=None)

NUMBERS: st.SearchStrategy[Value] = st.integers(0, 3)
WORDS: st.SearchStrategy[Value] = st.sampled_from(["", "a", "b", "ab", "ba"])
LISTS = {Op.IN, Op.NOT_IN}
NULLABLE = {Op.EQ, Op.NE, Op.IN, Op.NOT_IN}


@st.composite
def _conditions(draw: st.DrawFn) -> Condition:
    name, values = draw(st.sampled_from([("lines", NUMBERS), ("status", WORDS)]))
    op = draw(st.sampled_from([op for op in Op if name == "status" or op not in TEXT]))
    path = draw(st.sampled_from(["", "filters.and.0"]))
    if op is Op.IS_NULL:
        return Condition(name, op, (draw(st.booleans()),), path)
    some: st.SearchStrategy[Value | None] = st.none() | values if op in NULLABLE else values
    count = (0, 4) if op in LISTS else (1, 1)
    found = draw(st.lists(some, min_size=count[0], max_size=count[1]))
    return Condition(name, op, tuple(found), path)


def _nested(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    lists = st.lists(parts, max_size=3).map(tuple)
    return st.builds(And, lists) | st.builds(Or, lists) | st.builds(Not, parts)


FILTERS: st.SearchStrategy[Filter] = st.recursive(_conditions(), _nested, max_leaves=8)
ROWS = st.fixed_dictionaries({"lines": st.none() | NUMBERS, "status": st.none() | WORDS})


@PATIENT
@given(FILTERS, ROWS)
def test_the_normal_form_passes_the_same_rows(tree: Filter, row: Row) -> None:
    assert (truth(normalized(tree), row) is True) == (truth(tree, row) is True)


@PATIENT
@given(FILTERS, ROWS)
def test_a_filter_and_its_complement_make_up_the_whole(tree: Filter, row: Row) -> None:
    complement = normalized(Not(tree))

    assert (truth(complement, row) is True) != (truth(tree, row) is True)


@PATIENT
@given(FILTERS)
def test_the_normal_form_of_the_normal_form_is_itself(tree: Filter) -> None:
    once = normalized(tree)

    assert normalized(once) == once
    assert repr(normalized(once)) == repr(once)


@PATIENT
@given(st.lists(FILTERS, max_size=4), st.randoms(use_true_random=False), st.sampled_from([And, Or]))
def test_order_repetition_and_nesting_of_parts_make_no_difference(
    parts: list[Filter], random: Random, kind: type[And] | type[Or]
) -> None:
    shuffled = [*parts, *parts[:2]]
    random.shuffle(shuffled)
    nested = kind((kind(tuple(shuffled[:2])), *shuffled[2:]))

    assert repr(normalized(nested)) == repr(normalized(kind(tuple(parts))))


@PATIENT
@given(st.lists(st.none() | NUMBERS, max_size=5), st.randoms(use_true_random=False))
def test_order_and_repetition_in_a_list_make_no_difference(
    values: list[Value | None], random: Random
) -> None:
    shuffled = [*values, *values[:2]]
    random.shuffle(shuffled)

    first = Condition("lines", Op.IN, tuple(values))
    second = Condition("lines", Op.IN, tuple(shuffled), "filters.lines.in")

    assert normalized(first) == normalized(second)


def test_a_list_of_one_is_an_equality() -> None:
    assert normalized(Condition("a", Op.IN, (1, 1))) == Condition("a", Op.EQ, (1,))
    assert normalized(Condition("a", Op.NOT_IN, (1,))) == Condition("a", Op.NE, (1,))


def test_equal_to_null_is_a_question_for_null() -> None:
    assert normalized(Condition("a", Op.EQ, (None,))) == Condition("a", Op.IS_NULL, (True,))
    assert normalized(Condition("a", Op.NOT_IN, (None, None))) == Condition("a", Op.IS_NULL, (False,))


def test_where_a_condition_stood_does_not_count() -> None:
    here, there = Condition("a", Op.EQ, (1,), "filters.a"), Condition("a", Op.EQ, (1,), "filters.or.0.a")

    assert normalized(And((here, there))) == Condition("a", Op.EQ, (1,))


def test_parts_that_decide_alone_swallow_the_others() -> None:
    some = Condition("a", Op.EQ, (1,))

    assert normalized(And((some, NOTHING))) == NOTHING
    assert normalized(Or((some, EVERYTHING))) == EVERYTHING
    assert normalized(Or((some, Or(())))) == some
    assert normalized(Not(Not(some))) == some
    assert normalized(Not(NOTHING)) == EVERYTHING


def test_conditions_are_found_from_left_to_right() -> None:
    first, second, third = (Condition(name, Op.IS_NULL, (True,)) for name in "abc")

    assert list(conditions(And((Not(first), Or((second, third)))))) == [first, second, third]
    assert list(conditions(None)) == []

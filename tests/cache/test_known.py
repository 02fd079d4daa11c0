"""Tokens that are known without asking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.known import Known


def test_what_was_told_is_known() -> None:
    known = Known()

    known.learn({"a": "1", "b": "2"}, known.mark())

    assert known.stamps(("a", "b")) == {"a": "1", "b": "2"}
    assert known.stamps(("a",)) == {"a": "1"}
    assert known.stamps(()) == {}


def test_one_that_is_not_known_spoils_the_answer() -> None:
    known = Known()

    known.learn({"a": "1"}, known.mark())

    assert known.stamps(("a", "b")) is None


def test_a_token_that_was_on_its_way_when_it_changed_is_not_learnt() -> None:
    known = Known()
    asked = known.mark()

    known.changed("a")
    known.learn({"a": "1", "b": "2"}, asked)

    assert known.stamps(("a",)) is None
    assert known.stamps(("b",)) == {"b": "2"}


def test_a_token_that_was_asked_for_after_the_change_is_learnt() -> None:
    known = Known()

    known.changed("a")
    known.learn({"a": "1"}, known.mark())

    assert known.stamps(("a",)) == {"a": "1"}


def test_a_change_forgets_a_token() -> None:
    known = Known()
    known.learn({"a": "1", "b": "2"}, known.mark())

    known.changed("a")

    assert known.tokens == {"b": "2"}


@pytest.mark.parametrize("forget", ["everything changed", "cleared"])
def test_nothing_that_was_on_its_way_survives_a_change_of_everything(forget: str) -> None:
    known = Known()
    known.learn({"a": "1"}, known.mark())
    asked = known.mark()

    if forget == "cleared":
        known.clear()
    else:
        known.changed(None)
    known.learn({"a": "1", "b": "2"}, asked)

    assert known.tokens == {}
    known.learn({"a": "2"}, known.mark())
    assert known.tokens == {"a": "2"}


def test_it_does_not_grow_without_end() -> None:
    known = Known()
    for number in range(60_000):
        known.learn({str(number): "1"}, known.mark())

    assert len(known.tokens) <= 50_001


def test_many_changes_do_not_make_it_forget_that_there_was_one() -> None:
    known = Known()
    asked = known.mark()
    known.changed("a")

    for number in range(60_000):
        known.changed(str(number))
    known.learn({"a": "1"}, asked)

    assert known.tokens == {}


tags = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(st.sampled_from(["ask", "reply", "change", "all"]), tags), max_size=40))
def test_in_no_order_of_things_it_holds_a_token_from_before_a_change(steps: list[tuple[str, str]]) -> None:
    known, now = Known(), dict.fromkeys("abc", 0)
    under_way: list[tuple[dict[str, str], int]] = []

    for step, tag in steps:
        match step:
            case "ask":
                mark = known.mark()
                under_way.append(({each: str(version) for each, version in now.items()}, mark))
            case "reply" if under_way:
                known.learn(*under_way.pop(0))
            case "change":
                now[tag] += 1
                known.changed(tag)
            case "all":
                now = {each: version + 1 for each, version in now.items()}
                known.changed(None)

        assert all(str(now[each]) == token for each, token in known.tokens.items())

import re

import pytest

from cache import OutsidePrefix
from cache.pattern import confined, escaped, owned, tags_of
from cache.tokens import EVERYTHING, MEMORY, bucket_of
from tests.cache.fakes import key

DIGITS = "0123456789abcdef"


@pytest.mark.parametrize("pattern", ["analytics:*", "analytics:query:*", "analytics:query:0[a-f]?*"])
def test_a_pattern_under_the_prefix_is_kept_as_it_is(pattern: str) -> None:
    assert confined(pattern, "analytics") == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "*",
        "**",
        "?nalytics:*",
        "[a]nalytics:*",
        "other:*",
        "analytics",
        "analytics:",
        "analytics*",
        "analytic*:*",
        "analytics2:*",
        " analytics:*",
        "\\analytics:*",
    ],
)
def test_a_pattern_that_reaches_further_is_refused(pattern: str) -> None:
    with pytest.raises(OutsidePrefix) as refusal:
        confined(pattern, "analytics")

    assert repr(pattern) in str(refusal.value)
    assert "analytics:" in str(refusal.value)
    with pytest.raises(OutsidePrefix):
        tags_of(pattern, "analytics")


def test_glob_characters_of_the_prefix_are_taken_literally() -> None:
    assert confined("a*b[c]:*", "a*b[c]") == r"a\*b\[c\]:*"


def test_an_escaped_text_matches_only_itself() -> None:
    assert escaped(r"a*?[b]^-\c") == r"a\*\?\[b\]\^\-\\c"


def test_without_a_prefix_nothing_is_ours() -> None:
    with pytest.raises(OutsidePrefix):
        confined(":*", "")


def test_a_name_of_another_application_is_refused() -> None:
    assert owned("analytics:query:1", "analytics") == "analytics:query:1"
    with pytest.raises(OutsidePrefix):
        owned("sessions:1", "analytics")


@pytest.mark.parametrize(
    "pattern",
    [
        "analytics:*",
        "analytics:query:*",
        "analytics:q*",
        "analytics:query:[0-9]*",
        "analytics:query:?bcd*",
        r"analytics:query:\abcd*",
        "analytics:*:0123*",
        "analytics:gen:*",
    ],
)
def test_a_pattern_whose_first_digit_is_open_stands_for_everything(pattern: str) -> None:
    assert tags_of(pattern, "analytics") == (EVERYTHING,)


@pytest.mark.parametrize(
    "pattern", ["analytics:query:abc*", "analytics:query:abcd0123", "analytics:query:abc[01]*"]
)
def test_a_pattern_with_all_digits_of_a_bucket_stands_for_that_bucket(pattern: str) -> None:
    assert tags_of(pattern, "analytics") == (MEMORY, "__key:abc")


@pytest.mark.parametrize("pattern", ["analytics:query:a*", "analytics:query:a?[0]*", "analytics:query:a-x*"])
def test_a_narrow_pattern_stands_for_every_bucket_that_it_can_reach(pattern: str) -> None:
    everyone = {f"__key:a{one}{two}" for one in DIGITS for two in DIGITS}

    assert set(tags_of(pattern, "analytics")) == {MEMORY} | everyone


@pytest.mark.parametrize("digits", range(1, 33))
def test_every_narrow_pattern_that_matches_a_name_has_its_bucket(digits: int) -> None:
    name = key().name
    start = "analytics:query:"

    tags = tags_of(f"{name[: len(start) + digits]}*", "analytics")

    assert bucket_of(name) in tags
    assert MEMORY in tags


def test_a_name_is_a_pattern_that_stands_for_its_own_bucket() -> None:
    name = key().name

    assert tags_of(name, "analytics") == (MEMORY, bucket_of(name))
    assert re.fullmatch(r"__key:[0-9a-f]{3}", bucket_of(name))

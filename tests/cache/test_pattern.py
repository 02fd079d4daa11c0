import pytest

from cache import OutsidePrefix
from cache.pattern import confined, owned


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


def test_glob_characters_of_the_prefix_are_taken_literally() -> None:
    assert confined("a*b[c]:*", "a*b[c]") == r"a\*b\[c\]:*"


def test_without_a_prefix_nothing_is_ours() -> None:
    with pytest.raises(OutsidePrefix):
        confined(":*", "")


def test_a_name_of_another_application_is_refused() -> None:
    assert owned("analytics:query:1", "analytics") == "analytics:query:1"
    with pytest.raises(OutsidePrefix):
        owned("sessions:1", "analytics")

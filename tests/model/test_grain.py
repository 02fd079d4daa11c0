"""Names of time: a dimension, two underscores, a grain or part."""

import pytest

from model.grain import TIME_SUFFIXES, Grain, Part, split_grain


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("time__month", ("time", Grain.MONTH)),
        ("shipped_on__day", ("shipped_on", Grain.DAY)),
        ("sold_at__minute_15", ("sold_at", Grain.MINUTE_15)),
        ("sold_at__hour_of_day", ("sold_at", Part.HOUR_OF_DAY)),
        ("month", ("month", None)),
        ("sold_at__fortnight", ("sold_at__fortnight", None)),
        ("sold_at_month", ("sold_at_month", None)),
        ("a__b__week", ("a__b", Grain.WEEK)),
        ("", ("", None)),
    ],
)
def test_a_known_suffix_is_split_off(name: str, split: tuple[str, Grain | Part | None]) -> None:
    assert split_grain(name) == split


def test_every_grain_and_part_has_a_suffix_of_its_own() -> None:
    assert len(TIME_SUFFIXES) == len(Grain) + len(Part)


def test_what_is_finer_than_a_day_is_an_instant() -> None:
    assert [grain for grain in Grain if grain.is_instant] == [Grain.MINUTE_15, Grain.MINUTE_30, Grain.HOUR]

import pytest

from db.snapshot import Snapshot


@pytest.mark.parametrize("text", ["10:20:10,14", "7:7:", "4294967297:4294967300:4294967299"])
def test_a_snapshot_is_written_as_it_was_read(text: str) -> None:
    assert Snapshot.read(text).text == text


@pytest.mark.parametrize("text", ["", "1", "1:2", "a:b:", "1:2:x", "1:2:3:4"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Snapshot.read(text)


def test_of_a_standby_only_what_is_over_for_sure_is_known() -> None:
    # 12 may still be running: a standby does not say so.
    assert Snapshot(10, 20).of_standby([3, 15, 15, 12]) == Snapshot(10, 10, told=(12, 15))


def test_what_was_told_is_forgotten_before_it_grows_without_end() -> None:
    assert Snapshot(0, 0).of_standby(range(10_000)).told == tuple(range(10_000))
    assert Snapshot(0, 0).of_standby(range(10_001)).told == ()
